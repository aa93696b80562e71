"""Readings and events tell of the same world: whatever order they come in, both sides end up the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sop.drift import Drift, align, tally
from sop.relations import NEAR, Deed, Fact, Sight, Standing, Status, fold, learn
from sop.sync import FEW_MEMBERS, LANES, MOST_MEMBERS, Scan, deal, load

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
STEP = 120  # seconds between two things that happen, so that none is near another


def at(step: int, second: float = 0) -> datetime:
    return START + timedelta(seconds=step * STEP + second)


class World:
    """What happens between one member and one customer at WeCom, and what we hold of it."""

    def __init__(self, deeds: list[Deed]) -> None:
        self.told: list[Fact] = []
        self.since: list[datetime | None] = [None]  # after each step, since when WeCom shows the two together
        for step, deed in enumerate(deeds, 1):
            before = self.since[-1]
            gone = deed in (Deed.REMOVED, Deed.MOVED)
            self.since.append(None if gone else at(step) if deed is Deed.ADDED else before)
            if deed is Deed.ADDED or before is not None:
                self.told.append(Fact(deed=deed, at=at(step)))
        self.held: set[Fact] = set()

    def read(self, step: int, second: float) -> None:
        """A reading asked for so long after a step."""
        sight = Sight(asked=at(step, second), added_at=self.since[step])
        if not self.held:
            if sight.added_at:
                self.held.add(Fact(deed=Deed.FOUND, at=sight.added_at))
            return
        standing = fold(self.held)
        if fact := learn(standing.status, standing.added_at, standing.changed_at, sight=sight):
            self.held.add(fact)

    @property
    def standing(self) -> Standing | None:
        """How the two stand as far as we know."""
        return fold(self.held) if self.held else None

    @property
    def shown(self) -> bool:
        """Whether we hold that WeCom shows the two: also one who has left."""
        return self.standing is not None and self.standing.status in (Status.ACTIVE, Status.LOST)


deeds = st.lists(st.sampled_from([Deed.ADDED, Deed.LOST, Deed.REMOVED, Deed.MOVED]), max_size=6)
plans = st.lists(
    st.one_of(st.tuples(st.just("read"), st.integers(0, 6)), st.tuples(st.just("event"), st.integers(0, 6))),
    max_size=20,
)


@given(deeds, plans, st.integers(2, STEP - 2))
@example([Deed.ADDED, Deed.LOST, Deed.REMOVED], [("event", 1), ("event", 0), ("read", 2), ("read", 3)], 5)
@example([Deed.ADDED, Deed.LOST, Deed.MOVED], [("read", 1), ("read", 2), ("event", 1), ("read", 0)], 5)
def test_events_and_readings_in_any_order_end_as_wecom_has_it_after_the_next_reading(happened, plan, second):
    world = World(happened)
    for what, number in plan:
        if what == "event" and number < len(world.told):
            world.held.add(world.told[number])
        elif what == "read" and number <= len(happened):
            world.read(number, second)
    world.read(len(happened), second)
    assert world.shown == (world.since[-1] is not None)


@given(deeds, st.permutations(range(6)), st.integers(0, 6), st.integers(2, STEP - 2))
def test_an_old_reading_changes_nothing_once_all_events_are_known(happened, order, step, second):
    world = World(happened)
    for number in order:
        if number < len(world.told):
            world.held.add(world.told[number])
    standing = world.standing
    world.read(min(step, len(happened)), second)
    if standing and standing.changed_at > at(min(step, len(happened)), second):
        assert fold(world.held).status is standing.status


def test_one_who_left_and_is_shown_no_more_was_removed():
    world = World([Deed.ADDED, Deed.LOST, Deed.REMOVED])
    world.held.update(world.told[:2])  # of the removal no event came
    world.read(2, 5)
    assert world.standing.status is Status.LOST
    world.read(3, 5)
    assert world.standing.status is Status.REMOVED
    world.held.add(world.told[2])
    assert world.standing.ended_at == at(2)
    world.held.add(Fact(deed=Deed.ADDED, at=at(4)))
    world.read(3, 10)
    assert world.standing.status is Status.ACTIVE


def test_an_event_of_the_second_in_which_was_asked_is_newer_than_the_answer():
    asked = START + timedelta(milliseconds=700)
    assert learn(Status.ACTIVE, START, START, sight=Sight(asked=asked, added_at=None)) is None
    later = Sight(asked=START + timedelta(seconds=3), added_at=None)
    assert learn(Status.ACTIVE, START, START, sight=later).deed is Deed.REMOVED


@pytest.mark.parametrize(
    ("status", "shown", "deed"),
    [
        (Status.ACTIVE, NEAR, None),
        (Status.ACTIVE, 2 * NEAR, Deed.FOUND),
        (Status.LOST, -NEAR, None),
        (Status.LOST, NEAR, Deed.FOUND),
        (Status.HALF, timedelta(0), Deed.FOUND),
        (Status.REMOVED, -NEAR, Deed.FOUND),
    ],
)
def test_what_a_reading_tells_depends_on_how_they_stand(status, shown, deed):
    sight = Sight(asked=START + timedelta(hours=1), added_at=START + shown)
    fact = learn(status, START, START, sight=sight)
    assert (fact.deed if fact else None) is deed


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 500), max_size=300))
def test_members_are_dealt_out_once_and_evenly(customers):
    hands = deal(customers)
    assert sorted(each for hand in hands for each in hand) == sorted(customers)
    assert all(0 < len(hand) <= MOST_MEMBERS for hand in hands)
    assert len(hands) <= max(LANES, len(customers) // MOST_MEMBERS + 1)
    if len(customers) > FEW_MEMBERS:
        loads = [sum(customers[each] for each in hand) for hand in hands]
        assert max(loads) - min(loads) <= max(customers.values()) + MOST_MEMBERS


def test_a_scan_goes_on_where_its_cursor_says():
    scan = Scan(began=START, phase="compare", members=("chen", "lin"))
    assert load(scan.dump(), now=at(9)) == scan
    assert load("", now=START) == Scan(began=START)


def test_two_sides_are_compared_by_their_keys():
    found = align("tag", {"a": {"name": "1"}, "b": {"name": "2"}}, {"b": {"name": "3"}, "c": {"name": "4"}})
    assert found == [
        Drift(kind="tag", key="b", what="different", fields={"name": ("2", "3")}),
        Drift(kind="tag", key="c", what="missing_here"),
        Drift(kind="tag", key="a", what="missing_there"),
    ]
    assert tally(found)["tag", "different"] == 1
