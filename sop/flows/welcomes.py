"""What a flow greets new customers with, before anything else of it happens."""

from sop.experiments import choose
from sop.flows.document import Flow, OnEvent
from sop.flows.nodes import Split, Welcome

ADDED = "added"
_FARTHEST = 10  # splits on the way


def salt(split: Split, flow_id: int, node: str) -> str:
    """What divides at a split: the same for the greeting and for the way that follows it."""
    return split.salt or f"{flow_id}:{node}"


def pick(split: Split, flow_id: int, node: str, *, subject: str) -> str:
    """The arm of a subject."""
    return split.promoted or choose(salt(split, flow_id, node), subject, {arm.name: arm.share for arm in split.arms})


def openings(flow: Flow) -> frozenset[str]:
    """The nodes that a new customer may begin with: the start, or what splits lead to from there."""
    found, queue = set[str](), [flow.start]
    while queue:
        name = queue.pop()
        if name in flow.nodes and name not in found:
            found.add(name)
            node = flow.nodes[name]
            queue += [to for _, to in node.ways()] if isinstance(node, Split) else []
    return frozenset(found)


def greet(flow: Flow, flow_id: int, subject: str, *, channel_id: int | None) -> Welcome | None:
    """The welcome that somebody who is added by this channel is to get, if the flow has one for them."""
    entries = [entry for entry in flow.entries if isinstance(entry, OnEvent) and entry.event == ADDED]
    if not any(not entry.channels or channel_id in entry.channels for entry in entries):
        return None
    name = flow.start
    for _ in range(_FARTHEST):
        node = flow.nodes.get(name)
        if not isinstance(node, Split):
            return node if isinstance(node, Welcome) else None
        arm = next(arm for arm in node.arms if arm.name == pick(node, flow_id, name, subject=subject))
        name = "" if arm.holdout else arm.next
    return None
