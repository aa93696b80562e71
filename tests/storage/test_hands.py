"""Who writes an event or an intent may begin with it at once: it is born with a lease, one at a time per lane."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sop.events import Outcome
from sop.intents import MarkTags, Prompt
from storage import inbox
from storage.engine.sql import Statement, Unit
from storage.inbox import Arrival, Inbox
from storage.outbox import Ending, Outbox, settle
from storage.scope import Scope
from storage.store import Store
from storage.wishes import Wish, intend

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=8)


class Hands:
    """Hands that note what they are given."""

    def __init__(self, *, room: bool = True) -> None:
        self.room = room
        self.held: list[object] = []
        self.waits: list[str] = []

    def offer(self) -> datetime | None:
        return NOW + LEASE if self.room else None

    def take(self, held) -> None:
        self.held.append(held)

    def wait(self, lane) -> None:
        self.waits.append(lane)


class Intents:
    """The outbox as this test speaks to it."""

    def __init__(self, database) -> None:
        self.database = database
        self.source = Outbox(database)

    def write(self, unit, name, lane, hands) -> None:
        wish = Wish(
            corp_id="ww1", app="crm", kind="mark_tags", effect=name, lane=lane, body="{}",
            created_at=NOW, deadline_at=NOW + timedelta(hours=1), event_id=7, handler="tags.mark",
        )  # fmt: skip
        intend(unit, wish, hands)

    def end(self, unit, held) -> None:
        settle(unit, held, Ending(outcome=Outcome.DONE), now=NOW)


class Events:
    """The inbox as this test speaks to it."""

    def __init__(self, database) -> None:
        self.database = database
        self.source = Inbox(database)

    def write(self, unit, name, lane, hands) -> None:
        arrival = Arrival(
            corp_id="ww1", app="crm", kind="contact_added", lane=lane, body=name, origin="callback",
            occurred_at=NOW, received_at=NOW, deadline_at=NOW + timedelta(hours=1),
        )  # fmt: skip
        inbox.remember(unit, arrival, hands)

    def end(self, unit, held) -> None:
        inbox.close(unit, held, now=NOW)


@pytest.fixture(params=[Intents, Events])
def queue(request, database):
    return request.param(database)


async def write(queue, *names, hands, lane="customer:1"):
    unit = Unit()
    for name in names:
        queue.write(unit, name, lane, hands)
    await queue.database.commit(unit)
    return unit


async def claim(queue, now=NOW):
    return await queue.source.claim(10, now=now, lease=LEASE)


async def test_what_is_given_is_what_a_claim_would_have_given(queue):
    hands = Hands()
    unit = await write(queue, "a", hands=hands)
    (held,) = hands.held
    assert not unit.stirs
    assert not await queue.source.waiting(now=NOW)
    (taken_over,) = await claim(queue, NOW + LEASE)
    changed = {"attempt", "fence", "lost", "doubtful"}
    names = [name for name in held.__slots__ if name not in changed]
    assert [getattr(held, name) for name in names] == [getattr(taken_over, name) for name in names]
    assert (held.attempt, held.fence, taken_over.attempt, taken_over.fence) == (1, 1, 2, 2)
    assert (held.lost, taken_over.lost) == (0, 1)
    assert (getattr(held, "doubtful", False), getattr(taken_over, "doubtful", True)) == (False, True)


async def test_what_is_given_is_kept_by_renewing_and_finished_once(queue):
    hands = Hands()
    await write(queue, "a", hands=hands)
    await queue.source.renew(hands.held, now=NOW + LEASE / 2, lease=LEASE)
    assert await claim(queue, NOW + LEASE) == []
    unit = Unit()
    queue.end(unit, hands.held[0])
    await queue.database.commit(unit)
    assert await claim(queue, NOW + 3 * LEASE) == []


async def test_of_one_lane_one_is_given_and_the_others_wait_for_its_end(queue):
    hands = Hands()
    await write(queue, "a", "b", hands=hands)
    await write(queue, "c", hands=hands)
    await write(queue, "d", hands=hands, lane="customer:2")
    assert (len(hands.held), hands.waits) == (2, ["ww1/customer:1"] * 2)
    assert await claim(queue) == []
    unit = Unit()
    queue.end(unit, hands.held[0])
    await queue.database.commit(unit)
    assert len(await claim(queue)) == 1


async def test_what_is_known_already_is_not_given_again(queue):
    hands = Hands()
    await write(queue, "a", hands=hands)
    await write(queue, "a", hands=hands)
    assert (len(hands.held), hands.waits) == (1, [])


async def test_without_room_it_is_claimed_like_everything_else(queue):
    hands = Hands(room=False)
    unit = await write(queue, "a", hands=hands)
    assert unit.stirs
    assert not hands.held
    assert len(await claim(queue)) == 1


async def test_a_unit_that_fails_gives_nothing(queue):
    hands, unit = Hands(), Unit()
    queue.write(unit, "a", "customer:1", hands)
    unit.guard(Statement("UPDATE events SET open = FALSE WHERE 1 = 0"))
    (result,) = await queue.database.commit_each([unit])
    assert isinstance(result, Exception)
    assert not hands.held


async def test_two_transactions_never_begin_with_two_intents_of_one_lane(database, neighbour):
    for number in range(40):
        hands = [Hands(), Hands()]
        stores = [
            Store(Scope(database=each, corp_id="ww1", app="crm", now=NOW, event_id=1, hands=held))
            for each, held in zip((database, neighbour), hands, strict=True)
        ]
        for who, store in enumerate(stores):
            store.intend(MarkTags(user_id="chen", external_user_id=f"wm{number}", add=("et1",), cause=str(who)))
        await asyncio.gather(*(store.commit() for store in stores))
        assert sum(len(each.held) for each in hands) <= 1


async def test_what_has_a_lane_of_its_own_is_begun_at_once(database):
    hands = Hands()
    store = Store(Scope(database=database, corp_id="ww1", app="crm", now=NOW, event_id=1, hands=hands))
    store.intend(Prompt(users=("chen",), text="hello", cause="x"))
    await store.commit()
    assert len(hands.held) == 1
