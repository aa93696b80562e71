"""Operators write the tag library; what is wrong is told before WeCom hears of it."""

import pytest

from sop import intents
from storage.engine.sql import Statement
from storage.tags import Tag, TagGroup
from tests.console import people
from tests.console.conftest import REP

_INTENTS = Statement("SELECT body FROM intents WHERE corp_id = :corp_id")


@pytest.fixture
async def company(site):
    store = site.store()
    people.add_tags(store)
    await store.commit()
    return site


def fields(problem):
    return {fault["field"] for fault in problem["errors"]}


async def test_new_tags_are_wanted_and_shown_as_pending(company):
    body = {"group": {"name": "意向"}, "tags": [{"name": "低意向"}]}
    status, made = await company("operator", "POST", "/tags", body)
    assert (status, made["id"], made["tags"][0]["status"]) == (201, "eg1", "pending")
    _, library = await company("rep", "GET", "/tags", params={"counts": "true"})
    (group,) = library["groups"]
    assert [tag["status"] for tag in group["tags"]] == ["live", "live", "pending"]
    assert (library["used"], group["tags"][0]["customers"]) == (3, 0)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"group": {}, "tags": [{"name": "a"}]}, {"group.name"}),
        ({"group": {"id": "eg9"}, "tags": [{"name": "a"}]}, {"group.id", "group.name"}),
        ({"group": {"name": "意向"}, "tags": []}, {"tags"}),
        ({"group": {"name": "意向"}, "tags": [{"name": "老客"}]}, {"tags.0.name"}),
        ({"group": {"name": "城市"}, "tags": [{"name": "上海"}, {"name": "上海"}]}, {"tags.1.name"}),
        ({"group": {"name": "城" * 31}, "tags": [{"name": "海" * 31}]}, {"group.name", "tags.0.name"}),
        ({"group": {"name": "城市"}, "tags": [{"name": "a", "position": 2**32}]}, {"tags.0.position"}),
    ],
)
async def test_what_is_wrong_with_new_tags_is_told_at_once(company, body, wrong):
    status, problem = await company("operator", "POST", "/tags", body)
    assert (status, fields(problem)) == (422, wrong)


async def test_ten_thousand_tags_are_the_most(company):
    store = company.store()
    tags = tuple(Tag(id=f"et{number}", name=f"t{number}", group_id="eg2") for number in range(100, 9_998 + 100))
    store.tags.put(TagGroup(id="eg2", name="很多", tags=tags), at=store.now)
    await store.commit()
    body = {"group": {"name": "意向"}, "tags": [{"name": "低意向"}]}
    status, problem = await company("operator", "POST", "/tags", body)
    assert (status, fields(problem)) == (422, {"tags"})
    assert (await company("operator", "POST", "/tags", {**body, "kind": "internal"}))[0] == 201


async def test_an_internal_tag_is_there_at_once_and_leaves_at_once(company):
    body = {"kind": "internal", "group": {"name": "风险"}, "tags": [{"name": "投诉过"}]}
    _, made = await company("operator", "POST", "/tags", body)
    path = f"/tags/{made['tags'][0]['id']}"
    _, changed = await company("operator", "PATCH", path, {"name": "投诉"})
    assert (changed["tags"][0]["name"], changed["tags"][0]["status"]) == ("投诉", "live")
    assert (await company("operator", "DELETE", path))[0] == 202
    _, library = await company("rep", "GET", "/tags")
    assert [group["name"] for group in library["groups"]] == ["意向"]


async def test_a_name_is_taken_once(company):
    status, problem = await company("operator", "PATCH", "/tags/et1", {"name": "老客"})
    assert (status, fields(problem)) == (422, {"name"})
    assert (await company("operator", "PATCH", "/tags/et1", {"name": "高意向", "position": 7}))[0] == 202
    assert (await company("operator", "PATCH", "/tags/et9", {"name": "x"}))[0] == 404
    assert (await company("operator", "PATCH", "/tags/et1", {}))[0] == 422
    assert (await company("operator", "PATCH", "/tag-groups/eg1", {"name": "意愿"}))[0] == 202


async def test_what_wecom_refused_to_make_can_be_dropped(company):
    body = {"group": {"name": "城市"}, "tags": [{"name": "上海"}]}
    _, made = await company("operator", "POST", "/tags", body)
    store = company.store()
    (row,) = await store.scope.fetch(_INTENTS)
    store.tags.refuse(intents.load("add_tags", row["body"]).change, code=40071, reason="exists")
    await store.commit()
    _, library = await company("operator", "GET", "/tags", headers={"Accept-Language": "en"})
    (city,) = [group for group in library["groups"] if group["name"] == "城市"]
    assert "choose another name" in city["tags"][0]["problem"]
    assert (await company("operator", "DELETE", f"/tags/{made['tags'][0]['id']}"))[0] == 202
    _, library = await company("operator", "GET", "/tags")
    assert [group["name"] for group in library["groups"]] == ["意向"]
    assert (await company("operator", "POST", "/tags", body))[0] == 201


async def test_only_those_who_may_write_tags_do(company):
    assert (await company("reviewer", "POST", "/tags", {"group": {"name": "a"}, "tags": [{"name": "a"}]}))[0] == 403
    assert (await company("rep", "DELETE", "/tags/et1"))[0] == 403
    status, policy = await company("rep", "GET", "/tags/policy")
    assert status == 200
    assert "hand_wins" in policy["rules"]


async def test_a_rep_tags_their_own_customers_only(company):
    store = company.store()
    for user_id in (REP, "lin"):
        await people.relate(store, f"wm-{user_id}", user_id)
    await store.commit()
    status, marked = await company("rep", "POST", f"/customers/wm-{REP}/tags", {"user_id": REP, "add": ["et1"]})
    assert (status, marked["add"]) == (202, ["et1"])
    assert (await company("rep", "POST", "/customers/wm-lin/tags", {"user_id": "lin", "add": ["et1"]}))[0] == 404
    assert (await company("operator", "POST", "/customers/wm-lin/tags", {"user_id": "lin", "add": ["et1"]}))[0] == 202
    status, problem = await company("rep", "POST", f"/customers/wm-{REP}/tags", {"user_id": REP, "add": ["et9"]})
    assert (status, fields(problem)) == (422, {"add"})
    assert (await company("reviewer", "POST", "/customers/wm-lin/tags", {"user_id": "lin", "add": ["et1"]}))[0] == 403
    assert (await company("rep", "POST", "/tags/bulk", {"customers": ["wm-lin"], "add": ["et1"]}))[0] == 403


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"add": ["et1"]}, {"customers"}),
        ({"add": ["et1"], "customers": ["wm1"], "condition": {"lost": True}}, {"customers"}),
        ({"customers": ["wm1"]}, {"add"}),
        ({"add": ["et1"], "remove": ["et1"], "customers": ["wm1"]}, {"remove"}),
        ({"add": ["et9"], "condition": {"age": 3}}, {"add", "condition"}),
    ],
)
async def test_what_is_wrong_with_a_bulk_job_is_told_at_once(company, body, wrong):
    status, problem = await company("operator", "POST", "/tags/bulk", body)
    assert (status, fields(problem)) == (422, wrong)


async def test_a_running_job_is_not_undone(company):
    _, job = await company("operator", "POST", "/tags/bulk", {"customers": ["wm1"], "add": ["et1"]})
    assert (job["status"], job["total"]) == ("running", 1)
    assert (await company("operator", "POST", f"/tags/bulk/{job['id']}/undo", {}))[0] == 409
    assert (await company("operator", "POST", "/tags/bulk/7/undo", {}))[0] == 404
