"""Several planners at once, in any interleaving: what they planned together exceeds no cap, whoever was quicker."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop.deliveries import Content, Message
from sop.policy import Asking, Cap, Delay, Policy, Quota, Skip, Verdict, judge
from sop.policy.quiet import Quiet, QuietWindow, closed
from sop.slots import SHANGHAI
from storage.database import Database
from storage.engine.sql import Row, Statement, Unit
from storage.errors import Conflict
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)  # six in the evening in Shanghai
HELLO = Content(text="hello")
PEOPLE = ("anna", "bob")
ROWS = Statement("""
    SELECT effect, subject, status, origin, origin_id, transactional, due_at, ordinal FROM deliveries
    WHERE corp_id = :corp_id ORDER BY effect
""")
RELATION = Statement("""
    INSERT INTO relations (corp_id, external_user_id, user_id, status, adds, first_added_at, added_at, changed_at)
    VALUES (:corp_id, :customer, 'chen', 'active', 1, 0, 0, 0)
""")
END = Statement("UPDATE deliveries SET status = 'failed' WHERE corp_id = :corp_id AND effect = :effect")
NIGHT = Quiet(windows=(QuietWindow(start=time(20), end=time(9)),))
corps = (f"ww{number}" for number in itertools.count())


@dataclass(frozen=True)
class Wish:
    """A message that somebody wants to send some hours from now."""

    subject: str
    asking: Asking
    hours: int

    def message(self, effect: str, moment: datetime) -> Message:
        asking = self.asking
        return Message(
            kind="single", subject=self.subject, content=HELLO, origin=asking.origin, origin_id=asking.origin_id,
            topic=asking.topic, transactional=asking.transactional, effect=effect, due_at=moment,
        )  # fmt: skip


@dataclass
class Planner:
    """One who reads how all of a batch stand, judges them and commits: a step at a time, anew where it was beaten."""

    name: str
    store: Any
    policy: Policy
    wishes: tuple[Wish, ...]
    beaten: int = 0
    phase: str = "read"
    open: Any = None
    standings: Any = None
    judged: list[tuple[Message, Verdict, int]] = field(default_factory=list)

    async def step(self) -> None:
        match self.phase:
            case "read":
                self.open = self.store()
                keys = [(wish.subject, "") for wish in self.wishes]
                self.standings = await self.open.policy.standings("single", keys, self.policy)
                self.phase = "judge"
            case "judge":
                self.open.deliveries.plan(list(self.judge()))
                self.phase = "commit"
            case "commit":
                try:
                    await self.open.commit()
                except Conflict:
                    self.beaten += 1
                    self.phase = "read"
                else:
                    self.phase = "done"

    def judge(self) -> Iterator[tuple[Message, Verdict, int]]:
        for number, wish in enumerate(self.wishes):
            moment = NOW + timedelta(hours=wish.hours)
            standing = self.standings[wish.subject, ""]
            verdict = judge(wish.asking, standing, self.policy, moment)
            if not isinstance(verdict, Skip):
                goes = verdict.until if isinstance(verdict, Delay) else moment
                self.standings[wish.subject, ""] = standing.then(wish.asking, goes)
            yield wish.message(f"{self.name}:{number}", moment), verdict, standing.ordinal + 1


CAPS = st.builds(Cap, count=st.integers(0, 2), days=st.integers(1, 4), over=st.sampled_from(["skip", "delay"]))
POLICIES = st.builds(
    Policy,
    quiet=st.sampled_from([Quiet(), NIGHT]),
    caps=st.lists(CAPS, max_size=2).map(tuple),
    quota=st.builds(
        Quota, per=st.sampled_from(["day", "week", "month", "none"]), over=st.sampled_from(["skip", "delay"])
    ),
    patience=st.integers(1, 10),
    zone=st.sampled_from([SHANGHAI, ZoneInfo("America/New_York")]),
)
WISHES = st.builds(
    Wish,
    subject=st.sampled_from(PEOPLE),
    asking=st.builds(
        Asking,
        origin=st.sampled_from(["flow", "broadcast"]),
        origin_id=st.integers(1, 2),
        transactional=st.sampled_from([False, False, False, True]),
    ),
    hours=st.sampled_from([0, 0, 0, 3, 30, 100]),
)
BATCHES = st.lists(st.lists(WISHES, min_size=1, max_size=4).map(tuple), min_size=2, max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=POLICIES, cap=CAPS, batches=BATCHES, turns=st.lists(st.integers(0, 3), max_size=30))
async def test_no_interleaving_of_planners_exceeds_any_cap(database, policy, cap, batches, turns):
    planners = await _gather(database, policy, cap, batches)
    for turn in turns:
        await planners[turn % len(planners)].step()
    while waiting := [planner for planner in planners if planner.phase != "done"]:
        for planner in waiting:
            await planner.step()
    rows = await _rows(database, planners)
    assert len(rows) == sum(len(batch) for batch in batches), "each wish is decided once"
    _keeps(rows, policy, cap)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=POLICIES, cap=CAPS, batches=BATCHES)
async def test_planners_that_really_run_at_once_exceed_no_cap(database, policy, cap, batches):
    planners = await _gather(database, policy, cap, batches)

    async def run(planner: Planner) -> None:
        while planner.phase != "done":
            await planner.step()

    await asyncio.gather(*map(run, planners))
    _keeps(await _rows(database, planners), policy, cap)


async def test_a_cap_of_one_lets_one_of_many_through_and_the_beaten_judge_anew(database):
    policy = Policy(caps=(Cap(count=1),))
    wishes = [(Wish("anna", Asking(origin=origin, origin_id=1), 0),) for origin in ("flow", "broadcast", "flow")]
    planners = await _gather(database, policy, Cap(), wishes)
    for planner in planners * 3:
        await planner.step()
    assert [planner.beaten for planner in planners] == [0, 1, 1]
    for planner in planners[1:] * 3:
        await planner.step()
    rows = await _rows(database, planners)
    assert sorted(row["status"] for row in rows) == ["planned", "skipped", "skipped"]


async def test_what_did_not_arrive_makes_room_but_gives_its_ordinal_to_nobody(database):
    policy = Policy(caps=(Cap(count=1),))
    first, second = await _gather(database, policy, Cap(), [(Wish("anna", Asking(origin="flow", origin_id=1), 0),)] * 2)
    for _ in range(3):
        await first.step()
    unit = Unit()
    unit.add(END, {"corp_id": first.store().scope.corp_id, "effect": "0:0"})
    await database.commit(unit)
    for _ in range(3):
        await second.step()
    assert [(row["status"], row["ordinal"]) for row in await _rows(database, [first])] == [
        ("failed", 1),
        ("planned", 2),
    ]


async def _gather(database, policy: Policy, cap: Cap, batches: Iterable[tuple[Wish, ...]]) -> list[Planner]:
    """A planner for each batch, in a corp of their own."""
    corp_id = next(corps)
    unit = Unit()
    for customer in PEOPLE:
        unit.add(RELATION, {"corp_id": corp_id, "customer": customer})
    await database.commit(unit)
    return [
        Planner(
            name=str(number),
            store=lambda: Store(Scope(database=database, corp_id=corp_id, app="main", now=NOW)),
            policy=policy,
            wishes=tuple(replace(wish, asking=replace(wish.asking, cap=cap)) for wish in batch),
        )
        for number, batch in enumerate(batches)
    ]


async def _rows(database, planners: list[Planner]) -> list[Row]:
    return list(await database.fetch(ROWS, {"corp_id": planners[0].store().scope.corp_id}))


def _keeps(rows: list[Row], policy: Policy, cap: Cap) -> None:
    """Whether the messages that are on their way respect everything, counted the plain way."""
    going: dict[str, list[tuple[datetime, Row]]] = defaultdict(list)
    for row in rows:
        if row["status"] == "planned":
            going[row["subject"]].append((datetime.fromtimestamp(row["due_at"] / 1000, UTC), row))
    for mine in going.values():
        counting = [(moment, row) for moment, row in mine if not row["transactional"]]
        assert not any(closed(policy.quiet, moment, policy.zone) for moment, _ in counting)
        for each in policy.caps:
            _within(each, [moment for moment, _ in counting], policy.zone)
        for origin in {(row["origin"], row["origin_id"]) for _, row in counting}:
            own = [moment for moment, row in counting if (row["origin"], row["origin_id"]) == origin]
            _within(cap, own, policy.zone)
        span, most = {"day": (1, 1), "week": (7, 7), "month": (1, 30), "none": (1, 0)}[policy.quota.per]
        _within(Cap(count=most, days=span), [moment for moment, _ in mine], SHANGHAI)


def _within(cap: Cap, moments: list[datetime], zone: ZoneInfo) -> None:
    days = [moment.astimezone(zone).toordinal() for moment in moments]
    for first in days:
        assert not cap.count or sum(0 <= day - first < cap.days for day in days) <= cap.count, (cap, moments)


class Meddled:
    """A database in which somebody else gets in before one of the reads."""

    def __init__(self, database: Database, meddle: Callable[[], Awaitable[None]], *, before: int) -> None:
        self.fetch_, self.commit = database.fetch, database.commit
        self.meddle, self.left = meddle, before

    async def fetch(self, *given: Any, **named: Any) -> Any:
        if self.left == 0:
            await self.meddle()
        self.left -= 1
        return await self.fetch_(*given, **named)


@pytest.mark.parametrize("read", range(4))
async def test_who_gets_in_between_two_reads_is_seen_or_met(database, read):
    policy = Policy(caps=(Cap(count=1),))
    first, second = await _gather(database, policy, Cap(), [(Wish("anna", Asking(origin="flow", origin_id=1), 0),)] * 2)

    async def meddle() -> None:
        while first.phase != "done":
            await first.step()

    scope = second.store().scope
    meddled: Any = Meddled(database, meddle, before=read)
    second.store = lambda: Store(replace(scope, database=meddled, unit=Unit()))
    while second.phase != "done":
        await second.step()
    await meddle()
    assert sorted(row["status"] for row in await _rows(database, [first])) == ["planned", "skipped"]
