"""Many customers are tagged at once, by a list or a condition; what a job did can be seen, halted and undone."""

import pytest

from simulator.actions import staff
from tests.stage import MARKING, read


@pytest.fixture
async def crowd(siyu):
    """Forty customers of four members."""
    relations = [siyu.add(siyu.team[number % 4]) for number in range(40)]
    await siyu.until(lambda: arrived(siyu, len(relations)))
    return relations


async def arrived(stage, count):
    return len(await stage.events("contact_added")) == count and await stage.idle()


async def job(stage, job_id):
    return await stage.get(f"jobs/{job_id}")


async def ended(stage, begun):
    async def over():
        seen = await job(stage, begun["id"])
        return seen if seen["status"] not in ("running", "paused") else None

    return await stage.until(over, seconds=60)


async def test_a_list_is_tagged_and_what_was_there_before_survives_the_undoing(siyu, crowd):
    vip, low = siyu.tag_id("VIP"), siyu.tag_id("低意向")
    siyu.push(5)
    siyu.act(staff.tag, crowd[0], put=[vip])
    siyu.act(staff.tag, crowd[1], put=[low])
    await siyu.until(lambda: edited(siyu, 2))
    body = {"customers": [each.external_userid for each in crowd[:20]], "add": [vip], "remove": [low]}
    seen = await ended(siyu, await siyu.post("tags/bulk", body))
    assert (seen["status"], seen["total"], seen["done"], seen["failed"]) == ("done", 20, 20, 0)
    assert [vip in each.tags for each in crowd] == [True] * 20 + [False] * 20
    assert low not in crowd[1].tags
    (follower,) = (await siyu.get(f"customers/{crowd[2].external_userid}"))["followers"]
    assert (follower["tags"][0]["source"], follower["tags"][0]["owners"][0]["owner"]) == ("api", f"job:{seen['id']}")

    undone = await ended(siyu, await siyu.post(f"tags/bulk/{seen['id']}/undo", {}))
    assert (undone["status"], undone["done"]) == ("done", 20)
    assert [vip in each.tags for each in crowd] == [True] + [False] * 39
    assert low in crowd[1].tags


async def edited(stage, count):
    return len(await stage.events("contact_edited")) == count and await stage.idle()


async def test_a_list_that_was_imported_shows_so(siyu, crowd):
    body = {"customers": [crowd[0].external_userid], "add": [siyu.tag_id("VIP")], "source": "import"}
    seen = await ended(siyu, await siyu.post("tags/bulk", body))
    (follower,) = (await siyu.get(f"customers/{crowd[0].external_userid}"))["followers"]
    shown = follower["tags"][0]
    assert (shown["source"], shown["owners"][0]["owner"]) == ("import", f"job:{seen['id']}")


async def test_a_condition_chooses_whom_to_tag(siyu, crowd):
    tag_id, member = siyu.tag_id("重要客户"), siyu.team[1]
    begun = await siyu.post("tags/bulk", {"condition": {"staff": [member]}, "add": [tag_id], "name": "重点"})
    seen = await ended(siyu, begun)
    assert (seen["status"], seen["done"], seen["total"], seen["name"]) == ("done", 10, 10, "重点")
    assert all((tag_id in each.tags) is (each.userid == member) for each in crowd)


async def test_what_wecom_refused_is_listed_with_its_reason(siyu, crowd):
    tag_id = siyu.tag_id("新客")
    siyu.fail("refuse", MARKING, code=40068, count=3)
    people = [*(each.external_userid for each in crowd[:6]), "wmNobody"]
    seen = await ended(siyu, await siyu.post("tags/bulk", {"customers": people, "add": [tag_id]}))
    assert (seen["done"], seen["failed"]) == (3, 4)
    path = f"tags/bulk/{seen['id']}/changes"
    page = await siyu.get(path, status="failed")
    assert sorted(each["code"] for each in page["items"]) == [0, 40068, 40068, 40068]
    assert all(each["reason"] for each in page["items"])
    table = await siyu.api.get(f"{siyu.base}/api/v1/{path}", params={"status": "failed", "format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == 5
    assert "wmNobody" in table.text


async def test_a_job_is_paused_and_goes_on_without_marking_anybody_twice(siyu, crowd):
    siyu.simulator.platform.latency = 0.05
    tag_id = siyu.tag_id("复购")
    begun = await siyu.post("tags/bulk", {"condition": {"lost": False}, "add": [tag_id]})
    answer = await siyu.api.post(f"{siyu.base}/api/v1/jobs/{begun['id']}/pause")
    if answer.is_success:
        await siyu.until(siyu.idle, seconds=60)
        assert (await job(siyu, begun["id"]))["status"] == "paused"
        assert (await siyu.api.post(f"{siyu.base}/api/v1/jobs/{begun['id']}/resume")).is_success
    seen = await ended(siyu, begun)
    assert (seen["status"], seen["done"]) == ("done", 40)
    marked = [read(call)["external_userid"] for call in siyu.calls(MARKING, code=0)]
    assert sorted(marked) == sorted(each.external_userid for each in crowd)


async def test_one_customer_is_tagged_by_hand_through_the_api(siyu, crowd):
    relation, tag_id = crowd[0], siyu.tag_id("VIP")
    path = f"customers/{relation.external_userid}/tags"
    await siyu.post(path, {"user_id": relation.userid, "add": [tag_id], "expires_days": 2})
    await siyu.until(lambda: tag_id in relation.tags)
    await siyu.until(siyu.idle)
    (follower,) = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    assert (follower["tags"][0]["source"], bool(follower["tags"][0]["expires_at"])) == ("api", True)
    siyu.push(2 * 24 * 3600 + 5)
    await siyu.until(lambda: tag_id not in relation.tags)
