"""The conditions of a flow, each with where it stands."""

from collections.abc import Iterator

from sop.flows.document import Flow, OnEvent
from sop.flows.nodes import Branch, Tree, Wait


def trees(flow: Flow) -> Iterator[tuple[str, str, Tree]]:
    """Every condition of a flow: the node (or none), the field, and the tree."""
    for number, entry in enumerate(flow.entries):
        if entry.condition is not None:
            yield "", f"entries.{number}.if", entry.condition
    for name, node in flow.nodes.items():
        if isinstance(node, Wait) and node.condition is not None:
            yield name, f"nodes.{name}.condition", node.condition
        elif isinstance(node, Branch):
            for number, case in enumerate(node.cases):
                yield name, f"nodes.{name}.cases.{number}.if", case.condition


def wheres(flow: Flow) -> Iterator[tuple[str, str, Tree]]:
    """What the data of events must be like: the node (or none), the field, and what it says of each name."""
    for number, entry in enumerate(flow.entries):
        if isinstance(entry, OnEvent) and entry.where:
            yield "", f"entries.{number}.where", entry.where
    if flow.goal is not None and flow.goal.where:
        yield "", "goal.where", flow.goal.where
    for name, node in flow.nodes.items():
        if isinstance(node, Wait) and node.event is not None and node.event.where:
            yield name, f"nodes.{name}.event.where", node.event.where
