"""What its workers died of is told from what was only beside it: suspects are handed out alone, the least first."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.events import Outcome
from storage import inbox
from storage.claims import SUSPECT
from storage.engine.sql import Unit
from storage.inbox import Arrival, Inbox
from storage.outbox import Ending, Outbox, settle
from storage.wishes import Wish, intend

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=6)
LONG = timedelta(hours=1)


class Events:
    """The inbox."""

    def __init__(self, database):
        self.database, self.box = database, Inbox(database)

    async def put(self, body, lane=""):
        await self.box.remember(
            Arrival(corp_id="ww1", app="crm", kind="contact_added", lane=lane or body, body=body, origin="callback",
                    occurred_at=NOW, received_at=NOW, deadline_at=NOW + LONG)
        )  # fmt: skip

    async def end(self, claim):
        unit = Unit()
        inbox.close(unit, claim, now=NOW)
        await self.database.commit(unit)

    def name(self, claim):
        return claim.body


class Intents:
    """The outbox."""

    def __init__(self, database):
        self.database, self.box = database, Outbox(database)

    async def put(self, effect, lane=""):
        unit = Unit()
        intend(
            unit,
            Wish(corp_id="ww1", app="crm", kind="mark_tags", effect=effect, lane=lane or effect, body="{}",
                 created_at=NOW, deadline_at=NOW + LONG),
        )  # fmt: skip
        await self.database.commit(unit)

    async def end(self, claim):
        unit = Unit()
        settle(unit, claim, Ending(outcome=Outcome.DONE), now=NOW)
        await self.database.commit(unit)

    def name(self, claim):
        return claim.effect


class Deaths:
    """Workers that die: each claims what there is, and its lease ends."""

    def __init__(self, work):
        self.work, self.now = work, NOW

    async def claim(self):
        return await self.work.box.claim(10, now=self.now, lease=LEASE)

    async def names(self):
        return [self.work.name(claim) for claim in await self.claim()]

    async def die(self, times=1):
        for _ in range(times):
            await self.claim()
            self.now += LEASE


@pytest.fixture(params=[Events, Intents])
def deaths(request, database):
    return Deaths(request.param(database))


async def test_what_was_lost_a_few_times_is_handed_out_one_at_a_time(deaths):
    for name in "abc":
        await deaths.work.put(name)
    await deaths.die(SUSPECT + 1)
    (first,) = await deaths.claim()
    assert await deaths.names() == []
    await deaths.work.end(first)
    (second,) = await deaths.claim()
    assert [deaths.work.name(one) for one in (first, second)] == ["a", "b"]


async def test_what_is_not_suspected_is_handed_out_beside_it(deaths):
    await deaths.work.put("a")
    await deaths.die(SUSPECT + 1)
    await deaths.work.put("b")
    assert await deaths.names() == ["a", "b"]


async def test_the_least_suspected_comes_first_and_only_who_was_held_is_suspected_more(deaths):
    for name in "abc":
        await deaths.work.put(name)
    await deaths.die(SUSPECT + 1)
    seen = []
    for _ in range(4):
        seen += await deaths.names()
        deaths.now += LEASE
    assert seen == ["a", "b", "c", "a"]


async def test_a_suspect_waits_for_an_earlier_one_of_its_lane_and_does_not_keep_it_waiting(deaths):
    await deaths.work.put("a", "lane")
    await deaths.die(SUSPECT + 3)
    await deaths.work.put("b", "lane")
    for claim in await deaths.claim():
        await deaths.work.end(claim)
    assert await deaths.names() == ["b"]


async def test_a_loss_is_no_try(deaths):
    await deaths.work.put("a")
    await deaths.die(2)
    (claim,) = await deaths.claim()
    assert (claim.attempt, claim.lost, claim.tries) == (3, 2, 1)


async def test_what_was_released_is_lost_as_well(deaths):
    await deaths.work.put("a")
    await deaths.claim()
    await deaths.work.box.release()
    (claim,) = await deaths.claim()
    assert claim.lost == 1
