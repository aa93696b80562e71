"""The first sync of a corp that has been there for long, before anything about it is known here."""

from simulator import Kind
from tests.scenarios.crowd import Crowd
from tests.stage import raised


async def test_groups_are_found_before_the_staff_have_been_read(migrated_url):
    async with raised(migrated_url) as stage:
        crowd = Crowd(stage)
        made = [crowd.found(owner, name=owner) for owner in stage.team[:3]]
        stage.push(5)
        stage.fail(Kind.REFUSE, "department/*", code=-1)
        await stage.serve(wired=True)
        begun = await stage.post("sync", {"kinds": ["sync_groups"]})
        path = f"jobs/{begun['jobs'][0]['job_id']}"
        await stage.until(lambda: has_ended(stage, path))
        assert (await stage.get(path))["status"] == "done"
        assert (await stage.get("staff"))["items"] == []
        assert all([await crowd.agrees(group) for group in made])


async def has_ended(stage, path):
    return (await stage.get(path))["status"] != "running"
