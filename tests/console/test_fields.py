"""Fields over the API: defined, set for one customer and for many, and personal ones shown to few."""

import io

import pytest

from storage.values import decode
from tests.console import people
from tests.console.conftest import REP

BIRTHDAY = {"name": "birthday", "kind": "date", "zh": "生日", "en": "Birthday", "personal": True}
PHONE = {"name": "phone", "kind": "text", "zh": "手机号", "personal": True, "unique": True}


@pytest.fixture
async def company(site):
    store = site.store()
    people.add_staff(store, REP, "li.na")
    for external_user_id, user_id in {"wm1": REP, "wm2": "li.na"}.items():
        people.add_customer(store, external_user_id, name=f"客户{external_user_id}")
        await people.relate(store, external_user_id, user_id)
    await store.commit()
    for field in (BIRTHDAY, PHONE):
        assert (await site("operator", "POST", "/fields", field))[0] == 201
    return site


async def fields(site, role: str, customer: str = "wm1") -> dict[str, object]:
    status, shown = await site(role, "GET", f"/customers/{customer}")
    assert status == 200, shown
    return {each["name"]: None if each["hidden"] else each["value"] for each in shown["fields"]}


async def send(site, text: str, query: str = ""):
    response = await site.ask(
        "operator",
        "POST",
        f"/field-values{query}",
        data=io.BytesIO(text.encode()),
        headers={"Content-Type": "text/csv"},
    )
    return response.status, await response.json(content_type=None)


async def test_stage_and_score_are_there_from_the_beginning(site):
    _, page = await site("rep", "GET", "/fields")
    assert [(each["name"], each["kind"], each["built_in"]) for each in page["items"]] == [
        ("stage", "choice", True),
        ("score", "number", True),
    ]
    assert page["items"][0]["choices"][0] == {"value": "new", "zh": "新客户", "en": "New"}


async def test_the_stages_are_the_operators(company):
    stages = [{"value": "cold", "zh": "冷"}, {"value": "hot", "zh": "热"}]
    assert (await company("operator", "PATCH", "/fields/stage", {"choices": stages}))[0] == 200
    _, problem = await company("rep", "PATCH", "/customers/wm1/fields", {"values": {"stage": "won"}})
    assert problem["errors"] == [{"field": "values.stage", "message": "应为以下之一：cold、hot"}]
    assert (await company("rep", "PATCH", "/customers/wm1/fields", {"values": {"stage": "hot"}}))[0] == 200
    assert await fields(company, "rep") == {"stage": "hot"}


@pytest.mark.parametrize(
    ("wanted", "at"),
    [
        ({"name": "birthday", "kind": "date"}, "name"),
        ({"name": "stage", "kind": "choice", "choices": [{"value": "a"}]}, "name"),
        ({"name": "Über", "kind": "text"}, "name"),
        ({"name": "unionid", "kind": "text"}, "name"),
        ({"name": "size", "kind": "choice"}, "choices"),
        ({"name": "size", "kind": "colour"}, "kind"),
        ({"name": "size", "kind": "number", "unique": True}, "unique"),
    ],
)
async def test_a_field_that_cannot_be_is_refused(company, wanted, at):
    status, problem = await company("operator", "POST", "/fields", wanted)
    assert (status, [error["field"] for error in problem["errors"]]) == (422, [at])


async def test_what_is_set_by_hand_is_shown_and_told_in_the_timeline(company):
    wanted = {"values": {"birthday": "1990-02-28", "score": 8.5, "stage": "won"}}
    status, now = await company("rep", "PATCH", "/customers/wm1/fields", wanted)
    assert (status, {each["name"]: each["value"] for each in now["fields"]}) == (200, wanted["values"])
    company.clock.now = company.clock.now.replace(second=1)
    await company("rep", "PATCH", "/customers/wm1/fields", {"values": {"score": None}})
    assert await fields(company, "rep") == {"birthday": "1990-02-28", "stage": "won"}
    _, page = await company("rep", "GET", "/customers/wm1/timeline")
    first = page["items"][0]
    assert (first["what"], first["user_id"]) == ("field_changed", REP)
    assert first["facts"] == {"field": "score", "before": 8.5, "after": None, "source": "api"}


async def test_everything_wrong_is_told_at_once_and_nothing_is_noted(company):
    wanted = {"values": {"birthday": "1990-02-30", "score": 1, "size": "m"}}
    status, problem = await company("rep", "PATCH", "/customers/wm1/fields", wanted)
    assert (status, [error["field"] for error in problem["errors"]]) == (422, ["values.birthday", "values.size"])
    assert await fields(company, "rep") == {}


async def test_a_rep_sets_only_fields_of_their_own_customers(company):
    assert (await company("rep", "PATCH", "/customers/wm2/fields", {"values": {"score": 1}}))[0] == 404
    assert (await company("reviewer", "PATCH", "/customers/wm1/fields", {"values": {"score": 1}}))[0] == 403
    for method, path, body in (
        ("POST", "/fields", {"name": "x", "kind": "text"}),
        ("DELETE", "/fields/birthday", None),
        ("POST", "/field-values", {"csv": "客户,score\nwm1,1\n"}),
    ):
        assert (await company("rep", method, path, body))[0] == 403


async def test_personal_values_are_shown_to_those_only_who_may_see_people(company):
    values = {"birthday": "1990-02-28", "phone": "13800138000", "score": 3}
    await company("operator", "PATCH", "/customers/wm1/fields", {"values": values})
    assert await fields(company, "operator") == values
    assert await fields(company, "reviewer") == {"birthday": None, "phone": None, "score": 3}
    for path in ("/customers/wm1", "/customers/wm1/timeline"):
        response = await company.ask("reviewer", "GET", path)
        text = await response.text()
        assert "1990" not in text
        assert "13800138000" not in text


async def test_a_phone_number_belongs_to_one_customer(company):
    assert (await company("operator", "PATCH", "/customers/wm1/fields", {"values": {"phone": "13800138000"}}))[0] == 200
    status, problem = await company("operator", "PATCH", "/customers/wm2/fields", {"values": {"phone": "138-00138000"}})
    assert status == 422
    assert problem["errors"] == [{"field": "values.phone", "message": "该值已属于另一位客户"}]


async def test_a_dry_run_of_a_table_tells_whom_it_does_not_know(company):
    table = "客户,客户评分,生日\nwm1,5,1990-02-28\nwm9,5,\nwm2,many,\nwm1,1,\n"
    status, plan = await send(company, table, "?dry_run=true")
    assert (status, plan["noted"], plan["unknown"], plan["refused"], plan["job_id"]) == (200, 1, 1, 2, None)
    assert [(line["line"], line["verdict"], line["field"]) for line in plan["lines"]] == [
        (3, "unknown", ""),
        (4, "refused", "score"),
        (5, "refused", ""),
    ]
    status, problem = await send(company, table)
    assert (status, [error["field"] for error in problem["errors"]]) == (422, ["lines.4.score", "lines.5"])
    assert (await company("operator", "GET", "/jobs"))[1]["items"] == []


async def test_a_good_table_begins_a_job(company):
    await company("operator", "PATCH", "/customers/wm2/fields", {"values": {"phone": "13800138000"}})
    status, plan = await send(company, "手机号\tscore\n+86 138 0013 8000\t7\n139\t1\n")
    assert (status, plan["noted"], plan["unknown"]) == (200, 1, 1)
    _, job = await company("operator", "GET", f"/jobs/{plan['job_id']}")
    assert (job["kind"], job["total"], job["body"]) == ("set_fields", 1, {"digest": plan["digest"], "by": "phone"})
    part = await company.store().jobs.part(int(plan["job_id"]), 0)
    assert part.body["lines"] == [{"customer": "wm2", "values": {"score": ["", 7.0]}}]


async def test_a_table_without_customers_or_with_strange_columns_is_refused(company):
    for table, said in (("score\n1\n", "须有一列"), ("客户,尺码\nwm1,1\n", "尺码"), ("客户\n", "没有任何数据行")):
        status, problem = await send(company, table)
        assert status == 422
        assert said in problem["errors"][0]["message"]


async def test_a_deleted_field_is_seen_no_more_and_its_name_is_free_once_its_values_are_gone(company):
    await company("operator", "PATCH", "/customers/wm1/fields", {"values": {"birthday": "1990-02-28"}})
    assert (await company("operator", "DELETE", "/fields/stage"))[0] == 409
    assert (await company("operator", "DELETE", "/fields/birthday"))[0] == 204
    assert await fields(company, "operator") == {}
    assert (await company("operator", "DELETE", "/fields/birthday"))[0] == 404
    assert (await company("operator", "POST", "/fields", BIRTHDAY))[0] == 409
    _, jobs = await company("operator", "GET", "/jobs?kind=drop_field")
    assert decode(str(jobs["items"][0]["body"]).replace("'", '"')) == {"field": "birthday"}
