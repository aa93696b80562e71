"""A sync is killed again and again, and ends as if nothing had happened: nobody is missing, nobody is counted twice."""

import os
import random

import pytest

from simulator import giant
from sop import sync
from tests.crash.test_crash import ROLES, open_ward
from tests.stage import raised

KILLS = max(1, int(os.environ.get("SIYU_CRASH_KILLS", "20")) // 5)
STAFF, CUSTOMERS = 300, 20_000


async def once(stage, **how):
    """Begin a sync of all customers; its job's id."""
    (begun,) = (await stage.post("sync", {"kinds": [sync.CUSTOMERS], **how}))["jobs"]
    return begun["job_id"]


async def over(stage, job_id):
    """The job once it has come to an end."""
    job = await stage.store().jobs.get(int(job_id))
    return job if job.status != "running" else None


@pytest.mark.parametrize("backend", ROLES, indirect=True)
async def test_a_sync_that_is_killed_again_and_again_misses_nobody(migrated_url, backend, tmp_path):
    chance = random.Random(3)
    async with raised(migrated_url) as stage, open_ward(stage, tmp_path, ROLES[backend], chance) as ward:
        giant.grow(stage.simulator.world, stage.corp, staff=STAFF, customers=CUSTOMERS)
        stage.simulator.platform.latency = 0.2
        job_id = await once(stage)
        await ward.torment(KILLS)
        stage.simulator.platform.latency = 0
        job = await stage.until(lambda: over(stage, job_id), 120)
        assert (job.status, job.done, job.failed) == ("done", CUSTOMERS, 0)
        wanted = {"members": STAFF + 30, "differing": 0, "there": CUSTOMERS, "here": CUSTOMERS}
        assert await stage.store().drifts.totals(job.id) == wanted
        second = await once(stage, repair=False)
        again = await stage.until(lambda: over(stage, second), 120)
        assert again.status == "done"
        assert await stage.store().drifts.sums(again.id) == ()
