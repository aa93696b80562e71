"""What is wrong with a flow, here: its own faults, and names that stand for nothing or are about to."""

from console.api.call import Call
from console.flows.shapes import FaultOut
from console.names import check_channels, check_material, check_tags
from sop import conditions
from sop.flows.document import Flow, OnEvent
from sop.flows.lint import Fault, check, trees
from sop.flows.nodes import Change, Message, Tag, Welcome
from sop.limits import Violation


async def find_faults(call: Call, flow: Flow) -> list[Fault]:
    """Everything that stops it from being published, or that its author should know."""
    found = check(flow)
    for number, entry in enumerate(flow.entries):
        if isinstance(entry, OnEvent):
            found += _of("", await check_channels(call, entry.channels, field=f"entries.{number}.channels"))
    for name, field, tree in trees(flow):
        if not conditions.check(tree, field, entry=True):
            found += _of(name, await _check_tree(call, tree, field))
    fields = await call.store.fields.all()
    for name, node in flow.nodes.items():
        where = f"nodes.{name}"
        if isinstance(node, Tag):
            found += _of(name, await check_tags(call, (*node.add, *node.remove), field=f"{where}.add"))
        elif isinstance(node, Change) and node.name not in fields:
            zh, en = f"没有字段 {node.name}，请先新建", f"there is no field {node.name}: create it first"
            found += _of(name, [Violation(f"{where}.name", zh, en)])
        elif isinstance(node, Message | Welcome):
            for place, attachment in enumerate(node.attachments):
                found += _of(name, await check_material(call, attachment, field=f"{where}.attachments.{place}"))
    return found


async def _check_tree(call: Call, tree: conditions.Tree, field: str) -> list[Violation]:
    found = await check_channels(call, conditions.named(tree, "channel"), field=field)
    return found + await check_tags(call, conditions.named(tree, "tag"), field=field)


def _of(node: str, violations: list[Violation]) -> list[Fault]:
    return [Fault(node, violation) for violation in violations]


def show_faults(faults: list[Fault]) -> tuple[FaultOut, ...]:
    """Those that stop it first."""
    ordered = sorted(faults, key=lambda fault: not fault.stops)
    return tuple(
        FaultOut(
            node=fault.node,
            field=fault.violation.field,
            zh=fault.violation.message_zh,
            en=fault.violation.message_en,
            stops=fault.stops,
        )
        for fault in ordered
    )
