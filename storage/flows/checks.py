"""What is wrong with a flow, here: its own faults, names that stand for nothing, and caps that leave it no room."""

from collections.abc import Iterator, Sequence

from sop import conditions
from sop.attachments import MATERIALS
from sop.fields import read
from sop.flows import graph
from sop.flows.document import Flow, OnEvent, OnSchedule, OnSegment
from sop.flows.lint import Fault, check
from sop.flows.nodes import Change, Message, Moment, Tag, Webhook, Welcome
from sop.flows.trees import trees
from sop.intents import Attachment
from sop.limits import Violation
from sop.policy import Policy
from storage.store import Store

_LONGEST_ID = 18  # digits


async def find_faults(store: Store, flow: Flow) -> list[Fault]:
    """Everything that stops it from being published, or that its author should know."""
    found = check(flow)
    found += await _entries(store, flow)
    for node, field, tree in trees(flow):
        if not conditions.check(tree, field, entry=True):
            found += await _tree(store, tree, node=node, field=field)
    found += await _nodes(store, flow)
    found += _caps(flow, await store.policy.current())
    return found


async def _nodes(store: Store, flow: Flow) -> list[Fault]:
    found: list[Fault] = []
    fields = await store.fields.all()
    for name, node in flow.nodes.items():
        where = f"nodes.{name}"
        match node:
            case Tag():
                found += await _tags(store, (*node.add, *node.remove), node=name, field=where)
            case Change() if node.name in fields and node.value is not None:
                found += [Fault(name, one) for one in read(fields[node.name], node.value, f"{where}.value")[1]]
            case Change() if node.name not in fields:
                zh, en = f"没有字段 {node.name}，请先新建", f"there is no field {node.name}: create it first"
                found.append(_fault(name, f"{where}.name", zh, en))
            case Webhook() if await store.webhooks.get(node.endpoint) is None:
                zh, en = "没有这个 webhook，请先新建", "there is no such webhook: create it first"
                found.append(_fault(name, f"{where}.endpoint", zh, en))
            case Message() | Welcome() | Moment():
                for number, attachment in enumerate(node.attachments):
                    found += await _material(store, attachment, node=name, field=f"{where}.attachments.{number}")
    return found


async def _material(store: Store, attachment: Attachment, *, node: str, field: str) -> list[Fault]:
    kind = MATERIALS.get(attachment.kind)
    if kind is None or not attachment.material:
        return []
    material = await store.materials.get(_number(attachment.material))
    if material is None or material.kind != kind:
        return [_fault(node, f"{field}.material", f"没有这个 {kind} 素材", f"there is no such material of kind {kind}")]
    if material.expires_at is None or material.expires_at <= store.now:
        zh = "素材尚未上传到企业微信或已过期，请先上传"
        en = "the material is not at WeCom or has expired there: have it uploaded first"
        return [_fault(node, f"{field}.material", zh, en, stops=False)]
    return []


async def _tree(store: Store, tree: conditions.Tree, *, node: str, field: str) -> list[Fault]:
    found = await _tags(store, sorted(conditions.named(tree, "tag")), node=node, field=field)
    for each in sorted(conditions.named(tree, "channel")):
        if await store.channels.get(_number(each)) is None:
            found.append(_fault(node, field, f"没有渠道 {each}", f"there is no channel {each}"))
    for each in sorted(conditions.named(tree, "segment")):
        if await store.segments.get(int(each)) is None:
            found.append(_fault(node, field, f"没有分群 {each}", f"there is no segment {each}"))
    return found


async def _tags(store: Store, tags: Sequence[str], *, node: str, field: str) -> list[Fault]:
    known = await store.tags.find(tags)
    gone = [tag for tag in dict.fromkeys(tags) if tag not in known or known[tag].deleted]
    return [_fault(node, field, f"没有标签 {tag}，请改选", f"there is no tag {tag}: choose another") for tag in gone]


async def _entries(store: Store, flow: Flow) -> list[Fault]:
    named: list[tuple[str, str, bool]] = []
    for number, entry in enumerate(flow.entries):
        if isinstance(entry, OnEvent):
            named += [
                (f"entries.{number}.channels", f"渠道 {each}/channel {each}", await store.channels.get(each) is None)
                for each in entry.channels
            ]
        elif isinstance(entry, OnSegment | OnSchedule) and entry.segment:
            gone = await store.segments.get(entry.segment) is None
            named.append((f"entries.{number}.segment", f"分群 {entry.segment}/segment {entry.segment}", gone))
    if segment := flow.exits.segment:
        gone = await store.segments.get(segment) is None
        named.append(("exits.segment", f"分群 {segment}/segment {segment}", gone))
    return [
        _fault("", field, f"没有{what.partition('/')[0]}", f"there is no {what.partition('/')[2]}")
        for field, what, gone in named
        if gone
    ]


def _caps(flow: Flow, policy: Policy) -> Iterator[Fault]:
    """Where the caps across all flows leave less room than the flow counts on."""
    caps = policy.group_caps if flow.subject == "group" else policy.caps
    most = min((cap.count for cap in caps if cap.count), default=0)
    for name, node in flow.nodes.items():
        together = sum(isinstance(flow.nodes[each], Message) for each in graph.at_once(flow, name))
        if isinstance(node, Message) and together > most > 0:
            yield _fault(
                name,
                f"nodes.{name}",
                f"从这里起连续 {together} 条消息，超过全局频次上限 {most}，多出的会被跳过或推迟；请加入等待",
                f"{together} messages follow at once from here, over the cap of {most}: put waits between them",
                stops=False,
            )
    wider = [cap for cap in caps if cap.count and cap.days >= flow.cap.days and flow.cap.count > cap.count]
    if wider:
        yield _fault(
            "",
            "cap",
            f"流程上限 {flow.cap.count} 大于全局上限 {wider[0].count}，以较严者为准",
            f"the flow's cap of {flow.cap.count} is wider than the cap of {wider[0].count} for all: the latter counts",
            stops=False,
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID + 1 else 0


def _fault(node: str, field: str, zh: str, en: str, *, stops: bool = True) -> Fault:
    return Fault(node, Violation(field, zh, en), stops)
