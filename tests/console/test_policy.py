"""Operators write the contact policy and try it; what customers want to hear of is noted; what bypassed it is told."""

from datetime import timedelta

import pytest

from sop.deliveries import Content, Message
from sop.policy import Send, Skip
from sop.policy.causes import DESPITE_QUIET_HOURS, QUOTA
from sop.staff import Department, Member
from storage.engine.sql import Statement
from tests.console import people
from tests.console.conftest import NOW, REP

NIGHT = {"from": "22:00", "to": "08:00"}
TOPICS = [{"key": "marketing", "zh": "营销", "en": "Marketing"}, {"key": "tips", "zh": "技巧", "en": "Tips"}]
POLICY = {
    "version": 0,
    "topics": TOPICS,
    "quiet": [NIGHT, {"on": "rest"}],
    "days": {"calendar": "china", "work": ["2026-05-04"]},
    "caps": [{"count": 1, "days": 2, "over": "delay"}],
    "quota": {"per": "week", "reserve": 2, "over": "delay"},
    "holdout": {"percent": 2.5, "salt": "spring"},
    "patience_days": 7,
}


@pytest.fixture
async def company(site):
    store = site.store()
    people.add_staff(store, REP, "li.na")
    for customer, member in {"wm1": REP, "wm2": "li.na"}.items():
        people.add_customer(store, customer, name=f"客户{customer}")
        await people.relate(store, customer, member)
    await store.commit()
    return site


def fields(problem):
    return {fault["field"] for fault in problem["errors"]}


def message(customer: str, effect: str, **about) -> Message:
    return Message(
        kind="single", subject=customer, content=Content(text="hi"), origin="flow", origin_id=7,
        effect=effect, **{"due_at": NOW, **about},
    )  # fmt: skip


async def test_the_policy_is_written_whole_and_every_version_is_kept(company):
    status, before = await company("reviewer", "GET", "/policy")
    assert (status, before["version"], before["at"], before["quiet"]) == (200, 0, None, [])
    status, written = await company("operator", "PUT", "/policy", POLICY)
    assert (status, written["version"], written["zone"]) == (200, 1, "Asia/Shanghai")
    assert (await company("reviewer", "GET", "/policy"))[1] == written
    assert written["quiet"][0] == {
        "weekdays": [], "from": "22:00", "to": "08:00", "since": None, "until": None, "on": "all",
    }  # fmt: skip
    assert written["days"] == {"calendar": "china", "rest": [], "work": ["2026-05-04"], "unknown_years": [2027]}
    assert written["holdout"] == {"percent": 2.5, "salt": "spring"}
    assert (await company("operator", "PUT", "/policy", POLICY | {"version": 1, "caps": []}))[1]["caps"] == []
    _, versions = await company("reviewer", "GET", "/policy/versions?limit=1")
    assert [each["version"] for each in versions["items"]] == [2]
    _, older = await company("reviewer", "GET", f"/policy/versions?after={versions['next']}")
    assert older["items"] == [written]


async def test_who_read_an_older_version_does_not_overwrite_the_newer(company):
    await company("operator", "PUT", "/policy", POLICY)
    status, problem = await company("operator", "PUT", "/policy", POLICY)
    assert (status, problem["type"]) == (409, "urn:siyu:problem:conflict")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"topics": []}, {"topics"}),
        ({"topics": TOPICS[1:]}, {"topics"}),
        ({"topics": [*TOPICS, {"key": "Big", "zh": "大", "en": "Big"}]}, {"topics.2.key"}),
        ({"quiet": [{}]}, {"quiet.windows"}),
        ({"quiet": [{"from": "8:00"}]}, {"quiet.0.from"}),
        ({"days": {"rest": ["2026-10-01"], "work": ["2026-10-01"]}}, {"quiet.days.work"}),
        ({"caps": [{"count": 5}, {"count": 3, "days": 7}]}, {"caps.0"}),
        ({"caps": [{"count": -1}]}, {"caps.0.count"}),
        ({"group_caps": [{"count": 2000, "days": 100}]}, {"group_caps.0.count", "group_caps.0.days"}),
        ({"quota": {"per": "day", "reserve": 1}}, {"quota.reserve"}),
        ({"holdout": {"percent": 60}}, {"holdout.share"}),
        ({"patience_days": 99}, {"patience"}),
    ],
)
async def test_what_is_wrong_with_a_policy_is_told_when_it_is_written(company, change, wrong):
    status, problem = await company("operator", "PUT", "/policy", POLICY | change)
    assert (status, fields(problem)) == (422, wrong)
    assert (await company("reviewer", "GET", "/policy"))[1]["version"] == 0


async def test_the_holidays_of_a_year_are_shown_and_an_unknown_year_says_so(company):
    _, known = await company("reviewer", "GET", "/policy/holidays")
    assert (known["year"], known["known"]) == (2026, True)
    assert {"day": "2026-05-09", "rest": False, "zh": "劳动节", "en": "Labour Day"} in known["holidays"]
    _, unknown = await company("reviewer", "GET", "/policy/holidays?year=2100")
    assert unknown == {"year": 2100, "known": False, "holidays": []}


async def test_a_rep_sees_when_a_message_would_go_out_and_why(company):
    await company("operator", "PUT", "/policy", POLICY)
    store = company.store()
    store.deliveries.plan([(message("wm1", "one"), Send(), 1)])
    await store.commit()
    status, trail = await company("rep", "GET", f"/customers/wm1/gate?user_id={REP}")
    assert (status, trail["verdict"], trail["counted"], trail["zone"]) == (200, "delay", 1, "Asia/Shanghai")
    assert trail["at"] == "2026-05-06T00:00:00Z"  # eight in the morning in Shanghai, after the cap's two days
    assert trail["reason"]["code"] == "global_cap"
    assert [(step["name"], step["outcome"]) for step in trail["steps"][4:8]] == [
        ("quiet_hours", "pass"),
        ("flow_cap", "pass"),
        ("global_cap", "delay"),
        ("quiet_hours", "delay"),
    ]
    assert (trail["steps"][6]["zh"], trail["steps"][6]["reason"]["code"]) == ("合计频次上限", "global_cap")
    _, free = await company("rep", "GET", "/customers/wm1/gate?transactional=true")
    assert (free["verdict"], free["reason"]["code"]) == ("send", "despite_global_cap")
    _, other = await company("rep", "GET", "/customers/wm1/gate?user_id=li.na")
    assert (other["verdict"], other["at"], other["reason"]["code"]) == ("skip", None, "not_in_contact")
    assert (await company("rep", "GET", "/customers/wm2/gate"))[0] == 404


async def test_an_operator_tries_a_policy_before_writing_it(company):
    trial = {"customer": "wm1", "at": "2026-05-04T23:30:00+08:00", "policy": {"topics": TOPICS, "quiet": [NIGHT]}}
    status, trail = await company("operator", "POST", "/policy/preview", trial)
    assert (status, trail["verdict"], trail["at"]) == (200, "delay", "2026-05-05T00:00:00Z")
    _, trail = await company("operator", "POST", "/policy/preview", {"customer": "wm1", "at": trial["at"]})
    assert (trail["verdict"], trail["version"]) == ("send", 0)
    assert (await company("reviewer", "GET", "/policy"))[1]["version"] == 0
    capped = {"customer": "wm1", "cap": {"count": 1}}
    store = company.store()
    store.deliveries.plan([(message("wm1", "one"), Send(), 1)])
    await store.commit()
    _, trail = await company("operator", "POST", "/policy/preview", capped | {"origin_id": "7"})
    assert (trail["verdict"], trail["reason"]["code"]) == ("skip", "flow_cap")
    for wrong in ({}, {"customer": "wm1", "group": "wr1"}):
        assert (await company("operator", "POST", "/policy/preview", wrong))[0] == 422
    assert (await company("operator", "POST", "/policy/preview", {"group": "wr1"}))[0] == 404
    broken = {"customer": "wm1", "policy": {"topics": []}}
    assert fields((await company("operator", "POST", "/policy/preview", broken))[1]) == {"topics"}


async def test_a_rep_notes_that_a_customer_opts_out_and_flows_hear_of_it(company):
    path = "/customers/wm1/consents/marketing"
    status, contact = await company("rep", "PUT", path, {"given": False, "why": "说太多了"})
    assert (status, contact["blocked"]) == (200, False)
    marketing, service = contact["topics"]
    assert (marketing["hears"], marketing["said"]["by"], marketing["said"]["why"]) == (False, REP, "说太多了")
    assert (service["key"], service["hears"], service["said"]) == ("service", True, None)
    assert (await company("operator", "GET", "/customers/wm1/contact"))[1] == contact
    _, hidden = await company("reviewer", "GET", "/customers/wm1/contact")
    assert hidden["topics"][0]["said"]["why"] == ""
    (event,) = await company.database.fetch(Statement("SELECT body FROM events WHERE kind = 'happened'"))
    assert '"opted_out"' in event["body"]
    _, trail = await company("rep", "GET", "/customers/wm1/gate")
    assert trail["reason"]["code"] == "opted_out"
    _, timeline = await company("rep", "GET", "/customers/wm1/timeline")
    assert "opted_out" in {entry["what"] for entry in timeline["items"]}
    _, back = await company("rep", "PUT", path, {"given": True})
    assert back["topics"][0]["hears"]


async def test_who_is_not_to_be_contacted_at_all_gets_not_even_a_receipt(company):
    assert (await company("rep", "PUT", "/customers/wm1/consents/*", {"given": True}))[0] == 422
    _, contact = await company("rep", "PUT", "/customers/wm1/consents/*", {"given": False})
    assert contact["blocked"]
    _, trail = await company("rep", "GET", "/customers/wm1/gate?transactional=true")
    assert (trail["verdict"], trail["reason"]["code"]) == ("skip", "blocked")
    _, contact = await company("rep", "PUT", "/customers/wm1/consents/*", {"given": True})
    assert not contact["blocked"]


async def test_an_unknown_topic_and_an_unknown_zone_are_told(company):
    status, problem = await company("rep", "PUT", "/customers/wm1/consents/news", {"given": False})
    assert (status, fields(problem)) == (422, {"topic"})
    status, problem = await company("rep", "PUT", "/customers/wm1/zone", {"zone": "Mars/Base"})
    assert (status, fields(problem)) == (422, {"zone"})


async def test_a_customer_abroad_has_quiet_hours_of_their_own(company):
    await company("operator", "PUT", "/policy", POLICY)
    status, contact = await company("rep", "PUT", "/customers/wm1/zone", {"zone": "America/New_York"})
    assert (status, contact["zone"]) == (200, "America/New_York")
    _, trail = await company("rep", "GET", "/customers/wm1/gate")  # half past ten in the evening of a Sunday there
    assert (trail["verdict"], trail["at"], trail["zone"]) == ("delay", "2026-05-04T12:00:00Z", "America/New_York")


async def test_who_opted_out_is_listed_to_everybody_for_their_own(company):
    for role, customer in (("rep", "wm1"), ("operator", "wm2")):
        await company(role, "PUT", f"/customers/{customer}/consents/marketing", {"given": False})
        company.clock.now += timedelta(minutes=1)
    _, page = await company("operator", "GET", "/consents?limit=1")
    assert [each["external_user_id"] for each in page["items"]] == ["wm2"]
    _, rest = await company("operator", "GET", f"/consents?after={page['next']}")
    assert [each["external_user_id"] for each in rest["items"]] == ["wm1"]
    _, own = await company("rep", "GET", "/consents")
    assert [each["external_user_id"] for each in own["items"]] == ["wm1"]
    assert (await company("operator", "GET", "/consents?given=true"))[1]["items"] == []


async def test_transactional_messages_are_told_with_what_they_bypassed(company):
    store = company.store()
    store.deliveries.plan(
        [
            (message("wm1", "a", transactional=True, user_id=REP), Send(), 1),
            (message("wm1", "b", transactional=True), Send(DESPITE_QUIET_HOURS), 2),
            (message("wm2", "c", transactional=True, user_id="li.na"), Skip(QUOTA), 1),
            (message("wm2", "d"), Send(), 1),
        ]
    )
    await store.commit()
    _, page = await company("operator", "GET", "/policy/transactional")
    assert {each["subject"] for each in page["items"]} == {"wm1", "wm2"}
    assert len(page["items"]) == 3
    _, page = await company("operator", "GET", "/policy/transactional?bypassed=true")
    assert {each["reason"]["code"] for each in page["items"]} == {DESPITE_QUIET_HOURS, QUOTA}
    _, own = await company("rep", "GET", "/policy/transactional")
    assert [each["subject"] for each in own["items"]] == ["wm1", "wm1"]


async def test_a_group_passes_the_gate_too(company):
    store = company.store()
    await store.staff.replace([Member(user_id=REP, name=REP, departments=(1,))], [Department(id=1)], at=NOW)
    await store.commit()
    people_group = Statement("""
        INSERT INTO customer_groups (corp_id, chat_id, owner, status, created_at, seen_at, changed_at)
        VALUES ('wwcorp', 'wr1', :owner, 'normal', 0, 0, 0)
    """)
    store = company.store()
    store.scope.unit.add(people_group, {"owner": REP})
    await store.commit()
    body = {"group": "wr1", "policy": {"topics": TOPICS, "quiet": [NIGHT]}, "at": "2026-05-04T23:00:00+08:00"}
    _, trail = await company("operator", "POST", "/policy/preview", body)
    assert (trail["verdict"], trail["at"]) == ("delay", "2026-05-05T00:00:00Z")
