"""Who may see and change links, rules, strategies and quotas, and what is told when something is wrong."""

import pytest

from sop import intercepts
from sop.acquisition import Draft
from sop.quotas import Level, Reading, Verdict
from sop.staff import Member
from sop.transfers import Draft as Transfer
from sop.transfers.takers import Given, Taker
from storage.strategies import Strategy
from storage.transfers.candidates import Which
from tests.console import people
from tests.console.conftest import CORP, LEADER, REP
from wecom.budget import Charge, MemoryBudget
from wecom.limits import BASIC, TO_MEMBER

LINK = {"name": "海报", "staff": [REP]}
RULE = {"name": "竞品", "words": ["对手"], "staff": [REP]}


@pytest.fixture
async def company(site):
    store = site.store()
    store.staff.put(Member(user_id=REP, name="陈宇", departments=(2,), contactable=True), at=store.now)
    store.staff.put(Member(user_id="li.na", name="李娜", departments=(2,), contactable=True), at=store.now)
    people.add_tags(store)
    await store.commit()
    return site


async def live(site):
    store = site.store()
    row = store.links.adopt(Draft(name="海报", staff=(REP,)), link_id="caw1", url="https://l/1")
    store.newcomers.come("wm1", REP, link=row, source="poster", at=store.now)
    store.newcomers.come("wm2", "li.na", link=row, source="web", at=store.now)
    await store.commit()
    return row


async def test_a_link_is_wanted_shown_changed_and_deleted(company):
    status, made = await company("operator", "POST", "/acquisition-links", LINK)
    assert (status, made["status"], made["address"]) == (201, "pending", "")
    path = f"/acquisition-links/{made['id']}"
    status, changed = await company("operator", "PATCH", path, {"name": "展会", "tags": ["et1"]})
    assert (status, changed["name"], changed["version"], changed["tags"]) == (200, "展会", 2, ["et1"])
    assert (await company("operator", "DELETE", path))[1]["status"] == "deleting"
    assert (await company("operator", "DELETE", path))[0] == 202
    assert (await company("operator", "PATCH", path, {"name": "x"}))[0] == 409
    _, page = await company("reviewer", "GET", "/acquisition-links")
    assert [one["id"] for one in page["items"]] == [made["id"]]


async def test_each_source_has_an_address_of_its_own(company):
    row = await live(company)
    _, shown = await company("operator", "GET", f"/acquisition-links/{row}", params={"source": "海报"})
    assert shown["address"].startswith("https://l/1?customer_channel=a-")
    assert shown["address"].endswith(".%E6%B5%B7%E6%8A%A5")
    assert shown["scheme"].startswith("weixin://biz/ww/profile/https%3A")
    assert (await company("operator", "GET", f"/acquisition-links/{row}", params={"source": "海" * 17}))[0] == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"staff": []}, "staff"),
        ({"staff": ["nobody"]}, "staff"),
        ({"tags": ["nothing"]}, "tags"),
        ({"name": "名" * 31}, "name"),
        ({"priority": "listed"}, "priority_staff"),
    ],
)
async def test_what_is_wrong_with_a_link_is_told_by_field(company, change, field):
    status, problem = await company("operator", "POST", "/acquisition-links", {**LINK, **change})
    assert (status, [one["field"] for one in problem["errors"]]) == (422, [field])


async def test_a_rep_sees_the_customers_of_a_link_that_are_their_own(company):
    row = await live(company)
    for role, seen in (("operator", {"wm1", "wm2"}), ("rep", {"wm1"})):
        _, page = await company(role, "GET", f"/acquisition-links/{row}/customers")
        assert {one["external_user_id"] for one in page["items"]} == seen
    _, first = await company("operator", "GET", f"/acquisition-links/{row}/customers", params={"limit": 1})
    after = {"limit": 1, "after": first["next"]}
    _, second = await company("operator", "GET", f"/acquisition-links/{row}/customers", params=after)
    assert first["items"] != second["items"]
    assert second["next"] is None
    _, sources = await company("operator", "GET", f"/acquisition-links/{row}/sources")
    assert [one["source"] for one in sources["items"]] == ["poster", "web"]


async def test_reps_and_reviewers_change_nothing(company):
    for role in ("rep", "reviewer"):
        assert (await company(role, "POST", "/acquisition-links", LINK))[0] == 403
        assert (await company(role, "POST", "/intercept-rules", RULE))[0] == 403
    assert (await company("rep", "GET", "/intercept-rules"))[0] == 403


async def test_a_rule_is_wanted_and_one_of_others_is_left_alone(company):
    status, made = await company("operator", "POST", "/intercept-rules", RULE)
    assert (status, made["status"], made["words"]) == (201, "pending", ["对手"])
    _, changed = await company("operator", "PATCH", f"/intercept-rules/{made['id']}", {"kind": "warn"})
    assert (changed["kind"], changed["version"]) == ("warn", 2)
    status, problem = await company("operator", "POST", "/intercept-rules", {**RULE, "words": ["词" * 33]})
    assert (status, problem["errors"][0]["field"]) == (422, "words.0")
    store = company.store()
    row = store.intercepts.adopt(intercepts.Draft(name="总部", words=("x",), staff=(REP,)), rule_id="9")
    await store.commit()
    for method, body in (("PATCH", {"name": "y"}), ("DELETE", None)):
        status, problem = await company("operator", method, f"/intercept-rules/{row}", body)
        assert status == 409
        assert "WeCom" in problem["detail"] or "企业微信" in problem["detail"]


async def test_strategies_are_shown_with_their_ranges(company):
    store = company.store()
    about = {"parent_id": 0, "admins": (REP,), "privilege": {"contact_me": True}, "made_at": None}
    store.strategies.put(Strategy(id=7, name="华东", read_at=store.now, **about), ("user:li.na", "department:3"))
    await store.commit()
    _, page = await company("operator", "GET", "/strategies")
    assert [(one["id"], one["parent_id"]) for one in page["items"]] == [("7", None)]
    _, shown = await company("operator", "GET", "/strategies/7")
    assert (shown["staff"], shown["departments"]) == (["li.na"], [3])
    assert (await company("operator", "GET", "/strategies/8"))[0] == 404


async def test_all_quotas_are_in_one_place_the_most_pressing_first(company):
    store = company.store()
    facts = {"expiring": [{"at": "2026-06-01T00:00:00+00:00", "balance": 5}]}
    told = Reading(name="acquisition", used=95, most=100, source="wecom", at=store.now, facts=facts)
    store.quotas.note(told, Verdict(0.0, None, Level.WARN), day="2026-05-04")
    await store.commit()
    _, shown = await company("operator", "GET", "/quotas")
    first, *others = shown["items"]
    assert (first["name"], first["used"], first["limit"], first["level"]) == ("acquisition", 95, 100, "warn")
    assert first["facts"] == facts
    assert {one["name"]: one["limit"] for one in others}["contact_ways"] == 500_000
    assert all(one["name_zh"] and one["name_en"] for one in shown["items"])
    assert (await company("rep", "GET", "/quotas"))[0] == 403


async def test_a_leader_sees_no_quotas_of_members_elsewhere(company):
    store = company.store()
    store.staff.put(Member(user_id=LEADER, name="韩", departments=(2,), leads=(2,)), at=store.now)
    transfers = [
        store.transfers.add(Transfer(what="groups", handover=giver, takers=(Taker(user_id=LEADER),)), which=Which())
        for giver in (REP, "stranger")
    ]
    for transfer in transfers:
        store.rides.plan(transfer, [Given("g1", LEADER)])
        store.rides.ask(transfer.id, ["g1"])
    facts = {"external_user_id": "wm1", "user_id": "stranger", "near": 2}
    reading = Reading(name="relation_tags", used=2500, most=3000, at=store.now, facts=facts)
    store.quotas.note(reading, Verdict(0.0, None, Level.WARN), day="2026-05-04")
    await store.commit()
    for role, givers, told in (("operator", [REP, "stranger"], facts), ("leader", [REP], {"near": 2})):
        _, shown = await company(role, "GET", "/quotas")
        items = shown["items"]
        assert sorted(one["facts"]["user_id"] for one in items if one["name"] == "group_transfers") == givers
        assert [one["facts"] for one in items if one["name"] == "relation_tags"] == [told]


async def test_calls_are_told_by_the_share_of_their_limits_and_members_within_the_scope_only(open_site, corps):
    budget = MemoryBudget()
    site = await open_site(corps, budget=budget)
    store = site.store()
    store.staff.put(Member(user_id=LEADER, name="韩", departments=(2,), leads=(2,)), at=store.now)
    store.staff.put(Member(user_id="Chen.Yu", name="陈宇", departments=(2,), contactable=True), at=store.now)
    await store.commit()
    messages = [Charge(f"{CORP}:7:message/send:{user_id}", TO_MEMBER) for user_id in ("chen.yu", "stranger")]
    await budget.reserve([Charge(f"{CORP}:user/get", BASIC), *messages], urgent=True)
    await budget.block(f"{CORP}:user/get")
    _, shown = await site("operator", "GET", "/quotas")
    (path,) = shown["calls"]["paths"]
    assert (path["path"], path["windows"][0]) == ("user/get", {"seconds": 60, "used": 1, "limit": 10_000})
    assert path["blocked_until"]
    assert (shown["calls"]["counted"], len(shown["calls"]["members"])) == ("process", 2)
    _, shown = await site("leader", "GET", "/quotas")
    assert [one["user_id"] for one in shown["calls"]["members"]] == ["chen.yu"]
