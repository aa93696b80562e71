"""The numbers of channels: whatever order the facts come in, and however often, they are the same."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from sop.relations import Deed, Fact
from sop.statistics import Counts
from storage.database import Database
from storage.relations import Relation
from storage.scope import Scope
from storage.statistics import Statistics
from storage.store import Store

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOP, FAIR = 7, 8
A, B = "chen.yu", "li.na"
# Customer, member, what, when, by which channel.
STORY = [
    ("wm1", A, Deed.ADDED, NOON, SHOP),  # stays and writes
    ("wm1", A, Deed.REPLIED, NOON + HOUR, None),
    ("wm2", A, Deed.HALF_ADDED, NOON, SHOP),  # confirmed, gone after two hours, back by the fair, gone after three days
    ("wm2", A, Deed.ADDED, NOON + timedelta(seconds=40), SHOP),
    ("wm2", A, Deed.LOST, NOON + 2 * HOUR, None),
    ("wm2", A, Deed.ADDED, NOON + 3 * HOUR, FAIR),
    ("wm2", A, Deed.LOST, NOON + 3 * DAY, None),
    ("wm3", B, Deed.HALF_ADDED, NOON + HOUR, SHOP),  # never confirmed
    ("wm4", B, Deed.ADDED, NOON + DAY, SHOP),  # wrote, but then left after nine days
    ("wm4", B, Deed.REPLIED, NOON + 2 * DAY, None),
    ("wm4", B, Deed.LOST, NOON + 10 * DAY, None),
    ("wm5", B, Deed.ADDED, NOON + DAY, SHOP),  # removed by the member, back an hour later, lost then
    ("wm5", B, Deed.REMOVED, NOON + DAY + HOUR, None),
    ("wm5", B, Deed.ADDED, NOON + DAY + 2 * HOUR, SHOP),
    ("wm5", B, Deed.LOST, NOON + DAY + 3 * HOUR, None),
    ("wm6", B, Deed.ADDED, NOON, None),  # by no channel
]
WHOLE = {
    SHOP: Counts(adds=5, repeat_adds=1, half_adds=1, lost_24h=2, lost_7d=2, conversations=1),
    FAIR: Counts(adds=1, repeat_adds=1, lost_7d=1),
}


def open_store(database: Database, corp_id: str = "ww1", *, now: datetime = NOON) -> Store:
    return Store(Scope(database=database, corp_id=corp_id, app="crm", now=now))


async def tell(database: Database, story, corp_id: str = "ww1") -> None:
    for customer, member, deed, at, channel in story:
        store = open_store(database, corp_id, now=at)
        await store.relations.record(customer, member, fact=Fact(deed=deed, at=at, channel_id=channel))
        await store.commit()


async def count(database: Database, corp_id: str = "ww1", *, staff=None, until: datetime = NOON + 30 * DAY, by="total"):
    numbers = Statistics(open_store(database, corp_id).scope, staff)
    found: dict[tuple[int, str], Counts] = {}
    for each in await numbers.count([SHOP, FAIR], since=NOON, until=until, by=by):
        key = (each.channel_id, each.part)
        found[key] = found.get(key, Counts()) + each.counts
    return {channel if by == "total" else (channel, part): counts for (channel, part), counts in found.items()}


@pytest.mark.parametrize("seed", range(6))
async def test_in_any_order_and_told_twice_the_numbers_are_the_same(database, seed):
    shuffled = [*STORY, *random.Random(seed).sample(STORY, 8)]
    random.Random(seed).shuffle(shuffled)
    await tell(database, shuffled)
    assert await count(database) == WHOLE


async def test_each_member_has_their_part(database):
    await tell(database, STORY)
    assert await count(database, by="staff") == {
        (SHOP, A): Counts(adds=2, lost_24h=1, lost_7d=1, conversations=1),
        (SHOP, B): Counts(adds=3, repeat_adds=1, half_adds=1, lost_24h=1, lost_7d=1),
        (FAIR, A): Counts(adds=1, repeat_adds=1, lost_7d=1),
    }
    assert await count(database, staff={B}) == {SHOP: Counts(adds=3, repeat_adds=1, half_adds=1, lost_24h=1, lost_7d=1)}
    assert await count(database, staff=set()) == {}


async def test_only_adds_of_the_span_count_but_all_that_became_of_them(database):
    await tell(database, STORY)
    first = await count(database, until=NOON + 2 * HOUR)
    assert first == {SHOP: Counts(adds=2, half_adds=1, lost_24h=1, lost_7d=1, conversations=1)}


async def test_quarters_of_an_hour_add_up(database):
    await tell(database, STORY)
    by_quarter = await count(database, by="day")
    assert {int(part) * 900 for _, part in by_quarter} >= {int(NOON.timestamp()), int((NOON + HOUR).timestamp())}
    assert sum((counts for (channel, _), counts in by_quarter.items() if channel == SHOP), Counts()) == WHOLE[SHOP]


async def test_another_corp_has_its_own_numbers(database):
    await tell(database, STORY)
    assert await count(database, "ww2") == {}


async def test_where_the_event_was_silent_wecoms_word_counts(database):
    await tell(database, [("wm9", A, Deed.ADDED, NOON, None)])
    store = open_store(database)
    store.relations.describe(told("wm9", NOON))
    await store.commit()
    assert await count(database) == {SHOP: Counts(adds=1)}


async def test_an_add_that_only_a_reading_knows_of_counts_once_its_event_comes_too(database):
    store = open_store(database, now=NOON + DAY)
    store.relations.describe(told("wm9", NOON), found=True)
    await store.commit()
    assert await count(database) == {SHOP: Counts(adds=1)}
    await tell(database, [("wm9", A, Deed.ADDED, NOON + timedelta(seconds=1), SHOP)])
    assert await count(database) == {SHOP: Counts(adds=1)}


def told(customer: str, at: datetime) -> Relation:
    moments = {"first_added_at": at, "added_at": at, "changed_at": at}
    return Relation(external_user_id=customer, user_id=A, status="active", channel_id=SHOP, adds=1, **moments)
