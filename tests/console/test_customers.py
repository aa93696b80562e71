"""Customers: who sees whom, how much of them, and their timeline."""

from datetime import timedelta

import pytest

from tests.console import people
from tests.console.conftest import REP

OTHER = "li.na"


@pytest.fixture
async def company(site):
    store = site.store()
    people.add_staff(store, REP, OTHER)
    people.add_tags(store)
    for number, (external_user_id, name, user_id) in enumerate(
        [("wm1", "王小明", REP), ("wm2", "李雷", OTHER), ("wm3", "韩梅梅100%", REP)]
    ):
        people.add_customer(store, external_user_id, name=name, at=store.now + timedelta(seconds=number))
        await people.relate(store, external_user_id, user_id, channel_id=7 if user_id == REP else None)
    people.tag(store, "wm1", REP, "et1")
    people.greet(store, "wm1", REP)
    await store.commit()
    return site


async def ids(site, role: str, query: str = "") -> list[str]:
    status, page = await site(role, "GET", f"/customers{query}")
    assert status == 200, page
    return [customer["external_user_id"] for customer in page["items"]]


async def test_the_newest_customer_stands_first(company):
    assert await ids(company, "operator") == ["wm3", "wm2", "wm1"]


NARROWED = [
    ("?staff=li.na", ["wm2"]),
    ("?tag=et1", ["wm1"]),
    ("?channel=7", ["wm3", "wm1"]),
    ("?status=lost", []),
    ("?status=active&staff=chen.yu&channel=7", ["wm3", "wm1"]),
    ("?words=小明", ["wm1"]),
    ("?words=备注wm2", ["wm2"]),
    ("?words=100%25", ["wm3"]),
    ("?words=0_%25", []),
    ("?since=2026-05-04T11:00:00%2B08:00", []),
    ("?since=2026-05-04T10:30:00%2B08:00", ["wm3", "wm2", "wm1"]),
]


async def test_a_list_is_narrowed(company):
    for query, expected in NARROWED:
        assert await ids(company, "operator", query) == expected


async def test_a_rep_sees_their_own_customers_only(company):
    assert await ids(company, "rep") == ["wm3", "wm1"]
    assert await ids(company, "rep", "?words=备注wm2") == []
    status, problem = await company("rep", "GET", f"/customers?staff={OTHER}")
    assert (status, problem["type"]) == (403, "urn:siyu:problem:out-of-scope")
    for path in ("/customers/wm2", "/customers/wm2/timeline"):
        assert (await company("rep", "GET", path))[0] == 404
    assert (await company("rep", "GET", "/customers/wm1"))[1]["name"] == "王小明"


async def test_a_rep_is_not_shown_what_others_do_with_a_shared_customer(company):
    store = company.store()
    await people.relate(store, "wm1", OTHER)
    people.tag(store, "wm1", OTHER, "et2")
    store.relations.rename("wm1", OTHER, remark="同事的备注")
    await store.commit()
    assert await ids(company, "operator", "?words=同事的") == ["wm1"]
    assert await ids(company, "rep", "?words=同事的") == []
    _, customer = await company("rep", "GET", "/customers/wm1")
    assert [follower["user_id"] for follower in customer["followers"]] == [REP]
    _, page = await company("rep", "GET", "/customers")
    assert {follower["user_id"] for each in page["items"] for follower in each["followers"]} == {REP}
    assert await ids(company, "rep", "?tag=et2") == []
    _, timeline = await company("rep", "GET", "/customers/wm1/timeline")
    assert {entry["user_id"] for entry in timeline["items"]} == {REP, ""}
    _, decisions = await company("rep", "GET", "/decisions?customer=wm1")
    assert {decision["user_id"] for decision in decisions["items"]} == {REP}
    assert len((await company("operator", "GET", "/decisions?customer=wm1"))[1]["items"]) == 3


async def test_a_reviewer_sees_reasons_but_not_people(company):
    _, customer = await company("reviewer", "GET", "/customers/wm1")
    assert customer["name"] == "王**"
    assert customer["avatar"] == customer["unionid"] == ""
    assert customer["followers"][0]["remark"] == "备**"
    response = await company.ask("reviewer", "GET", "/customers/wm1/timeline")
    timeline = await response.text()
    assert "秘密" not in timeline
    assert "企业欢迎语" in timeline
    listed = await (await company.ask("reviewer", "GET", "/customers")).text()
    assert "小明" not in listed
    assert "union-" not in listed


async def test_a_reviewer_cannot_ask_for_names_either(company):
    status, problem = await company("reviewer", "GET", "/customers?words=王小明")
    assert (status, problem["detail"]) == (403, "角色 reviewer 没有权限 customers.unmasked。")


async def test_an_operator_sees_a_customer_whole(company):
    _, customer = await company("operator", "GET", "/customers/wm1")
    (follower,) = customer["followers"]
    assert (customer["name"], customer["unionid"], follower["remark"]) == ("王小明", "union-wm1", "备注wm1")
    assert follower["channel_id"] == "7"
    assert [(tag["name"], tag["rule"]) for tag in follower["tags"]] == [("高意向", "channel:1")]


async def test_a_timeline_tells_facts_decisions_and_deeds(company):
    _, page = await company("operator", "GET", "/customers/wm1/timeline")
    told = {(entry["source"], entry["what"], entry["verdict"]) for entry in page["items"]}
    assert told == {
        ("history", "added", ""),
        ("decision", "tag", "sent"),
        ("decision", "welcome", "sent"),
        ("intent", "mark_tags", "open"),
        ("intent", "send_welcome", "open"),
    }
    (added,) = (entry for entry in page["items"] if entry["what"] == "added")
    assert added["facts"] == {"channel_id": "7", "name": "秘密的名字"}
    reasons = {entry["reason"]["zh"] for entry in page["items"] if entry["reason"]}
    assert "按企业欢迎语发送" in reasons


async def test_a_timeline_is_walked_exactly_once(company):
    whole = (await company("operator", "GET", "/customers/wm1/timeline"))[1]["items"]
    walked, after = [], ""
    while after is not None:
        _, page = await company("operator", "GET", f"/customers/wm1/timeline?limit=2&after={after}")
        walked += page["items"]
        after = page["next"]
    assert walked == whole


async def test_no_code_and_no_text_is_ever_shown(company):
    _, page = await company("operator", "GET", "/intents")
    paths = ["/intents", "/customers/wm1/timeline", "/decisions", *(f"/intents/{each['id']}" for each in page["items"])]
    for role in ("admin", "operator", "reviewer"):
        for path in paths:
            text = await (await company.ask(role, "GET", path)).text()
            assert people.CODE not in text, path
            assert people.TEXT not in text, path


async def test_somebody_unknown_is_missing(site):
    status, problem = await site("operator", "GET", "/customers/nobody")
    assert (status, problem["detail"]) == (404, "没有这个客户。")
    assert (await site("operator", "GET", "/customers/%00"))[0] == 404
