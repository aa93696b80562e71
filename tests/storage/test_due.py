"""What is due in rows is announced: once at a time for each lane, for as long as there is any, by who leads."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from storage import due
from storage.engine.sql import Statement, Unit
from storage.errors import LostLease
from storage.inbox import Inbox, close
from storage.leases import Leases
from tests.storage.rows import enrol, flow

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
APPS = {"ww1": "crm"}


@pytest.fixture
async def lease(database):
    return await Leases(database).hold("clock", "a", length=MINUTE)


async def announce(database, lease, now=NOW):
    return await due.announce(database, lease, APPS, now=now, deadline=now + MINUTE)


async def claim(database, now=NOW):
    return await Inbox(database).claim(100, now=now, lease=MINUTE)


async def test_a_flow_with_somebody_due_is_announced_with_how_late_it_is(database, lease):
    flow_id = await flow(database, "ww1", app="crm")
    await enrol(database, "ww1", flow_id, NOW + MINUTE, NOW - MINUTE, NOW - 3 * MINUTE)
    assert [(one.name, one.late) for one in await announce(database, lease)] == [("flows", 3 * MINUTE)]
    (event,) = await claim(database)
    assert (event.kind, event.lane) == ("flow_due", f"ww1/flow:{flow_id}")
    assert msgspec.json.decode(event.body)["flow_id"] == flow_id
    assert event.occurred_at == NOW - 3 * MINUTE


async def test_nothing_is_announced_again_while_the_same_is_under_way(database, lease):
    flow_id = await flow(database, "ww1", app="crm")
    await enrol(database, "ww1", flow_id, NOW - MINUTE)
    assert await announce(database, lease)
    assert not await announce(database, lease, NOW + MINUTE)
    (event,) = await claim(database)
    assert not await announce(database, lease, NOW + MINUTE)
    unit = Unit()
    close(unit, event, now=NOW)
    await database.commit(unit)
    assert await announce(database, lease, NOW + MINUTE)


@pytest.mark.parametrize(("flow_status", "status"), [("paused", "parked"), ("running", "done")])
async def test_who_is_in_a_paused_flow_or_out_of_it_is_not_due(database, lease, flow_status, status):
    flow_id = await flow(database, "ww1", status=flow_status)
    await enrol(database, "ww1", flow_id, NOW - MINUTE, status=status)
    assert not await announce(database, lease)
    assert {one.name: one.overdue for one in await due.look(database, now=NOW)} == dict.fromkeys(due.LOOKS, 0)


async def test_a_flow_whose_people_wait_is_not_announced_before_their_time(database, lease):
    await enrol(database, "ww1", await flow(database, "ww1"), NOW + MINUTE)
    assert not await announce(database, lease)
    assert await announce(database, lease, NOW + MINUTE)


async def test_a_corp_that_is_served_no_more_has_nothing_due(database, lease):
    await enrol(database, "ww2", await flow(database, "ww2"), NOW - MINUTE)
    assert not await announce(database, lease)


async def test_a_flow_without_an_app_of_its_own_takes_the_corps_first(database, lease):
    await enrol(database, "ww1", await flow(database, "ww1"), NOW - MINUTE)
    await announce(database, lease)
    assert [event.app for event in await claim(database)] == ["crm"]


async def test_whoever_leads_no_more_announces_nothing(database, lease):
    await enrol(database, "ww1", await flow(database, "ww1"), NOW - MINUTE)
    await Leases(database).let_go(lease)
    await Leases(database).hold("clock", "b", length=MINUTE)
    with pytest.raises(LostLease):
        await announce(database, lease)
    assert not await claim(database)


async def test_what_is_due_is_seen_with_how_late_and_what_comes_next(database):
    for overdue in (1, 2):
        flow_id = await flow(database, "ww1")
        await enrol(database, "ww1", flow_id, *[NOW - overdue * MINUTE] * overdue, NOW + overdue * MINUTE)
    (flows,) = [one for one in await due.look(database, now=NOW) if one.name == "flows"]
    assert (flows.overdue, flows.late, flows.next_at) == (3, 2 * MINUTE, NOW + MINUTE)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_looking_is_answered_from_an_index_however_many_there_are(database):
    for each in [*due.LOOKS.values(), *(kind.find for kind in due.DUES)]:
        compiled = each.on("sqlite")
        plan = await database.fetch(Statement(f"EXPLAIN QUERY PLAN {compiled.text.replace('?', '1')}"))
        told = [row["detail"] for row in plan]
        scanned = {line for line in told if line.startswith("SCAN ") and "USING" not in line}
        assert scanned <= {"SCAN CONSTANT ROW", "SCAN o", "SCAN r"}, told
