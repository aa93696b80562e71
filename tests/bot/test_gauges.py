"""What the clock measures is what is there; what takes long is counted by whoever leads, and by nobody else."""

from datetime import timedelta

import pytest

from bot.clock.gauges import Gauges
from storage.values import new_id
from tests.bot.test_leading import schedule
from tests.stage import counted
from tests.storage.rows import enrol, flow


@pytest.fixture
def measuring(stage):
    return Gauges(stage.database, stage.now, lambda: True)


async def test_what_is_overdue_is_told_with_how_long(stage, measuring):
    flow_id = await flow(stage.database, stage.corp.id)
    await enrol(stage.database, stage.corp.id, flow_id, stage.now() - timedelta(minutes=5), stage.now())
    await schedule(stage, 0, after=3600)
    await measuring.measure()
    assert counted("siyu_overdue", kind="flows") == 2
    assert 300 <= counted("siyu_overdue_seconds", kind="flows") < 400
    assert counted("siyu_overdue", kind="timers") == 0


async def test_flows_are_told_with_their_balance_and_a_drift_is_an_alert(stage, measuring):
    flow_id = str(await flow(stage.database, stage.corp.id))
    await enrol(stage.database, stage.corp.id, int(flow_id), stage.now(), stage.now())
    await measuring.census()
    assert counted("siyu_flow_entered", flow=flow_id) == counted("siyu_flow_parked", flow=flow_id) == 2
    assert counted("siyu_flow_drift", flow=flow_id) == 0
    await stage.run("UPDATE enrolments SET status = 'lost'")
    measuring._rested = 0
    await measuring.census()
    assert counted("siyu_flow_drift", flow=flow_id) == 2


async def test_whoever_follows_counts_nothing(stage):
    flow_id = str(await flow(stage.database, stage.corp.id))
    await enrol(stage.database, stage.corp.id, int(flow_id), stage.now())
    await Gauges(stage.database, stage.now, lambda: False).census()
    assert counted("siyu_flow_entered", flow=flow_id) == 0


async def test_a_census_that_takes_long_is_not_taken_again_at_once(stage, measuring):
    await measuring.census()
    flow_id = str(await flow(stage.database, stage.corp.id))
    await enrol(stage.database, stage.corp.id, int(flow_id), stage.now())
    measuring._rested += 60
    await measuring.census()
    assert counted("siyu_flow_entered", flow=flow_id) == 0


async def test_what_was_suppressed_is_counted_once_by_whoever_leads(stage):
    leading, following = (
        Gauges(stage.database, stage.now, lambda lead=lead: lead, settled=-timedelta(seconds=5))
        for lead in (True, False)
    )  # also what was written right now
    leading._counted = following._counted = stage.now() - timedelta(minutes=1)
    before = counted("siyu_suppressed_total", origin="flow", reason="test_cap")
    await stage.run(
        "INSERT INTO deliveries (id, corp_id, kind, subject, origin, effect, status, reason, due_at, at) "
        f"VALUES ({new_id()}, 'ww1', 'single', 'wm1', 'flow', 'e', 'skipped', 'test_cap', 0, 0)"
    )
    for each in (leading, following, leading):
        await each.measure()
    assert counted("siyu_suppressed_total", origin="flow", reason="test_cap") == before + 1


async def test_mass_messages_on_their_way_are_told_by_status_with_the_age_of_the_oldest(stage, measuring):
    begun = int((stage.now() - timedelta(minutes=5)).timestamp() * 1000)
    for status in ("filling", "unknown", "unknown", "made", "ended"):
        await stage.run(
            "INSERT INTO mailings (id, corp_id, app, kind, user_id, origin, count, status, created_at, asked_at) "
            f"VALUES ({new_id()}, 'ww1', 'crm', 'single', 'u', 'flow', 1, '{status}', {begun}, 0)"
        )
    await measuring.census()
    found = {status: counted("siyu_mailings", status=status) for status in ("filling", "making", "unknown", "made")}
    assert found == {"filling": 1, "making": 0, "unknown": 2, "made": 1}
    assert 300 <= counted("siyu_mailings_oldest_seconds", status="unknown") < 400
    await stage.run("DELETE FROM mailings")
    measuring._rested = 0
    await measuring.census()
    assert counted("siyu_mailings_oldest_seconds", status="unknown") == 0
