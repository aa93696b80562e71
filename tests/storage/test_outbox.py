"""The outbox holds each effect once, hands it to one courier, and remembers that an attempt may have happened."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sop.events import Outcome
from storage.engine.sql import Unit
from storage.errors import LostLease
from storage.outbox import Ending, Outbox, settle
from storage.wishes import Wish, intend

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=8)
SECOND = timedelta(seconds=1)


@pytest.fixture
def box(database) -> Outbox:
    return Outbox(database)


async def want(database, effect: str, *, lane: str = "", deadline: float = 3600, corp_id: str = "ww1") -> None:
    unit = Unit()
    intend(
        unit,
        Wish(
            corp_id=corp_id, app="crm", kind="mark_tags", effect=effect, lane=lane or effect, body="{}",
            created_at=NOW, deadline_at=NOW + timedelta(seconds=deadline),
        ),
    )  # fmt: skip
    await database.commit(unit)


async def end(database, order, outcome=Outcome.DONE) -> None:
    unit = Unit()
    settle(unit, order, Ending(outcome=outcome), now=NOW)
    await database.commit(unit)


async def effects(box: Outbox, now: datetime = NOW, **more) -> list[str]:
    return [order.effect for order in await box.claim(10, now=now, lease=LEASE, **more)]


async def test_an_effect_is_wanted_once_per_corp(database, box):
    await asyncio.gather(*(want(database, "welcome:1") for _ in range(20)))
    await want(database, "welcome:1", corp_id="ww2")
    assert await effects(box) == ["welcome:1", "welcome:1"]


async def test_an_effect_that_ended_is_not_wanted_again(database, box):
    await want(database, "welcome:1")
    (order,) = await box.claim(10, now=NOW, lease=LEASE)
    await end(database, order)
    await want(database, "welcome:1")
    assert await effects(box, now=NOW + LEASE * 2) == []


async def test_a_welcome_overtakes_what_has_more_time(database, box):
    for count in range(5):
        await want(database, f"tags:{count}")
    await want(database, "welcome", deadline=20)
    assert (await effects(box))[0] == "welcome"


async def test_reserved_places_are_for_near_deadlines(database, box):
    await want(database, "tags")
    await want(database, "welcome", deadline=20)
    assert await effects(box, before=NOW + timedelta(seconds=60)) == ["welcome"]


async def test_one_customer_is_written_by_one_call_at_a_time(database, box, neighbour):
    for count in range(3):
        await want(database, f"tags:{count}", lane="customer:wm1")
    taken = await asyncio.gather(box.claim(10, now=NOW, lease=LEASE), Outbox(neighbour).claim(10, now=NOW, lease=LEASE))
    (order,) = [order for orders in taken for order in orders]
    assert order.effect == "tags:0"
    await end(database, order)
    assert await effects(box) == ["tags:1"]


async def test_what_a_dead_courier_held_is_doubtful(database, box):
    await want(database, "tags")
    (lost,) = await box.claim(1, now=NOW, lease=LEASE)
    assert not lost.doubtful
    (order,) = await box.claim(1, now=NOW + LEASE + SECOND, lease=LEASE)
    assert order.doubtful
    assert order.attempt == 2
    with pytest.raises(LostLease):
        await end(database, lost)
    await end(database, order)


async def test_released_intents_are_handed_out_at_once_and_doubtful(database, box):
    await want(database, "held")
    await box.claim(1, now=NOW, lease=LEASE)
    await want(database, "untouched")
    await box.release()
    orders = await box.claim(2, now=NOW, lease=LEASE)
    assert [(order.effect, order.doubtful) for order in orders] == [("held", True), ("untouched", False)]


async def test_a_postponed_intent_comes_back_when_due_with_its_doubt(database, box):
    await want(database, "tags")
    (order,) = await box.claim(1, now=NOW, lease=LEASE)
    await box.postpone(order, due_at=NOW + 5 * SECOND, doubtful=True, code=0, reason="no_answer")
    await box.renew([order], now=NOW + 4 * SECOND, lease=LEASE)  # too late: it is not held any more
    assert await effects(box, now=NOW + 4 * SECOND) == []
    (again,) = await box.claim(1, now=NOW + 5 * SECOND, lease=LEASE)
    assert again.doubtful
    await box.postpone(again, due_at=NOW + 6 * SECOND, doubtful=False, code=-1, reason="try_later")
    (third,) = await box.claim(1, now=NOW + 6 * SECOND, lease=LEASE)
    assert not third.doubtful


async def test_only_what_ended_badly_can_be_tried_again(database, box):
    for effect in ("good", "bad"):
        await want(database, effect)
    for order in await box.claim(2, now=NOW, lease=LEASE):
        await end(database, order, Outcome.DONE if order.effect == "good" else Outcome.REFUSED)
        again = await box.retry(order.id, now=NOW, deadline_at=NOW + timedelta(hours=1))
        assert again == (order.effect == "bad")
    assert await effects(box) == ["bad"]


async def test_the_backlog_counts_what_is_open(database, box):
    await want(database, "a")
    assert await box.backlog() == (1, NOW)
