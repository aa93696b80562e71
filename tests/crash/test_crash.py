"""The service is killed at random moments under load; what it acknowledged is done, once.

SIYU_CRASH_KILLS is the number of kills (default 20, half of them on each store); SIYU_CRASH_SEED repeats a run as
far as chance goes.
"""

import asyncio
import contextlib
import os
import random
import sys

import pytest

from tests.crash.crowd import Crowd
from tests.crash.ward import Ward, cradle
from tests.stage import raised

KILLS = int(os.environ.get("SIYU_CRASH_KILLS", "20")) // 2
QUIET = 60  # seconds until everything that was begun has come to its end
ROLES = {"sqlite": ("all",), "postgresql": ("web", "worker", "worker", "clock")}


@pytest.fixture
def chance():
    """Chance, of a seed that stands in the report of a failure."""
    seed = os.environ.get("SIYU_CRASH_SEED") or str(random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"SIYU_CRASH_SEED={seed}\n")
    return random.Random(seed)


@contextlib.asynccontextmanager
async def open_ward(stage, folder, roles, chance):
    """A service as processes, which has read its company."""
    async with cradle() as here:
        ward = Ward(stage, folder, roles, chance)
        try:
            await ward.start(here)
            await stage.until(lambda: stage.idle(least=2), 60)
            await stage.admit()
            yield ward
        finally:
            await ward.end()


@contextlib.asynccontextmanager
async def meanwhile(work):
    """Something that goes on beside."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("backend", ROLES, indirect=True)
async def test_a_service_killed_again_and_again_does_what_it_acknowledged_once(migrated_url, backend, tmp_path, chance):
    async with raised(migrated_url) as stage, open_ward(stage, tmp_path, ROLES[backend], chance) as ward:
        crowd = Crowd(stage, chance)
        await crowd.invite()
        crowd.misfortune()
        async with meanwhile(crowd.come(lambda: ward.open)):
            await ward.torment(KILLS)
        stage.simulator.faults.clear()
        await stage.until(stage.quiet, QUIET)
        served, late = await crowd.check()
        assert served > KILLS
        assert late < served / 2
