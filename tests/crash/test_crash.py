"""The service is killed at random moments under load; what it acknowledged is done, once.

SIYU_CRASH_KILLS is the number of kills (default 20, half of them on each store); SIYU_CRASH_SEED repeats a run as
far as chance goes.
"""

import asyncio
import contextlib
import os
import random

import pytest

from tests.crash.crowd import Crowd
from tests.crash.ward import Ward, cradle
from tests.stage import raised

KILLS = int(os.environ.get("SIYU_CRASH_KILLS", "20"))
QUIET = 60  # seconds until everything that was begun has come to its end
ROLES = {"sqlite": ("all",), "postgresql": ("web", "worker", "worker", "clock")}


@pytest.mark.parametrize("backend", ROLES, indirect=True)
async def test_a_service_killed_again_and_again_does_what_it_acknowledged_once(migrated_url, backend, tmp_path):
    seed = os.environ.get("SIYU_CRASH_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"SIYU_CRASH_SEED={seed}")
    chance = random.Random(seed)
    async with cradle() as here, raised(migrated_url) as stage:
        ward = Ward(stage, tmp_path, ROLES[backend], chance)
        try:
            await ward.start(here)
            await stage.until(lambda: stage.idle(least=2), 60)
            await stage.admit()
            crowd = Crowd(stage, chance)
            await crowd.invite()
            await stage.until(stage.idle)
            crowd.misfortune()
            coming = asyncio.create_task(crowd.come(lambda: ward.open))
            await ward.torment(KILLS // 2)
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await coming
            stage.simulator.faults.clear()
            await stage.until(stage.quiet, QUIET)
            served, late = await crowd.check()
        finally:
            await ward.end()
        print(f"{served} customers, {late} greeted by hand, {stage.simulator.delivery.lost} callbacks lost")
        assert served > KILLS
        assert late < served / 2
