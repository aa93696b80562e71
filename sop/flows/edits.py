"""Edits of a flow that people are in: whom a new version concerns, where they go on, what an operator is told.

Whoever follows is placed at the next turn, so nothing is rewritten but the moment of those whose node has changed: a
wait is reckoned anew from when it began, a content is what it is when it is sent, a deleted node leads to the next that
is left. What was inserted ahead is come to, what was inserted behind is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sop.flows import graph
from sop.flows.document import Flow
from sop.flows.enrolments import MOVED, Enrolment, Step
from sop.flows.nodes import Wait

Fate = Literal["stays", "reckoned", "changed", "moves", "leaves"]
Mode = Literal["follow", "finish"]


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is out, and what those inside do about it."""

    flow: Flow
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What an edit means for those at one node: `to` is where they go on, if they move."""

    node: str
    count: int
    fate: Fate
    to: str = ""


def newest(version: int, versions: Mapping[int, Published]) -> int:
    """The version that somebody of `version` goes by: on as long as each next one is followed."""
    while version + 1 in versions and versions[version + 1].mode == "follow":
        version += 1
    return version


def place(
    enrolment: Enrolment, versions: Mapping[int, Published], now: datetime
) -> tuple[Flow, Enrolment, Step | None]:
    """The flow that somebody goes by, where they are in it, and the step that it took to get there, if any."""
    target, step = newest(enrolment.version, versions), None
    while enrolment.version < target:
        old, new = versions[enrolment.version].flow, versions[enrolment.version + 1].flow
        enrolment = replace(enrolment, version=enrolment.version + 1)
        if enrolment.node not in new.nodes:
            to = graph.survivors(old, new).get(enrolment.node, "")
            step = step or Step(
                node=enrolment.node, visit=enrolment.visit, verdict="skipped", reason=MOVED, facts={"to": to}
            )
            if not to:  # they leave, whatever a later version has again
                return new, enrolment, step
            enrolment = _move(enrolment, to, now)
    return versions[enrolment.version].flow, enrolment, step


def touched(old: Flow, new: Flow) -> tuple[str, ...]:
    """The nodes at which somebody who waits has to be looked at anew: changed ones and deleted ones."""
    return tuple(name for name, node in sorted(old.nodes.items()) if new.nodes.get(name) != node)


def outlook(old: Flow, new: Flow, counts: Mapping[str, int]) -> tuple[Outlook, ...]:
    """What following means for those at each node, in the order of the old flow."""
    survivors = graph.survivors(old, new)
    return tuple(_see(old, new, name, count=counts.get(name, 0), survivors=survivors) for name in old.nodes)


def _see(old: Flow, new: Flow, name: str, *, count: int, survivors: Mapping[str, str]) -> Outlook:
    before, after = old.nodes[name], new.nodes.get(name)
    if after is None:
        to = survivors[name]
        return Outlook(node=name, count=count, fate="moves" if to else "leaves", to=to)
    if after == before:
        return Outlook(node=name, count=count, fate="stays")
    fate: Fate = "reckoned" if isinstance(before, Wait) and isinstance(after, Wait) else "changed"
    return Outlook(node=name, count=count, fate=fate)


def _move(enrolment: Enrolment, to: str, now: datetime) -> Enrolment:
    visits = {**enrolment.visits, to: enrolment.visits.get(to, 0) + 1}
    return replace(enrolment, node=to, visit=visits[to], visits=visits, node_at=now, due_at=now, signal=None)
