"""Operators see how far jobs have come, pause them, go on, and give them up."""

import pytest

from sop.jobs import Plan, Progress


@pytest.fixture
async def job_id(site):
    store = site.store()
    job_id = store.jobs.start("count", [Plan(name="a", total=10), Plan(name="b", total=10)], name="to ten")
    await store.commit()
    store = site.store()
    job, part = await store.jobs.get(job_id), await store.jobs.part(job_id, 0)
    await store.jobs.advance(job, part, Progress(cursor="4", done=4, code=45009, reason="too often"))
    await store.commit()
    return str(job_id)


async def test_a_job_is_shown_with_its_parts(site, job_id):
    status, job = await site("reviewer", "GET", f"/jobs/{job_id}")
    assert status == 200
    assert (job["kind"], job["status"], job["done"], job["total"]) == ("count", "running", 4, 20)
    assert (job["share"], job["ends_at"]) == (0.2, None)
    assert [(part["name"], part["status"], part["code"]) for part in job["pieces"]] == [
        ("a", "partial", 45009),
        ("b", "open", 0),
    ]
    _, page = await site("reviewer", "GET", "/jobs", params={"kind": "count", "status": "running"})
    assert [each["id"] for each in page["items"]] == [job_id]
    assert (await site("reviewer", "GET", "/jobs/7"))[0] == 404


async def test_a_job_is_paused_and_goes_on(site, job_id):
    assert (await site("reviewer", "POST", f"/jobs/{job_id}/pause"))[0] == 403
    assert (await site("operator", "POST", f"/jobs/{job_id}/pause"))[1]["status"] == "paused"
    status, problem = await site("operator", "POST", f"/jobs/{job_id}/pause")
    assert (status, "paused" in problem["detail"]) == (409, True)
    assert (await site("operator", "POST", f"/jobs/{job_id}/resume"))[1]["status"] == "running"
    _, job = await site("operator", "GET", f"/jobs/{job_id}")
    assert [part["status"] for part in job["pieces"]] == ["open", "open"]


async def test_a_job_is_given_up_for_good(site, job_id):
    assert (await site("operator", "POST", f"/jobs/{job_id}/cancel"))[1]["status"] == "cancelled"
    assert (await site("operator", "POST", f"/jobs/{job_id}/resume"))[0] == 409
