"""The inbox remembers once, hands out by deadline, in order per lane, and takes over from the dead exactly once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage import inbox, reactions
from storage.engine.sql import Unit
from storage.errors import LostLease
from storage.inbox import Arrival, Inbox
from tests.outcomes import note

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=6)
SECOND = timedelta(seconds=1)


def arrival(body: str, lane: str = "customer:wm1", deadline: float = 60, **more) -> Arrival:
    values = {
        "corp_id": "ww1", "app": "crm", "kind": "contact_added", "lane": lane, "body": body, "origin": "callback",
        "occurred_at": NOW, "received_at": NOW, "deadline_at": NOW + timedelta(seconds=deadline),
    }  # fmt: skip
    return Arrival(**{**values, **more})


@pytest.fixture
def box(database) -> Inbox:
    return Inbox(database)


async def finish(box: Inbox, claim, now=NOW) -> None:
    unit = Unit()
    inbox.close(unit, claim, now=now)
    await box._database.commit(unit)


async def claimed(box: Inbox, most: int = 10, now: datetime = NOW, **more) -> list[str]:
    return [claim.body for claim in await box.claim(most, now=now, lease=LEASE, **more)]


async def test_the_same_body_is_remembered_once_and_another_is_another(box):
    first = await box.remember(arrival("a"))
    assert first is not None
    assert await box.remember(arrival("a")) is None
    assert await box.remember(arrival("b")) is not None
    assert await box.remember(arrival("a", app="other")) is not None
    assert await box.remember(arrival("a", kind="contact_edited")) is not None
    assert await box.remember(arrival("a", salt="again")) is not None


async def test_fifty_deliveries_at_once_leave_one_row(box):
    answers = await asyncio.gather(*(box.remember(arrival("same")) for _ in range(50)))
    assert sum(answer is not None for answer in answers) == 1


async def test_the_nearest_deadline_comes_first(box):
    for body, deadline in (("sync", 3600), ("welcome", 20), ("broadcast", 600)):
        await box.remember(arrival(body, lane=body, deadline=deadline))
    assert await claimed(box) == ["welcome", "broadcast", "sync"]


async def test_reserved_places_take_only_what_is_urgent(box):
    await box.remember(arrival("sync", lane="a", deadline=3600))
    await box.remember(arrival("welcome", lane="b", deadline=20))
    assert await claimed(box, before=NOW + timedelta(seconds=30)) == ["welcome"]


async def test_a_lane_gives_one_at_a_time_in_order(box):
    for body in ("1", "2", "3"):
        await box.remember(arrival(body))
    await box.remember(arrival("other", lane="customer:wm2"))
    first, other = await box.claim(10, now=NOW, lease=LEASE)
    assert (first.body, other.body) == ("1", "other")
    assert await claimed(box) == []
    await finish(box, first)
    assert await claimed(box) == ["2"]


async def test_lanes_of_two_corps_do_not_meet(box):
    await box.remember(arrival("1"))
    await box.remember(arrival("2", corp_id="ww2"))
    assert sorted(await claimed(box)) == ["1", "2"]


async def test_two_processes_never_hold_one_lane(box, neighbour):
    for count in range(40):
        await box.remember(arrival(f"{count:02}", lane=f"lane{count % 4}"))
    other = Inbox(neighbour)
    done: dict[str, list[str]] = {}
    holding: set[str] = set()

    async def work(mine: Inbox) -> None:
        while claims := await mine.claim(3, now=NOW, lease=LEASE):
            for claim in claims:
                assert claim.lane not in holding
                holding.add(claim.lane)
            await asyncio.sleep(0)
            for claim in claims:
                done.setdefault(claim.lane, []).append(claim.body)
                holding.discard(claim.lane)
                await finish(mine, claim)

    for _ in range(40):
        await asyncio.gather(work(box), work(other))
    assert sum(map(len, done.values())) == 40
    assert all(bodies == sorted(bodies) for bodies in done.values())


async def test_a_dead_worker_is_taken_over_once_and_can_no_longer_finish(box, neighbour):
    await box.remember(arrival("a"))
    (lost,) = await box.claim(10, now=NOW, lease=LEASE)
    assert await claimed(box, now=NOW + LEASE - SECOND) == []
    later = NOW + LEASE + SECOND
    other = Inbox(neighbour)
    taken = await asyncio.gather(box.claim(1, now=later, lease=LEASE), other.claim(1, now=later, lease=LEASE))
    (claim,) = [claim for claims in taken for claim in claims]
    assert claim.attempt == 2
    with pytest.raises(LostLease):
        await finish(box, lost)
    await finish(box, claim)


async def test_released_events_are_handed_out_at_once(box):
    await box.remember(arrival("a"))
    await box.claim(1, now=NOW, lease=LEASE)
    await box.release()
    assert await claimed(box) == ["a"]


async def test_a_renewed_lease_holds(box):
    await box.remember(arrival("a"))
    claims = await box.claim(1, now=NOW, lease=LEASE)
    await box.renew(claims, now=NOW + LEASE - SECOND, lease=LEASE)
    assert await claimed(box, now=NOW + LEASE + SECOND) == []


async def test_one_that_failed_comes_back_when_due_and_holds_nobody_up(box):
    await box.remember(arrival("fails"))
    await box.remember(arrival("next"))
    (claim,) = await box.claim(10, now=NOW, lease=LEASE)
    unit = Unit()
    inbox.retry(unit, claim, due_at=NOW + timedelta(seconds=10))
    await box._database.commit(unit)
    await box.renew([claim], now=NOW + timedelta(seconds=9), lease=LEASE)  # too late: it is not held any more
    assert await claimed(box) == ["next"]
    later = NOW + timedelta(seconds=11)
    assert await claimed(box, now=later) == ["fails"]


async def test_a_retry_waits_for_its_lane(box):
    await box.remember(arrival("fails"))
    await box.remember(arrival("next"))
    (claim,) = await box.claim(10, now=NOW, lease=LEASE)
    unit = Unit()
    inbox.retry(unit, claim, due_at=NOW + SECOND)
    await box._database.commit(unit)
    (running,) = await box.claim(10, now=NOW, lease=LEASE)
    assert await claimed(box, now=NOW + 2 * SECOND) == []
    await finish(box, running)
    assert await claimed(box, now=NOW + 2 * SECOND) == ["fails"]


async def test_a_replay_opens_the_event_and_keeps_what_is_done(box):
    event_id = await box.remember(arrival("a"))
    (claim,) = await box.claim(1, now=NOW, lease=LEASE)
    unit = Unit()
    note(unit, claim, "tags.mark", "done", at=NOW)
    note(unit, claim, "welcomes.greet", "dead", "boom", at=NOW)
    inbox.close(unit, claim, now=NOW)
    await box._database.commit(unit)
    assert await claimed(box) == []
    unit = Unit()
    inbox.reopen(unit, event_id, now=NOW)
    await box._database.commit(unit)
    assert [reaction.handler for reaction in await reactions.read(box._database, event_id)] == ["tags.mark"]
    assert await claimed(box) == ["a"]


async def test_the_backlog_counts_what_is_open(box):
    assert await box.backlog() == (0, None)
    await box.remember(arrival("a"))
    assert await box.backlog() == (1, NOW)


async def test_what_was_done_before_an_event_was_set_aside_is_known_when_it_comes_back(box):
    event_id = await box.remember(arrival("a"))
    (claim,) = await box.claim(1, now=NOW, lease=LEASE)
    unit = Unit()
    inbox.set_aside(unit, claim, done=["welcomes.greet"], deadline_at=NOW + LEASE)
    await box._database.commit(unit)
    (again,) = await box.claim(1, now=NOW, lease=LEASE)
    assert (again.done.split(), again.attempt, again.fence) == (["welcomes.greet"], 1, 2)
    unit = Unit()
    inbox.close(unit, again, done=["tags.mark"], now=NOW)
    await box._database.commit(unit)
    found = await reactions.read(box._database, event_id)
    assert [(each.handler, each.status) for each in found] == [("welcomes.greet", "done"), ("tags.mark", "done")]
