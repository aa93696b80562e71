"""Channels in bulk over the API: a dry run tells everything, the job makes what is not there yet."""

import io

import pytest

from sop.staff import Member

SHOPS = "名称,员工,备注\n一店,chen.yu,{channel}\n二店,陈宇,\n"
BAD = "名称,员工\n一店,chen.yu\n二店,谁\n一店,chen.yu\n"


@pytest.fixture
async def company(site):
    store = site.store()
    store.staff.put(Member(user_id="chen.yu", name="陈宇", contactable=True), at=store.now)
    await store.commit()
    return site


async def send(site, text: str | bytes, *, query: str = "", kind: str = "text/csv"):
    content = io.BytesIO(text.encode() if isinstance(text, str) else text)
    headers = {"Content-Type": kind}
    response = await site.ask("operator", "POST", f"/channels/bulk{query}", data=content, headers=headers)
    return response.status, await response.json(content_type=None)


async def test_a_dry_run_tells_line_by_line_and_makes_nothing(company):
    status, plan = await send(company, BAD, query="?dry_run=true")
    assert (status, plan["make"], plan["exists"], plan["refused"], plan["job_id"]) == (200, 1, 0, 2, None)
    told = [(line["line"], line["verdict"], [fault["field"] for fault in line["faults"]]) for line in plan["lines"]]
    assert told == [(2, "make", []), (3, "refused", ["staff"]), (4, "refused", ["name"])]
    assert plan["lines"][1]["faults"][0]["en"] == "谁 is none of the members of staff"
    assert plan["lines"][0]["channel"]["staff"] == ["chen.yu"]
    assert (await company("operator", "GET", "/jobs"))[1]["items"] == []


async def test_a_table_with_mistakes_makes_nothing_and_names_them(company):
    status, problem = await send(company, BAD)
    assert status == 422
    assert [error["field"] for error in problem["errors"]] == ["lines.3.staff", "lines.4.name"]
    assert problem["errors"][1]["message"] == "第 4 行：与第 2 行重名"
    assert (await company("operator", "GET", "/jobs"))[1]["items"] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_good_table_begins_a_job(company, encoding):
    status, plan = await send(company, SHOPS.encode(encoding), kind="text/csv; charset=gbk")
    assert (status, plan["make"]) == (200, 2)
    _, job = await company("operator", "GET", f"/jobs/{plan['job_id']}")
    assert (job["kind"], job["total"], job["body"]) == ("make_channels", 2, {"digest": plan["digest"]})


async def test_json_with_the_text_does_the_same(company):
    status, plan = await company("operator", "POST", "/channels/bulk?dry_run=true", {"csv": SHOPS})
    assert (status, [line["name"] for line in plan["lines"]]) == (200, ["一店", "二店"])


async def test_two_such_jobs_at_once_are_a_conflict(company):
    assert (await send(company, SHOPS))[0] == 200
    assert (await send(company, SHOPS))[0] == 409


async def test_only_this_endpoint_takes_tables(company):
    headers = {"Content-Type": "text/csv"}
    assert (await company.ask("operator", "POST", "/channels", data=b"x", headers=headers)).status == 415
    assert (await send(company, "x" * (3 * 2**20 + 1)))[0] == 413
    assert (await send(company, b"\x89PNG\xff\xff"))[0] == 422
    assert (await company("rep", "POST", "/channels/bulk", {"csv": SHOPS}))[0] == 403
