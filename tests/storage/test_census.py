"""Whoever entered a flow is in it or out of it, and messages that were kept back are counted by their reason."""

from datetime import UTC, datetime, timedelta

from storage import census
from storage.engine.sql import Statement, Unit, insert
from storage.values import new_id
from tests.storage.rows import enrol, flow

NOW = datetime.now(UTC)
_DELIVERY = insert(
    "deliveries", ("id", "corp_id", "kind", "subject", "origin", "effect", "status", "reason", "due_at", "at")
)


async def change(database, sql: str) -> None:
    unit = Unit()
    unit.add(Statement(sql))
    await database.commit(unit)


async def test_whoever_entered_is_inside_or_out(database):
    flow_id = await flow(database, "ww1")
    await enrol(database, "ww1", flow_id, NOW, NOW, NOW)
    await enrol(database, "ww1", flow_id, NOW, NOW, status="done")
    await change(database, "UPDATE enrolments SET ended_at = 1 WHERE status = 'done'")
    (balance,) = await census.balances(database)
    assert (balance.flow_id, balance.entered, balance.parked, balance.ended) == (flow_id, 5, 3, 2)
    assert balance.drift == 0


async def test_whoever_is_neither_inside_nor_out_is_a_drift(database):
    flow_id = await flow(database, "ww1")
    await enrol(database, "ww1", flow_id, NOW)
    await enrol(database, "ww1", flow_id, NOW, status="done")  # without its end
    await enrol(database, "ww1", flow_id, NOW, status="lost")
    (balance,) = await census.balances(database)
    assert balance.drift == 2


async def test_what_was_kept_back_is_counted_by_its_reason_once(database):
    unit = Unit()
    for number, reason in enumerate(["quiet", "cap", "cap", ""]):
        unit.add(
            _DELIVERY,
            id=new_id(),
            corp_id="ww1",
            kind="single",
            subject=f"wm{number}",
            origin="flow",
            effect=str(number),
            status="skipped" if reason else "planned",
            reason=reason,
            due_at=0,
            at=0,
        )
    await database.commit(unit)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    assert await census.suppressed(database, since=NOW, until=soon) == {("flow", "quiet"): 1, ("flow", "cap"): 2}
    assert await census.suppressed(database, since=soon, until=soon + timedelta(hours=1)) == {}
