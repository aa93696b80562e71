"""Three days of a company's life, callbacks lost, doubled and late, calls failing: in the end all is known."""

import os
from typing import Any

import pytest

from tests.life import truth
from tests.life.town import Town
from tests.stage import Stage, raised

DEEDS = int(os.environ.get("SIYU_LIFE_DEEDS", "500"))  # in three days
DAYS = 3


@pytest.fixture
async def town(migrated_url):
    async with raised(migrated_url) as stage:
        await stage.serve(wired=True)
        await stage.settled()
        yield Town(stage)


async def test_three_days_of_life_end_without_drift(town):
    stage = town.stage
    for number in range(3):
        members = stage.team[number * 3 : number * 3 + 3]
        town.ways.append(await stage.channel(name=f"门店{number}", staff=members, tags=[stage.tag_id("新客")]))
    town.misbehave()
    await town.live(DAYS, deeds=DEEDS)
    town.behave()
    await town.calm(hours=2)

    await sync(stage, repair=True)
    await town.calm(hours=0.5)  # a group is looked at again where a lost callback makes WeCom's answer look old
    assert truth.differences(await truth.ours(stage.database), truth.theirs(stage.corp)) == {}
    for report in await sync(stage, repair=False):
        assert report["drifts"] == [], report
        assert report["proof"] is None or report["proof"]["differing"] == 0
    assert {deed for deed, often in town.done.items() if often} == {deed.__name__ for deed in town.deeds}


async def sync(stage: Stage, *, repair: bool) -> list[dict[str, Any]]:
    """Compare everything; the reports, once all is done."""
    begun = await stage.post("sync", {"repair": repair})
    reports = []
    for job in begun["jobs"]:
        await stage.until(lambda job_id=job["job_id"]: ended(stage, job_id), seconds=60)
        reports.append(await stage.get(f"drift/{job['job_id']}"))
    assert {report["status"] for report in reports} == {"done"}, reports
    return reports


async def ended(stage: Stage, job_id: str) -> bool:
    return (await stage.get(f"jobs/{job_id}"))["status"] in {"done", "partial"}
