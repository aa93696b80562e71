"""The matrix of live edits: what was edited × what somebody was waiting for × whether they follow or finish.

Everybody is parked at `here` since the beginning and stays there for two days, or until nine the next morning where the
policy holds their message back. An hour after the beginning the flow is edited. Then time goes by, every turn is told
twice, and what was said when is compared with what was to be said; nothing is ever said twice.
"""

from collections.abc import Callable
from datetime import time, timedelta
from itertools import product
from typing import Any

import pytest

from handlers.flows.changes import stir
from sop.events import FlowChanged
from sop.flows import document, enrolments
from sop.policy import Policy
from sop.policy.quiet import Quiet, QuietWindow
from sop.relations import Deed
from storage.engine.sql import Statement
from storage.values import from_ms
from tests.handlers.desk import START, Desk
from tests.handlers.flowing import happen, inside, messages, publish, steps, turn

NIGHT = Policy(quiet=Quiet(windows=(QuietWindow(start=time(12), end=time(9)),)))  # it is four in the afternoon
MORNING = 17  # hours from the beginning to nine the next morning
EDITED, BOUGHT, HORIZON = 1, 3, 200  # hours
NEXT = Statement("SELECT MIN(due_at) AS due_at FROM enrolments WHERE corp_id = :corp_id AND status = 'parked'")
LOST, ACTIVE = {"status": ["lost"]}, {"status": ["active"]}
Nodes = dict[str, dict[str, Any]]
Said = list[tuple[str, int]]


def wait(**what: Any) -> dict[str, Any]:
    return {"kind": "wait", **what}


def say(text: str, **rest: Any) -> dict[str, Any]:
    return {"kind": "message", "text": text, **rest}


def here(kind: str, days: int = 2) -> dict[str, Any]:
    """The step at which somebody is parked, for so many days."""
    return {
        "span": wait(**{"for": f"P{days}D"}),
        "clock": wait(until={"at": "16:00:00", "days": days}),
        "date": wait(date={"field": "added_at", "offset": days, "at": "16:00:00"}),
        "event": wait(event={"event": "order_paid"}, within=f"P{days}D"),
        "condition": wait(condition={"did": {"event": "order_paid"}}, within=f"P{days}D"),
        "delayed": say("here"),
    }[kind] | {"next": "b"}


def base(kind: str) -> Nodes:
    """The flow as it was: first → here → b → tip → gap → end."""
    return {
        "first": {"kind": "branch", "cases": [{"name": "lost", "if": LOST}], "next": "here"},
        "here": here(kind),
        "b": {"kind": "branch", "cases": [{"name": "lost", "if": LOST}], "next": "tip"},
        "tip": say("tip", next="gap"),
        "gap": wait(**{"for": "P1D", "next": "end"}),
        "end": say("end"),
    }


def short(kind: str) -> Nodes:
    """The same without anything after the step."""
    whole = base(kind)
    return {"first": whole["first"], "here": {**whole["here"], "next": ""}}


def whole(kind: str, over: int) -> Said:
    """What is said where nothing was edited."""
    held = [("here", over)] if kind == "delayed" else []
    return [*held, ("tip", over), ("end", over + 24)]


def unlink(nodes: Nodes, to: str) -> Nodes:
    """The nodes without the step."""
    return {"first": {**nodes["first"], "next": to}, **{name: node for name, node in nodes.items() if name not in
            ("first", "here")}}  # fmt: skip


def rewrite(kind: str, nodes: Nodes) -> Nodes:
    """Other words."""
    held = {"here": {**nodes["here"], "text": "HERE"}} if kind == "delayed" else {}
    return {**nodes, **held, "tip": say("TIP", next="gap")}


def stretch(days: int) -> Callable[[str, Nodes], Nodes]:
    """Another length of the wait; where a message is held back, of the next wait."""

    def edit(kind: str, nodes: Nodes) -> Nodes:
        gap = {"gap": wait(**{"for": f"P{days}D", "next": "end"})}
        return {**nodes, **(gap if kind == "delayed" else {"here": here(kind, days)})}

    return edit


def become(kind: str, nodes: Nodes) -> Nodes:
    """Another kind of step under the same name."""
    return {**nodes, "here": wait(**{"for": "P1D", "next": "b"}) if kind == "delayed" else say("now", next="b")}


def add_case(_: str, nodes: Nodes) -> Nodes:
    """A case that holds for them."""
    cases = [{"name": "vip", "if": ACTIVE, "next": "vip"}, *nodes["b"]["cases"]]
    return {**nodes, "b": {**nodes["b"], "cases": cases}, "vip": say("vip")}


def upper(kind: str, over: int) -> Said:
    """The whole in other words."""
    return [(text if text == "end" else text.upper(), hour) for text, hour in whole(kind, over)]


def stretched(days: int) -> Callable[[str, int], Said]:
    """What follows from another length."""

    def expect(kind: str, over: int) -> Said:
        if kind == "delayed":
            return [*whole(kind, over)[:-1], ("end", over + 24 * days)]
        return whole(kind, over if over == BOUGHT else 24 * days)

    return expect


def held(kind: str, over: int) -> Said:
    """What was held back is said in any case."""
    return whole(kind, over)[:1] if kind == "delayed" else []


def at_once(kind: str, _: int) -> Said:
    """On from the edit, or from the first hour that is not quiet."""
    begin = MORNING if kind == "delayed" else EDITED
    return [("tip", begin), ("end", begin + 24)]


def became(kind: str, _: int) -> Said:
    """The new step is done now; a wait counts from when they came to it, and what follows waits for the morning."""
    if kind == "delayed":
        return [("tip", MORNING + 24), ("end", MORNING + 48)]
    return [("now", EDITED), *at_once(kind, 0)]


# An edit, and what is said then to those who follow, by where they are and when that would be over.
EDITS: dict[str, tuple[Callable[[str, Nodes], Nodes], Callable[[str, int], Said]]] = {
    "content changed": (rewrite, upper),
    "wait shortened": (stretch(1), stretched(1)),
    "wait lengthened": (stretch(3), stretched(3)),
    "inserted ahead": (
        lambda _, nodes: {**nodes, "here": {**nodes["here"], "next": "new"}, "new": say("new", next="b")},
        lambda kind, over: [*held(kind, over), ("new", over), ("tip", over), ("end", over + 24)],
    ),
    "inserted behind": (
        lambda _, nodes: {**nodes, "first": {**nodes["first"], "next": "new"}, "new": say("new", next="here")},
        whole,
    ),
    "deleted with a successor": (lambda _, nodes: unlink(nodes, "b"), at_once),
    "kind changed": (become, became),
    "tail replaced": (
        lambda _, nodes: {"first": nodes["first"], "here": {**nodes["here"], "next": "x"}, "x": say("x")},
        lambda kind, over: [*held(kind, over), ("x", over)],
    ),
    "case added": (add_case, lambda kind, over: [*held(kind, over), ("vip", over)]),
}
KINDS = ("span", "clock", "date", "event", "condition", "delayed")
ON_BOTH = ("span", "condition", "delayed")
MATRIX = [
    *product(["sqlite"], EDITS, KINDS, ["follow", "finish"]),
    *product(["postgresql"], EDITS, ON_BOTH, ["follow"]),
]


async def begin(desk: Desk, kind: str, nodes: Nodes) -> int:
    """Somebody is parked at the step."""
    await desk.record(Deed.ADDED)
    if kind == "delayed":
        await desk.apply(lambda store: store.policy.put(NIGHT, by="x"))
    flow = await publish(desk, made(nodes))
    await happen(desk, "added")
    await turn(desk, flow)
    assert [(one["status"], one["node"]) for one in await inside(desk)] == [("parked", "here")]
    return flow


def made(nodes: Nodes) -> document.Flow:
    entries = [{"kind": "event", "event": "added"}]
    return document.parse({"name": "a flow", "entries": entries, "start": "first", "nodes": nodes})


async def edit(desk: Desk, flow: int, nodes: Nodes, *, mode: str) -> None:
    """The edit is out, and told twice."""
    desk.now = START + timedelta(hours=EDITED)
    await publish(desk, made(nodes), mode=mode)
    for _ in range(2):
        await desk.run(stir, FlowChanged(corp_id="ww1", at=desk.now, flow_id=flow, version=2))
        await turn(desk, flow)


async def live(desk: Desk, flow: int) -> Said:
    """Time goes by until nobody is inside: what was said, and in which hour."""
    said: Said = []
    while True:
        found = [text for _, text, _ in await messages(desk)][len(said) :]
        said += [(text, round((desk.now - START) / timedelta(hours=1))) for text in found]
        (row,) = await desk.store().scope.fetch(NEXT)
        if row["due_at"] is None:
            return said
        desk.now = max(desk.now, from_ms(row["due_at"]))
        assert desk.now < START + timedelta(hours=HORIZON)
        await turn(desk, flow)
        await turn(desk, flow)


def expected(edit: str, kind: str, mode: str, over: int) -> Said:
    return (EDITS[edit][1] if mode == "follow" else whole)(kind, over)


@pytest.mark.parametrize(("backend", "name", "kind", "mode"), MATRIX)
async def test_who_is_parked_when_a_flow_is_edited_hears_what_they_should_and_nothing_twice(desk, name, kind, mode):
    nodes = base(kind)
    flow = await begin(desk, kind, nodes)
    await edit(desk, flow, EDITS[name][0](kind, nodes), mode=mode)
    assert await live(desk, flow) == expected(name, kind, mode, MORNING if kind == "delayed" else 48)
    visits = [(node, visit) for node, visit, *_ in await steps(desk)]
    assert len(visits) == len(set(visits))


STAYING = [name for name in EDITS if name not in ("deleted with a successor", "kind changed")]


@pytest.mark.parametrize("mode", ["follow", "finish"])
@pytest.mark.parametrize("kind", ["event", "condition"])
@pytest.mark.parametrize("name", STAYING)
async def test_what_was_waited_for_wakes_after_an_edit_as_before(desk, name, kind, mode):
    nodes = base(kind)
    flow = await begin(desk, kind, nodes)
    await edit(desk, flow, EDITS[name][0](kind, nodes), mode=mode)
    desk.now = START + timedelta(hours=BOUGHT)
    await happen(desk, "order_paid")
    await turn(desk, flow)
    assert await live(desk, flow) == expected(name, kind, mode, BOUGHT)


@pytest.mark.parametrize("mode", ["follow", "finish"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_step_deleted_at_the_end_lets_out_who_follows_with_the_reason(desk, kind, mode):
    flow = await begin(desk, kind, short(kind))
    whole_way = short(kind)
    await edit(desk, flow, {"first": {**whole_way["first"], "next": ""}}, mode=mode)
    said = await live(desk, flow)
    (one,) = await inside(desk)
    if mode == "follow":
        assert (said, one["reason"]) == ([], enrolments.NODE_GONE)
    else:
        assert (said, one["reason"]) == (whole(kind, MORNING)[:1] if kind == "delayed" else [], enrolments.FINISHED)
