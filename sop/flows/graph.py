"""The graph of a flow: what can be reached from where, and where those go whose node is no more."""

from collections.abc import Callable, Iterable, Mapping

from sop.flows.document import Flow
from sop.flows.nodes import Jump, Node, Wait


def after(node: Node) -> tuple[str, ...]:
    """The nodes that can follow, the way on first; the end is not among them."""
    return tuple(dict.fromkeys(to for _, to in node.ways() if to))


def reachable(flow: Flow, start: Iterable[str] = ()) -> frozenset[str]:
    """The nodes that somebody can come to, from the start if nothing else is given."""
    return _walk(flow, tuple(start) or (flow.start,), stops=lambda _: False)


def at_once(flow: Flow, node: str) -> frozenset[str]:
    """The nodes that can be performed without waiting when somebody is due at this one, itself among them."""
    found = flow.nodes.get(node)
    return _walk(flow, (node, *after(found)) if found else (), stops=lambda each: isinstance(each, Wait))


def in_one_turn(flow: Flow, node: str) -> frozenset[str]:
    """What somebody due at a node may come to before they wait: what they wait for may have happened, or hold, already.

    Spans and wall times end the turn, even those that are over: the next turn is taken at once.
    """
    found = flow.nodes.get(node)
    return _walk(flow, (node, *after(found)) if found else (), stops=_takes_time)


def circles(flow: Flow) -> list[str]:
    """The nodes from which one comes back to them without a wait and without a jump, which counts."""
    return sorted(name for name in flow.nodes if name in _hurry(flow, name))


def survivors(old: Flow, new: Flow) -> Mapping[str, str]:
    """Where those at each node of `old` that is not in `new` go on: the next one that is, else the end.

    Each way is followed once, so that a loop of deleted nodes leads out of the flow.
    """
    found = {}
    for name in old.nodes.keys() - new.nodes.keys():
        found[name] = next((one for one in _follow(old, name) if one in new.nodes), "")
    return found


def _hurry(flow: Flow, start: str) -> frozenset[str]:
    """What comes after a node at once, itself only if it is in a circle."""
    seen, queue = set[str](), [start]
    while queue:
        node = flow.nodes[queue.pop()]
        if isinstance(node, Wait | Jump):
            continue
        fresh = {to for to in after(node) if to in flow.nodes} - seen
        seen |= fresh
        queue += fresh
    return frozenset(seen)


def _follow(flow: Flow, name: str) -> list[str]:
    """All that may come after a node, the nearest first."""
    order, seen, queue = list[str](), {name}, [name]
    while queue:
        node = flow.nodes.get(queue.pop(0))
        for to in after(node) if node else ():
            if to not in seen:
                seen.add(to)
                order.append(to)
                queue.append(to)
    return order


def _takes_time(node: Node) -> bool:
    return isinstance(node, Wait) and node.takes_time


def _walk(flow: Flow, start: tuple[str, ...], *, stops: Callable[[Node], bool]) -> frozenset[str]:
    seen, queue = set[str](), [name for name in start if name in flow.nodes]
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        node = flow.nodes[name]
        if not stops(node):
            queue += [to for to in after(node) if to in flow.nodes]
    return frozenset(seen)
