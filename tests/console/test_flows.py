"""Flows through the API: written, checked, published, looked at."""

from datetime import timedelta

import pytest

from bot.trials.apart import apart
from handlers.flows.turns import take
from sop.events import FlowDue
from sop.relations import Deed, Fact
from tests.console.conftest import CORP, REP
from tests.console.people import add_staff

DOCUMENT = {
    "name": "新客三天",
    "entries": [{"kind": "list", "again": "always"}],
    "start": "hello",
    "nodes": {
        "hello": {"kind": "message", "text": "你好", "next": "day"},
        "day": {"kind": "wait", "title": "隔天", "for": "P1D", "next": "tip"},
        "tip": {"kind": "message", "text": "小贴士"},
    },
}


@pytest.fixture
async def company(site):
    store = site.store()
    add_staff(store, REP, "lin.qiao")
    for customer, member in (("wm1", REP), ("wm2", "lin.qiao")):
        store.customers.meet(customer, at=store.now)
        fact = Fact(deed=Deed.ADDED, at=store.now)
        await store.relations.record(customer, member, fact=fact)
    await store.commit()
    return site


async def published(site, document=DOCUMENT, mode="finish"):
    """A flow that runs."""
    _, made = await site("operator", "POST", "/flows", {"document": document})
    status, out = await site("operator", "POST", f"/flows/{made['id']}/publish", {"mode": mode, "edition": 1})
    assert (status, out) == (200, {"version": 1})
    return made["id"]


async def turn(site, flow):
    """Let those who are due take their turns."""
    store = site.store()
    store.scope.event_id = 1
    await take(FlowDue(corp_id=CORP, at=store.now, flow_id=int(flow)), store)
    await store.commit()


async def test_a_flow_is_written_changed_and_deleted(company):
    status, made = await company("operator", "POST", "/flows", {"document": DOCUMENT})
    assert (status, made["status"], made["version"], made["edition"]) == (201, "draft", 0, 1)
    path = f"/flows/{made['id']}"
    changed = {**DOCUMENT, "note": "第二稿"}
    status, shown = await company("operator", "PUT", path, {"document": changed, "edition": 1})
    assert (status, shown["document"]["note"], shown["edition"]) == (200, "第二稿", 2)
    assert (await company("operator", "PUT", path, {"document": changed, "edition": 1}))[0] == 409
    assert (await company("operator", "DELETE", path))[0] == 204
    assert (await company("operator", "GET", path))[0] == 404


async def test_what_is_no_flow_is_refused_with_the_place(company):
    broken = {**DOCUMENT, "nodes": {"hello": {"kind": "message", "txt": "你好"}}}
    status, problem = await company("operator", "POST", "/flows", {"document": broken})
    assert status == 422
    assert "nodes" in problem["errors"][0]["field"]


async def test_faults_name_their_node_and_what_to_do_and_stop_the_publishing(company):
    faulty = {
        **DOCUMENT,
        "nodes": {
            "hello": {"kind": "message", "text": "字" * 1400, "next": "nowhere"},
            "alone": {"kind": "tag", "add": ["gone"]},
            "day": {"kind": "wait"},
        },
    }
    _, linted = await company("operator", "POST", "/flows/lint", {"document": faulty})
    found = {(fault["node"], fault["field"], fault["stops"]) for fault in linted["faults"]}
    assert ("hello", "nodes.hello.text", True) in found
    assert ("hello", "nodes.hello.next", True) in found
    assert ("day", "nodes.day", True) in found
    assert ("alone", "nodes.alone", False) in found
    assert all(fault["zh"] and fault["en"] for fault in linted["faults"])
    _, made = await company("operator", "POST", "/flows", {"document": faulty})
    status, problem = await company(
        "operator", "POST", f"/flows/{made['id']}/publish", {"mode": "follow", "edition": 1}
    )
    assert status == 422
    assert "nodes.hello.text" in {error["field"] for error in problem["errors"]}


async def test_somebody_is_put_in_and_their_way_says_why(company):
    flow = await published(company)
    body = {"subjects": ["wm1", "nobody"]}
    assert await company("operator", "POST", f"/flows/{flow}/enrolments", body) == (202, {"asked": 1})
    await turn(company, flow)
    _, page = await company("operator", "GET", f"/flows/{flow}/enrolments?node=day")
    (place,) = page["items"]
    assert (place["subject"], place["user_id"], place["status"]) == ("wm1", REP, "parked")
    _, way = await company("operator", "GET", f"/enrolments/{place['id']}")
    assert [(step["node"], step["reason"]["code"]) for step in way["steps"]] == [("hello", "flow_passed")]
    _, mine = await company("operator", "GET", "/customers/wm1/flows")
    assert [each["flow_id"] for each in mine["items"]] == [flow]


async def test_before_publishing_the_operator_sees_what_becomes_of_whom(company):
    flow = await published(company)
    await company("operator", "POST", f"/flows/{flow}/enrolments", {"subjects": ["wm1", "wm2"]})
    await turn(company, flow)
    nodes = {name: node for name, node in DOCUMENT["nodes"].items() if name != "day"}
    nodes["hello"] = {**nodes["hello"], "next": "tip"}
    _, shown = await company("operator", "GET", f"/flows/{flow}")
    draft = {"document": {**DOCUMENT, "nodes": nodes}, "edition": shown["edition"]}
    await company("operator", "PUT", f"/flows/{flow}", draft)
    _, seen = await company("operator", "GET", f"/flows/{flow}/outlook")
    fates = {item["node"]: (item["count"], item["fate"], item["to"]) for item in seen["items"]}
    assert seen["inside"] == 2
    assert fates == {"hello": (0, "changed", ""), "day": (2, "moves", "tip"), "tip": (0, "stays", "")}


async def test_who_finishes_an_older_version_is_not_counted_among_those_who_would_follow(company):
    flow = await published(company)
    await company("operator", "POST", f"/flows/{flow}/enrolments", {"subjects": ["wm1"]})
    await turn(company, flow)
    _, shown = await company("operator", "GET", f"/flows/{flow}")
    await company("operator", "POST", f"/flows/{flow}/publish", {"mode": "finish", "edition": shown["edition"]})
    await company("operator", "POST", f"/flows/{flow}/enrolments", {"subjects": ["wm2"]})
    await turn(company, flow)
    _, seen = await company("operator", "GET", f"/flows/{flow}/outlook")
    assert (seen["inside"], {item["node"]: item["count"] for item in seen["items"]}["day"]) == (1, 1)


async def test_the_numbers_add_up(company):
    flow = await published(company)
    await company("operator", "POST", f"/flows/{flow}/enrolments", {"subjects": ["wm1", "wm2"]})
    await turn(company, flow)
    _, page = await company("operator", "GET", f"/flows/{flow}/enrolments")
    assert (await company("operator", "POST", f"/enrolments/{page['items'][0]['id']}/exit"))[0] == 204
    await turn(company, flow)
    _, numbers = await company("operator", "GET", f"/flows/{flow}/numbers")
    assert (numbers["entered"], numbers["parked"], numbers["ended"]) == (2, 1, 1)
    assert ("exited", "flow_by_hand", 1) in {
        (item["status"], item["reason"]["code"] if item["reason"] else "", item["count"]) for item in numbers["items"]
    }


async def test_a_flow_is_paused_resumed_and_ended(company):
    flow = await published(company)
    for word, status in (("pause", "paused"), ("resume", "running"), ("end", "ended")):
        assert (await company("operator", "POST", f"/flows/{flow}/{word}"))[0] == 204
        assert (await company("operator", "GET", f"/flows/{flow}"))[1]["status"] == status
    assert (await company("operator", "POST", f"/flows/{flow}/resume"))[0] == 409
    assert (await company("operator", "POST", f"/flows/{flow}/enrolments", {"subjects": ["wm1"]}))[0] == 409


async def test_a_rep_sees_their_own_customers_and_no_others(company):
    flow = await published(company)
    await company("operator", "POST", f"/flows/{flow}/enrolments", {"subjects": ["wm1", "wm2"]})
    _, page = await company("operator", "GET", f"/flows/{flow}/enrolments")
    other = next(item["id"] for item in page["items"] if item["subject"] == "wm2")
    assert (await company("rep", "GET", f"/enrolments/{other}"))[0] == 404
    _, mine = await company("rep", "GET", "/customers/wm1/flows")
    assert [item["subject"] for item in mine["items"]] == ["wm1"]
    assert (await company("rep", "GET", "/customers/wm2/flows"))[0] == 404


async def test_the_schema_is_published(company):
    status, schema = await company("operator", "GET", "/flows/schema")
    assert status == 200
    assert "Flow" in schema["document"]["$defs"]


async def test_a_version_is_kept_as_it_was(company):
    flow = await published(company)
    company.clock.now += timedelta(hours=1)
    _, shown = await company("operator", "GET", f"/flows/{flow}")
    draft = {"document": {**DOCUMENT, "note": "新"}, "edition": shown["edition"]}
    await company("operator", "PUT", f"/flows/{flow}", draft)
    _, shown = await company("operator", "GET", f"/flows/{flow}")
    await company("operator", "POST", f"/flows/{flow}/publish", {"mode": "follow", "edition": shown["edition"]})
    _, found = await company("operator", "GET", f"/flows/{flow}/versions")
    assert [(one["number"], one["document"].get("note", "")) for one in found["items"]] == [(2, "新"), (1, "")]


async def test_a_trial_that_cannot_be_is_refused_at_its_field(open_site, corps):
    site = await open_site(corps, trial=apart("sqlite:////nowhere/siyu.db"))
    _, made = await site("operator", "POST", "/flows", {"document": DOCUMENT})
    for wrong, field in (({"days": 0}, "days"), ({"days": 93}, "days"), ({"customers": 20_001}, "customers"),
                         ({"mode": "live"}, "mode")):  # fmt: skip
        status, problem = await site("operator", "POST", f"/flows/{made['id']}/trials", wrong)
        assert (status, [one["field"] for one in problem["errors"]]) == (422, [field])


async def test_a_trial_that_fails_is_told_with_what_to_do(open_site, corps, site):
    broken = await open_site(corps, trial=apart("sqlite:////nowhere/siyu.db"))
    _, made = await broken("operator", "POST", "/flows", {"document": DOCUMENT})
    path = f"/flows/{made['id']}/trials"
    status, problem = await broken("operator", "POST", path, {"mode": "replay"})
    assert (status, problem["detail"]) == (409, "试运行没有完成，请减少客户数或天数后再试。")
    status, problem = await site("operator", "POST", path, {})
    assert (status, problem["detail"]) == (409, "本服务不能试运行旅程。")
