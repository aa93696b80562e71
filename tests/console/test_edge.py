"""What the API answers when something is wrong with a request, or with us."""

from zoneinfo import ZoneInfo

import pytest

from console.api.call import Corp
from storage.engine.sql import Statement, Unit
from tests.console.conftest import CORP

WELCOME = {"name": "默认", "scope": {"kind": "corp"}, "text": "你好"}
SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # nothing here depends on the store


ACCEPTED = [
    ("", "zh", "请求有误"),
    ("en", "en", "Invalid request"),
    ("fr, en-GB;q=0.8, zh;q=0.9", "zh", "请求有误"),
    ("zh-CN;q=0.5, en-US", "en", "Invalid request"),
    ("en;q=nonsense", "zh", "请求有误"),
]


async def test_a_problem_is_told_in_the_callers_language(site):
    for accept, language, title in ACCEPTED:
        response = await site.ask("operator", "POST", "/welcomes", {}, headers={"Accept-Language": accept})
        problem = await response.json(content_type="application/problem+json")
        assert response.headers["Content-Language"] == language
        assert (problem["title"], problem["status"], problem["type"]) == (title, 422, "urn:siyu:problem:invalid")
        assert {error["field"] for error in problem["errors"]} == {"name", "scope"}


WRONG_FIELDS = [
    ({**WELCOME, "txet": ""}, "txet", "没有这一项，是否指 text？"),
    ({**WELCOME, "scope": {"kidn": "corp", "kind": "corp"}}, "scope.kidn", "没有这一项，是否指 kind？"),
    ({**WELCOME, "slots": [{"form": "09:00"}]}, "slots.0.form", "没有这一项，是否指 from？"),
    (
        {**WELCOME, "scope": {"kind": "corp", "zzz": 1}},
        "scope.zzz",
        "没有这一项，可用的有：id, kind",
    ),
    (
        {**WELCOME, "scope": {"kind": "team"}},
        "scope.kind",
        "应为以下之一：channel, staff, department, corp",
    ),
    ({**WELCOME, "enabled": "yes"}, "enabled", "应为 true 或 false"),
    ({**WELCOME, "name": "字" * 61}, "name", "最多 60 个字符"),
    ({**WELCOME, "slots": [{"from": "9:00"}]}, "slots.0.from", None),
    ({**WELCOME, "attachments": [{"kind": "image", "material": 5}]}, "attachments.0.material", None),
    ({**WELCOME, "text": "a\0b"}, "text", None),
]


async def test_a_wrong_field_is_named(site):
    for body, field, message in WRONG_FIELDS:
        status, problem = await site("operator", "POST", "/welcomes", body)
        assert status == 422
        (error,) = problem["errors"]
        assert error["field"] == field
        assert message in {None, error["message"]}


WRONG_QUERIES = [
    ("?limit=0", "limit"),
    ("?limit=201", "limit"),
    ("?limit=many", "limit"),
    ("?limt=5", "limt"),
    ("?limit=5&limit=6", "limit"),
    ("?after=rubbish", "after"),
    ("?after=WyJhIl0", "after"),
    ("?after=WzFlOTld", "after"),
    ("?kind=%00", "kind"),
]


async def test_a_wrong_query_parameter_is_named(site):
    for query, field in WRONG_QUERIES:
        status, problem = await site("operator", "GET", f"/events{query}")
        assert status == 422
        assert {error["field"] for error in problem["errors"]} == {field}


async def ask(site, method, path, **more):
    response = await site.ask("operator", method, path, **more)
    return response, await response.json(content_type="application/problem+json")


async def test_what_is_not_there_is_missing(site):
    for path in ("/nothing", "", "/welcomes/1/more", "/tagss"):
        response, problem = await ask(site, "GET", path)
        assert (response.status, problem["type"]) == (404, "urn:siyu:problem:no-endpoint"), path
    for identity in ("1", "x", "-1", "9" * 30, "%00", "01"):
        response, problem = await ask(site, "GET", f"/welcomes/{identity}")
        assert (response.status, problem["type"]) == (404, "urn:siyu:problem:missing"), identity


async def test_a_method_that_is_not_supported_is_told_which_are(site):
    response, problem = await ask(site, "PUT", "/welcomes")
    assert (response.status, response.headers["Allow"]) == (405, "GET, POST")
    assert problem["detail"] == "这个地址只支持 GET, POST。"
    assert (await ask(site, "GET", "/welcomes/preview"))[0].headers["Allow"] == "POST"


JSON = {"Content-Type": "application/json"}


WRONG_BODIES = [
    (b"{", JSON, 400, "unreadable"),
    (b"", JSON, 400, "unreadable"),
    (b'{"name": "\xff"}', JSON, 400, "unreadable"),
    (b"[" * 5000, JSON, 400, "unreadable"),
    (b"[]", JSON, 422, "invalid"),
    (b"{}", {"Content-Type": "text/plain"}, 415, "media-type"),
    (b"{}", {"Content-Type": "application/json; charset=gbk"}, 415, "media-type"),
    (b" " * 300_000, JSON, 413, "too-large"),
]


async def test_a_body_that_cannot_be_taken_is_refused(site):
    for data, headers, status, kind in WRONG_BODIES:
        response, problem = await ask(site, "POST", "/welcomes", data=data, headers=headers)
        assert (response.status, problem["type"]) == (status, f"urn:siyu:problem:{kind}")


async def test_a_body_without_length_is_cut_off_at_the_limit(site):
    async def endless():
        for _ in range(100):
            yield b" " * 10_000

    response, _ = await ask(site, "POST", "/welcomes", data=endless(), headers=JSON)
    assert response.status == 413


async def test_a_database_that_cannot_be_used_says_come_back_later(site):
    await site.token("operator")
    unit = Unit()
    unit.add(Statement("DROP TABLE settings"))
    await site.database.commit(unit)
    response, problem = await ask(site, "GET", "/settings")
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert "settings" not in str(problem)


async def test_a_failure_of_ours_leaks_nothing_but_its_number(site):
    unit = Unit()
    insertion = "INSERT INTO settings (corp_id, name, value, changed_at) VALUES (:corp_id, 'language', 'broken', 0)"
    unit.add(Statement(insertion), corp_id=CORP)
    await site.database.commit(unit)
    response, problem = await ask(site, "GET", "/settings")
    assert (response.status, problem["title"]) == (500, "服务内部错误")
    assert "msgspec" not in str(problem)
    assert "Traceback" not in str(problem)
    assert len(problem["detail"].rsplit(" ", 1)[1]) == len("0123abcd。")


async def test_no_answer_is_cached(site):
    for role in ("operator", ""):
        response = await site.ask(role, "GET", "/tags")
        assert response.headers["Cache-Control"] == "no-store"


@pytest.fixture
async def two(open_site):
    corps = [Corp(id=corp_id, name=corp_id, app="crm", zone=SHANGHAI) for corp_id in (CORP, "wwother")]
    return await open_site(tuple(corps))


async def test_of_several_corps_one_must_be_named(two):
    status, problem = await two("operator", "GET", "/welcomes")
    assert (status, problem["type"]) == (400, "urn:siyu:problem:corp-needed")
    assert "wwother" in problem["detail"]
    assert (await two("operator", "GET", "/welcomes?corp=wwnone"))[0] == 400
    assert (await two("operator", "GET", f"/welcomes?corp={CORP}"))[0] == 200
    assert (await two("operator", "GET", "/welcomes", headers={"Siyu-Corp": CORP}))[0] == 200
    assert (await two("admin", "GET", "/tokens"))[0] == 200


async def test_one_corp_sees_nothing_of_another(two):
    _, made = await two("operator", "POST", f"/welcomes?corp={CORP}", WELCOME)
    assert (await two("operator", "GET", f"/welcomes/{made['id']}?corp={CORP}"))[0] == 200
    for method in ("GET", "DELETE"):
        assert (await two("operator", method, f"/welcomes/{made['id']}?corp=wwother"))[0] == 404
    _, channel = await two("operator", "POST", f"/channels?corp={CORP}", {"name": "a", "staff": ["x"]})
    (event,) = (await two("operator", "GET", f"/events?corp={CORP}"))[1]["items"]
    for path in (f"/channels/{channel['id']}", f"/events/{event['id']}"):
        assert (await two("operator", "GET", f"{path}?corp=wwother"))[0] == 404
    assert (await two("operator", "GET", "/events?corp=wwother"))[1]["items"] == []
