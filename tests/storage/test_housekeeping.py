"""What has long ended is forgotten, however much of it there is; what is open, recent or explains is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from storage import housekeeping, inbox
from storage.inbox import Arrival, Inbox
from storage.sql import Statement, Unit
from storage.values import first_id, new_id, to_ms
from tests.outcomes import note

LONG = timedelta(days=90)
COUNT = Statement("SELECT (SELECT COUNT(*) FROM events) AS events, (SELECT COUNT(*) FROM reactions) AS reactions")


async def arrive(database, number, *, ended):
    """An event of now, and whether it has ended."""
    now = datetime.now(UTC)
    arrival = Arrival(
        corp_id="ww1", app="crm", kind="tag_created", lane=f"tag:{number}", body=str(number), origin="callback",
        occurred_at=now, received_at=now, deadline_at=now,
    )  # fmt: skip
    await Inbox(database).remember(arrival)
    if ended:
        (claim,) = await Inbox(database).claim(1, now=now, lease=LONG)
        unit = Unit()
        note(unit, claim, "tags.read", "done", at=now)
        inbox.close(unit, claim, now=now)
        await database.commit(unit)


async def left(database):
    (row,) = await database.fetch(COUNT)
    return row["events"], row["reactions"]


async def test_bite_by_bite_all_that_ended_is_forgotten_with_how_it_was_handled(database, monkeypatch):
    monkeypatch.setattr(housekeeping, "_BITE", 2)
    for number in range(5):
        await arrive(database, number, ended=True)
    await arrive(database, 5, ended=False)
    now = datetime.now(UTC)
    await housekeeping.clean(database, before=now - LONG)
    assert await left(database) == (6, 5)
    await housekeeping.clean(database, before=now + timedelta(seconds=1))
    assert await left(database) == (1, 0)


def test_no_id_is_made_before_its_moment():
    before = datetime.now(UTC)
    identity = new_id()
    assert first_id(before) <= identity < first_id(before + timedelta(seconds=5))


@pytest.mark.parametrize("moment", [datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)])
def test_before_the_first_id_there_is_none(moment):
    assert first_id(moment) == 0
    assert to_ms(moment) > 0
