"""What has long ended is forgotten, however much of it there is; what is open, recent or explains is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.drift import Drift
from sop.jobs import Plan
from storage import housekeeping, inbox
from storage.engine.sql import Statement, Unit
from storage.inbox import Arrival, Inbox
from storage.scope import Scope
from storage.store import Store
from storage.sync.drifts import Count, Place
from storage.values import first_id, new_id, to_ms
from tests.outcomes import note

LONG = timedelta(days=90)
OF_JOBS = (
    ("jobs", "id"), ("job_parts", "job_id"), ("drifts", "job_id"), ("drift_counts", "job_id"),
    ("member_counts", "job_id"), ("sightings", "job_id"), ("tag_changes", "job_id"),
)  # fmt: skip
CHANGED = Statement(
    "INSERT INTO tag_changes (job_id, external_user_id, user_id, at) VALUES (:job_id, :name, 'chen', 0)"
)
TURNED = Statement("UPDATE jobs SET status = :status WHERE id = :id")
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


async def work(database, kind, status, *, rows=1):
    """A job that stands so, with so many of everything that can belong to one."""
    store = Store(Scope(database=database, corp_id="ww1", app="crm", now=datetime.now(UTC)))
    job_id = store.jobs.start(kind, [Plan(name=str(number)) for number in range(rows)])
    for number in range(rows):
        place = Place(job_id=job_id, part=number)
        name = f"wm{number}"
        await store.drifts.note(place, [Drift(kind="relation", key=name, what="different")])
        store.drifts.prove(place, [Count(user_id=name, there=1, here=1)])
        store.drifts.sight(job_id, "staff", [name])
    await store.commit()
    unit = Unit()
    for number in range(rows):
        unit.add(CHANGED, job_id=job_id, name=f"wm{number}")
    if status != "running":
        unit.add(TURNED, id=job_id, status=status)
    await database.commit(unit)
    return job_id


async def jobs_left(database):
    rows = [await database.fetch(Statement(f"SELECT DISTINCT {name} AS id FROM {table}")) for table, name in OF_JOBS]
    kept = [{row["id"] for row in found} for found in rows]
    assert all(ids == kept[0] for ids in kept), dict(zip(OF_JOBS, kept, strict=True))
    return kept[0]


async def test_a_job_is_forgotten_with_all_that_belongs_to_it_but_the_latest_of_its_kind(database, monkeypatch):
    monkeypatch.setattr(housekeeping, "_BITE", 2)
    first = await work(database, "sync_customers", "done", rows=5)
    looks = [await work(database, "transfer_look", status) for status in ("done", "partial", "done")]
    running, cancelled = await work(database, "bulk_tag", "running"), await work(database, "bulk_tag", "cancelled")
    last, halted = await work(database, "sync_customers", "done"), await work(database, "sync_groups", "partial")
    everything = {first, *looks, running, cancelled, last, halted}
    now = datetime.now(UTC)
    await housekeeping.clean(database, before=now - LONG)
    assert await jobs_left(database) == everything
    await housekeeping.clean(database, before=now + timedelta(seconds=1))
    assert await jobs_left(database) == {looks[-1], running, cancelled, last, halted}


def test_no_id_is_made_before_its_moment():
    before = datetime.now(UTC)
    identity = new_id()
    assert first_id(before) <= identity < first_id(before + timedelta(seconds=5))


@pytest.mark.parametrize("moment", [datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)])
def test_before_the_first_id_there_is_none(moment):
    assert first_id(moment) == 0
    assert to_ms(moment) > 0


async def test_what_tells_no_more_than_that_rows_were_due_goes_sooner(database):
    for number in range(3):
        await arrive(database, number, ended=True)
    await arrive(database, 3, ended=False)
    now = datetime.now(UTC)
    kept = await housekeeping.thin(database, {"flow_due"}, before=now + timedelta(seconds=1))
    assert await left(database) == (4, 3)
    await housekeeping.thin(database, {"tag_created"}, before=now + timedelta(seconds=1), after=kept)
    assert await left(database) == (4, 3)  # looked at already
    await housekeeping.thin(database, {"tag_created"}, before=now - LONG)
    assert await left(database) == (4, 3)
    await housekeeping.thin(database, {"tag_created", "flow_due"}, before=now + timedelta(seconds=1))
    assert await left(database) == (1, 0)


async def test_what_was_given_up_stays_to_be_seen(database):
    await arrive(database, 0, ended=True)
    unit = Unit()
    unit.add(Statement("UPDATE reactions SET status = 'dead'"))
    await database.commit(unit)
    await housekeeping.thin(database, {"tag_created"}, before=datetime.now(UTC) + timedelta(seconds=1))
    assert await left(database) == (1, 1)
