"""Rules name members, departments, tags and channels: what would never match is refused while it is written."""

import pytest

from sop.staff import Department, Member
from tests.console import people
from tests.console.conftest import NOW, REP

RULE = {"name": "沉默", "tag_id": "et1"}
INTERCEPT = {"name": "竞品", "words": ["对手"], "staff": [REP]}
STRANGE = {"any": [{"tag": ["et1", "et8"]}, {"channel": ["7"]}, {"not": {"staff": ["nobody"]}}, {"department": [9]}]}


@pytest.fixture
async def company(site):
    store = site.store()
    people.add_staff(store, REP)
    store.staff.put(Member(user_id="clerk", name="文员"), at=NOW)
    await store.staff.plant([Department(id=2, name="门店")], at=NOW)
    people.add_tags(store)
    await store.commit()
    return site


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/tag-rules", {**RULE, "tag_id": "et8", "condition": {"lost": True}}, {"tag_id"}),
        ("/tag-rules", {**RULE, "condition": {"tag": ["et8"]}}, {"condition"}),
        ("/tag-rules", {**RULE, "condition": {"channel": ["门店"]}}, {"condition"}),
        ("/tags/bulk", {"add": ["et1"], "condition": {"staff": ["nobody"]}}, {"condition"}),
        ("/tags/bulk", {"add": ["et1"], "customers": ["wm1"], "member": "nobody"}, {"member"}),
        ("/tags/bulk", {"add": ["et1"], "remove": ["et8"], "customers": ["wm1"]}, {"remove"}),
        ("/intercept-rules", {**INTERCEPT, "staff": ["nobody"], "departments": [9]}, {"staff", "departments"}),
        ("/acquisition-links", {"name": "海报", "staff": ["clerk"], "departments": [9]}, {"staff", "departments"}),
    ],
)
async def test_a_name_of_nothing_is_refused(company, path, body, expected):
    status, problem = await company("operator", "POST", path, body)
    assert (status, {error["field"] for error in problem["errors"]}) == (422, expected)


async def test_every_name_of_a_condition_is_looked_up(company):
    status, problem = await company("operator", "POST", "/tag-rules/preview", {"condition": STRANGE})
    assert status == 422
    told = " ".join(error["message"] for error in problem["errors"])
    assert all(name in told for name in ("et8", "渠道 7", "nobody", "部门 9")), told
    assert "et1" not in told


async def test_words_may_be_blocked_for_members_without_customers(company):
    assert (await company("operator", "POST", "/intercept-rules", {**INTERCEPT, "staff": ["clerk"]}))[0] == 201


async def test_a_rule_whose_names_are_gone_since_can_still_be_switched_off(company):
    _, rule = await company("operator", "POST", "/tag-rules", {**RULE, "condition": {"tag": ["et2"]}})
    store = company.store()
    store.tags.bury("et2")
    await store.commit()
    status, changed = await company("operator", "PATCH", f"/tag-rules/{rule['id']}", {"enabled": False})
    assert (status, changed["enabled"]) == (200, False)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/settings", {"alarm_receivers": [REP, "typo"]}, {"alarm_receivers"}),
        ("/settings", {"transfer_receivers": ["gone"]}, {"transfer_receivers"}),
        ("/settings", {"transfer_capacity": {REP: 5, "typo": 9}}, {"transfer_capacity"}),
        ("/group-settings", {"cities": [{"kind": "department", "id": "门店", "city": "上海"}]}, {"cities"}),
        ("/group-settings", {"cities": [{"kind": "channel", "id": "7", "city": "上海"}]}, {"cities"}),
        ("/group-settings", {"cities": [{"kind": "department", "id": "9", "city": "上海"}]}, {"cities"}),
    ],
)
async def test_alarms_go_to_who_is_there_and_cities_are_of_what_there_is(company, path, body, expected):
    store = company.store()
    store.staff.put(Member(user_id="gone", active=False), at=NOW)
    await store.commit()
    status, problem = await company("operator", "PATCH", path, body)
    assert (status, {error["field"] for error in problem["errors"]}) == (422, expected)


async def test_a_receiver_who_has_left_since_holds_up_no_other_setting(company):
    assert (await company("operator", "PATCH", "/settings", {"alarm_receivers": [REP, "clerk"]}))[0] == 200
    city = {"cities": [{"kind": "department", "id": "2", "city": "上海"}]}
    assert (await company("operator", "PATCH", "/group-settings", city))[0] == 200
    store = company.store()
    store.staff.leave("clerk")
    await store.commit()
    status, shown = await company("operator", "PATCH", "/settings", {"alarm_receivers": ["clerk"], "language": "en"})
    assert (status, shown["alarm_receivers"], shown["language"]) == (200, ["clerk"], "en")


async def test_an_invitation_names_tags_that_there_are(company):
    body = {"name": "进群", "codes": ["7"], "channels": ["7"], "tags": ["et8"]}
    status, problem = await company("operator", "POST", "/group-invitations", body)
    assert (status, {error["field"] for error in problem["errors"]}) == (422, {"codes", "channels", "tags"})
