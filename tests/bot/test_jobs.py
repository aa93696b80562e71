"""Jobs as an administrator sees them on the command line and in the gauges."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot import metrics
from bot.cli import main
from bot.cli.codes import Exit
from bot.cli.progress import bar
from sop.jobs import Plan, Progress
from storage.database import connect
from storage.joblists import unfinished
from storage.scope import Scope
from storage.store import Store
from tests.bot.configs import CORP_ID, write_config
from tests.stage import counted

KIND = "count"


class Office:
    """A database in which jobs are begun and moved by hand."""

    def __init__(self, url, path):
        self.url = url
        self.path = path

    def __call__(self, work):
        """Do something in a transaction of its own."""

        async def doing():
            database = connect(self.url)
            await database.open()
            try:
                scope = Scope(database=database, corp_id=CORP_ID, app="crm", now=datetime.now(UTC))
                store = Store(scope)
                found = await work(store)
                await store.commit()
            finally:
                await database.close()
            return found

        return asyncio.run(doing())

    def start(self, **how):
        async def begin(store):
            return store.jobs.start(KIND, [Plan(name="all", total=10)], **how)

        return self(begin)

    def move(self, job_id, **progress):
        async def go(store):
            job, part = await store.jobs.get(job_id), await store.jobs.part(job_id, 0)
            await store.jobs.advance(job, part, Progress(**progress))

        self(go)

    def end(self, job_id, status):
        async def finish(store):
            store.jobs.end(await store.jobs.get(job_id), status)

        self(finish)

    def job(self, job_id):
        return self(lambda store: store.jobs.get(job_id))


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def office(migrated_url, tmp_path):
    return Office(migrated_url, write_config(tmp_path, migrated_url))


def test_a_job_is_listed_shown_paused_resumed_and_cancelled(office, capsys):
    job_id = office.start(name="to ten")
    office.move(job_id, cursor="4", done=4, failed=1)
    assert main(["jobs", "list", "-c", office.path]) == Exit.OK
    listed = capsys.readouterr().out
    assert all(word in listed for word in (str(job_id), "count", "to ten", "running", "0/1"))
    assert main(["jobs", "pause", str(job_id), "-c", office.path]) == Exit.OK
    assert office.job(job_id).status == "paused"
    assert main(["jobs", "pause", str(job_id), "-c", office.path]) == Exit.FAILED
    assert main(["jobs", "resume", str(job_id), "-c", office.path]) == Exit.OK
    assert office.job(job_id).status == "running"
    assert main(["jobs", "show", str(job_id), "-c", office.path]) == Exit.OK
    shown = capsys.readouterr().out
    assert "50% 4 / 10 · 1 failed" in shown
    assert main(["jobs", "cancel", str(job_id), "-c", office.path]) == Exit.OK
    assert office.job(job_id).status == "cancelled"


def test_watching_ends_with_the_job_and_tells_how(office, capsys):
    job_id = office.start()
    office.move(job_id, cursor=None, done=10)
    office.end(job_id, "done")
    assert main(["jobs", "watch", str(job_id), "-c", office.path]) == Exit.OK
    assert "██████████ 100% 10 / 10 · done" in capsys.readouterr().err
    halted = office.start()
    office.move(halted, cursor="7", done=7, code=40058, reason="no")
    office.end(halted, "partial")
    assert main(["jobs", "watch", str(halted), "-c", office.path]) == Exit.FAILED
    assert main(["jobs", "show", str(halted), "-c", office.path]) == Exit.OK
    assert "40058 no" in capsys.readouterr().out


def test_a_bar_does_not_guess(office):
    job_id = office.start()
    job = office.job(job_id)
    assert job.share == 0
    unknown = office(begin_unknown)
    assert office.job(unknown).share is None
    assert bar(office.job(unknown)).startswith("count running · 0")


async def begin_unknown(store):
    return store.jobs.start(KIND, [Plan()])


def test_the_gauges_tell_how_far_unfinished_jobs_have_come(office):
    job_id = office.start()
    office.move(job_id, cursor="4", done=4)
    begun_at = office.job(job_id).created_at
    metrics.count(office(lambda store: unfinished(store.scope.database)), begun_at + timedelta(minutes=1))
    assert counted("siyu_jobs_unfinished", kind=KIND, status="running") == 1
    assert (counted("siyu_job_done", kind=KIND), counted("siyu_job_total", kind=KIND)) == (4, 10)
    assert (counted("siyu_job_share", kind=KIND), counted("siyu_job_left_seconds", kind=KIND)) == (0.4, 90)
    office.end(job_id, "done")
    metrics.count(office(lambda store: unfinished(store.scope.database)), begun_at)
    assert counted("siyu_jobs_unfinished", kind=KIND, status="running") == 0
    assert counted("siyu_job_share", kind=KIND) == 0


def test_a_sync_is_begun_from_the_command_line_and_one_that_is_open_stays(office, capsys):
    assert main(["sync", "--kinds", "sync_tags", "-c", office.path]) == Exit.OK
    first = capsys.readouterr().err
    assert main(["sync", "--kinds", "sync_tags", "--no-repair", "-c", office.path]) == Exit.OK
    assert capsys.readouterr().err == first
    assert "siyu jobs watch" in first
    assert main(["sync", "--corp", "ww9", "-c", office.path]) == Exit.FAILED
