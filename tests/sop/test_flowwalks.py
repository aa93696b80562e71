"""Whatever the flow and whatever happens in whatever order: nobody does a visit of a node twice, and nobody is lost."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.flows import edits, enrolments, graph, lint
from sop.flows.document import Flow
from sop.flows.edits import Published
from sop.flows.enrolments import Enrolment, Signal
from sop.flows.nodes import Goal, Jump, Node
from sop.policy import Delay, Send, Skip
from tests.sop.flowgrowing import NAMES, VIP, flows, line
from tests.sop.flowing import HOUR, MONDAY, World, enter

MOST_AT_ONCE = 60  # turns at one moment


@dataclass
class Way:
    """One subject's way, kept as the rows keep it: a turn is written if nobody has moved them since it was read."""

    versions: dict[int, Published]
    one: Enrolment
    world: World = field(default_factory=World)
    visits: list[tuple[str, int]] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    read: Enrolment | None = None  # what a second worker has read
    ended: bool = False

    def turn(self, before: Enrolment) -> bool:
        """One turn from what was read; whether it was written."""
        if before.status != "parked" or before.due_at > self.world.now:
            return False
        flow, placed, step = edits.place(before, self.versions, self.world.now)
        turn = self.world.turn(flow, placed)
        if before.fence != self.one.fence:
            return False
        assert not self.ended
        taken = [step, *turn.steps] if step else turn.steps
        self.visits += [(each.node, each.visit) for each in taken]
        self.effects += [each.message.effect for each in turn.asked if isinstance(each.verdict, Send)]
        self.one = replace(turn.after, fence=before.fence + 1)
        self.ended = self.one.status != "parked"
        return True

    def settle(self) -> None:
        """Turn after turn until nothing more is due."""
        for _ in range(MOST_AT_ONCE):
            if not self.turn(self.one):
                return
        raise AssertionError(f"never comes to rest: {self.one}")

    def act(self, deed: str, value: Any) -> None:
        """Something happens."""
        getattr(self, deed)(value)

    def wait(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)

    def take(self, _: None) -> None:
        self.settle()

    def look(self, _: None) -> None:
        self.read = self.one

    def again(self, _: None) -> None:
        """A turn is told a second time, or taken by a worker that was asleep."""
        self.turn(self.read or self.one)

    def happen(self, name: str) -> None:
        self.world.past.append(Signal(name=name, at=self.world.now))
        self.stir(signal=self.world.past[-1])

    def hold(self, held: bool) -> None:
        self.world.true = [VIP] if held else []

    def gate(self, says: str) -> None:
        verdicts = {"send": Send(), "skip": Skip("cap"), "delay": Delay(self.world.now + 5 * HOUR, "quiet_hours")}
        self.world.verdicts = dict.fromkeys(NAMES, verdicts[says])

    def leave(self) -> None:
        self.stir(leaving=enrolments.GOAL)

    def stir(self, **changes: Any) -> None:
        """Have them looked at now, if they are inside."""
        if self.one.status == "parked":
            self.one = replace(self.one, due_at=min(self.one.due_at, self.world.now), **changes)

    def publish(self, edit: tuple[Flow, edits.Mode]) -> None:
        """The next version; who follows and is at what was touched is looked at anew."""
        number, (flow, mode) = max(self.versions), edit
        touched = edits.touched(self.versions[number].flow, flow)
        self.versions[number + 1] = Published(flow, mode)
        if mode == "follow" and self.one.node in touched:
            self.stir(fence=self.one.fence + 1)


deeds = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 60)),
    st.tuples(st.sampled_from(["take", "look", "again"]), st.none()),
    st.tuples(st.just("happen"), st.sampled_from(["paid", "seen"])),
    st.tuples(st.just("hold"), st.booleans()),
    st.tuples(st.just("gate"), st.sampled_from(["send", "skip", "delay"])),
    st.tuples(st.just("publish"), st.tuples(flows(), st.sampled_from(["follow", "finish"]))),
)


def begin(flow) -> Way:
    return Way({1: Published(flow, "follow")}, enter(flow))


@settings(max_examples=400, deadline=None)
@given(flows(), st.lists(deeds, max_size=25), st.booleans())
def test_no_visit_is_made_twice_whatever_happens_in_whatever_order(flow, happenings, leaves):
    way = begin(flow)
    for deed, value in happenings:
        way.act(deed, value)
    if leaves:
        way.leave()
    way.settle()
    assert len(way.visits) == len(set(way.visits))
    assert len(way.effects) == len(set(way.effects))
    assert not leaves or way.one.status != "parked"
    if way.one.status == "parked":
        assert way.one.due_at > way.world.now
        assert way.one.node in way.versions[way.one.version].flow.nodes
    else:
        assert way.one.reason


def onward(node: Node) -> Node:
    """The node without its way back."""
    return Goal(next=node.next) if isinstance(node, Jump) else node


@settings(max_examples=200, deadline=None)
@given(flows())
def test_who_can_no_longer_go_back_comes_to_an_end(flow):
    """Without circles but through jumps, which are counted, everybody is out when all waits are over."""
    ahead = msgspec.structs.replace(flow, nodes={name: onward(node) for name, node in flow.nodes.items()})
    if any(
        graph.after(node) and name in graph.reachable(ahead, graph.after(node)) for name, node in ahead.nodes.items()
    ):
        return
    turns = World().run(flow, enter(flow), until=MONDAY + timedelta(days=400))
    assert turns[-1].after.status in ("done", "exited")


@settings(max_examples=200, deadline=None)
@given(flows(), flows())
def test_who_was_at_a_deleted_node_goes_on_at_one_that_is_left_or_leaves(old, new):
    found = graph.survivors(old, new)
    assert found.keys() == old.nodes.keys() - new.nodes.keys()
    for name, to in found.items():
        following = graph.after(old.nodes[name])
        ahead = graph.reachable(old, following) - {name} if following else frozenset()
        assert to in new.nodes or to == ""
        assert to == "" or to in ahead
        assert to != "" or not ahead & new.nodes.keys()


@settings(max_examples=200, deadline=None)
@given(flows(), st.lists(st.tuples(flows(), st.sampled_from(["follow", "finish"])), max_size=4))
def test_who_is_placed_is_at_a_node_that_is_there_or_leaves_and_is_placed_once(flow, later):
    versions = {1: Published(flow, "follow")}
    versions |= {number: Published(each, mode) for number, (each, mode) in enumerate(later, 2)}
    placed, one, step = edits.place(enter(flow), versions, MONDAY)
    assert placed == versions[one.version].flow
    assert one.node in placed.nodes or step is not None
    assert all(versions[number].mode == "follow" for number in range(2, one.version + 1))
    if one.node in placed.nodes:
        assert one.version == edits.newest(1, versions)
        assert edits.place(one, versions, MONDAY) == (placed, one, None)


@settings(max_examples=200, deadline=None)
@given(flows())
def test_flows_at_random_have_no_fault_that_stops_them(flow):
    assert [fault for fault in lint.check(flow) if fault.stops] == []


@pytest.mark.parametrize(("left", "to"), [("ad", "d"), ("ac", "c"), ("a", "")])
def test_the_next_that_is_left_is_the_nearest(left, to):
    assert graph.survivors(line(*"abcd"), line(*left))["b"] == to


def test_a_loop_of_deleted_nodes_leads_out():
    old = line("a", "b", "c")
    looped = replace_next(old, "c", "b")
    assert graph.survivors(looped, line("a")) == {"b": "", "c": ""}


def replace_next(flow, name, to):
    """The flow with another way on from a node."""
    nodes = {**flow.nodes, name: msgspec.structs.replace(flow.nodes[name], next=to)}
    return msgspec.structs.replace(flow, nodes=nodes)
