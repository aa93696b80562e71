"""Channels, welcomes and materials as operators write them."""

import asyncio
import base64
import io
import json
from datetime import timedelta

import pytest

from tests.console import people
from tests.console.conftest import REP

WELCOME = {"name": "默认欢迎语", "scope": {"kind": "corp"}, "text": "你好{customer}，我是{staff}"}
CHANNEL = {"name": "地推海报", "staff": [REP], "tags": ["et1"], "remark": "{channel}-{customer}"}


@pytest.fixture
async def company(site):
    store = site.store()
    people.add_staff(store, REP)
    people.add_tags(store)
    await store.commit()
    return site


def fields(problem) -> set[str]:
    return {error["field"] for error in problem["errors"]}


async def test_a_welcome_is_made_read_changed_and_deleted(company):
    slot = {"weekdays": [6, 7], "from": "09:00", "to": "24:00", "since": "2026-05-01", "text": "周末好"}
    link = {"kind": "link", "title": "官网", "url": "https://example.com/a"}
    body = {**WELCOME, "attachments": [link], "slots": [slot]}
    status, made = await company("operator", "POST", "/welcomes", body)
    assert status == 201
    assert isinstance(made["id"], str)
    assert await company("operator", "GET", f"/welcomes/{made['id']}") == (200, made)
    assert made["slots"][0]["to"] == "24:00"
    assert made["slots"][0]["from"] == "09:00"
    assert made["attachments"][0]["url"] == "https://example.com/a"
    status, changed = await company("operator", "PATCH", f"/welcomes/{made['id']}", {"text": "欢迎"})
    assert (status, changed["text"], changed["version"], changed["slots"]) == (200, "欢迎", 2, made["slots"])
    assert (await company("operator", "DELETE", f"/welcomes/{made['id']}"))[0] == 204
    assert (await company("operator", "GET", f"/welcomes/{made['id']}"))[0] == 404


async def test_everything_that_is_wrong_with_a_welcome_is_told_at_once(company):
    body = {
        "name": "坏的",
        "scope": {"kind": "staff", "id": "nobody"},
        "text": "字" * 1300 + "{custumer}{customer}",
        "attachments": [{"kind": "link", "title": "题" * 50, "url": "ftp://example.com"}] * 10,
        "slots": [{"text": ""}],
    }
    status, problem = await company("operator", "POST", "/welcomes", body)
    assert status == 422
    assert {"text", "scope.id", "attachments", "attachments.0.title", "attachments.9.url", "slots.0.text"} <= fields(
        problem
    )
    assert any("{custumer}" in error["message"] for error in problem["errors"])
    assert (await company("operator", "GET", "/welcomes"))[1]["items"] == []


async def test_a_preview_tells_which_rule_wins_and_why(company):
    await company("operator", "POST", "/welcomes", WELCOME)
    slot = {"from": "10:00", "to": "11:00", "text": "上午好{customer}，{date}"}
    rule = {"name": "小陈的", "scope": {"kind": "staff", "id": REP}, "text": "平时", "slots": [slot]}
    _, made = await company("operator", "POST", "/welcomes", rule)
    status, preview = await company("reviewer", "POST", "/welcomes/preview", {"staff": REP, "customer": "王小明"})
    assert status == 200
    assert preview["text"] == "上午好王小明，2026-05-04"
    assert preview["rule"] == {"id": made["id"], "name": "小陈的", "scope": "staff", "version": 1, "slot": 0}
    assert preview["reasons"][0]["zh"] == "按员工欢迎语发送"
    later = {"staff": REP, "at": "2026-05-04T11:00:00+08:00"}
    assert (await company("operator", "POST", "/welcomes/preview", later))[1]["text"] == "平时"
    status, problem = await company("operator", "POST", "/welcomes/preview", {"staff": "nobody"})
    assert (status, fields(problem)) == (422, {"staff"})


async def test_a_preview_says_when_no_rule_applies(company):
    _, preview = await company("operator", "POST", "/welcomes/preview", {"staff": REP})
    assert (preview["rule"], preview["reasons"][0]["code"]) == (None, "no_rule")


async def test_a_channel_is_made_with_its_welcome(company):
    status, made = await company("operator", "POST", "/channels", {**CHANNEL, "welcome": {"text": "从{channel}来"}})
    assert status == 201
    assert made["state"]
    assert (made["status"], made["config_id"], made["qr_code"]) == ("pending", None, None)
    assert company.woken
    (rule,) = (await company("operator", "GET", "/welcomes"))[1]["items"]
    assert rule["scope"] == {"kind": "channel", "id": made["id"]}
    tried = {"staff": REP, "channel": made["id"]}
    assert (await company("operator", "POST", "/welcomes/preview", tried))[1]["text"] == "从地推海报来"
    assert {event["kind"] for event in (await company("operator", "GET", "/events"))[1]["items"]} == {"channel_changed"}


async def test_a_channel_shows_its_code_once_wecom_has_made_it(company):
    _, made = await company("operator", "POST", "/channels", CHANNEL)
    store = company.store()
    store.channels.see(int(made["id"]), 1, config_id="cfg", qr_code="https://example.com/qr")
    people.add_customer(store, "wm1", name="王小明")
    await people.relate(store, "wm1", REP, channel_id=int(made["id"]))
    await store.commit()
    _, shown = await company("operator", "GET", f"/channels/{made['id']}")
    assert (shown["status"], shown["config_id"], shown["qr_code"]) == ("live", "cfg", "https://example.com/qr")
    assert (shown["customers"], shown["adds"]) == (1, 1)
    (listed,) = (await company("operator", "GET", "/channels"))[1]["items"]
    assert listed == shown


async def test_waiting_for_a_code_ends_when_time_is_up(company):
    status, made = await company("operator", "POST", "/channels?wait=0.2", CHANNEL)
    assert (status, made["status"]) == (201, "pending")


async def test_a_channel_is_changed_and_deleted(company):
    _, made = await company("operator", "POST", "/channels", CHANNEL)
    status, changed = await company("operator", "PATCH", f"/channels/{made['id']}", {"name": "门店", "tags": []})
    assert (status, changed["name"], changed["tags"], changed["version"]) == (200, "门店", [], 2)
    assert await company("operator", "GET", f"/channels/{made['id']}") == (200, changed)
    status, gone = await company("operator", "DELETE", f"/channels/{made['id']}")
    assert (status, gone["status"]) == (202, "deleting")
    assert (await company("operator", "DELETE", f"/channels/{made['id']}"))[0] == 202
    status, problem = await company("operator", "PATCH", f"/channels/{made['id']}", {"name": "又"})
    assert (status, problem["detail"]) == (409, "渠道已删除。")


async def test_everything_that_is_wrong_with_a_channel_is_told_at_once(company):
    body = {
        "name": "渠" * 31,
        "staff": ["nobody", "nobody"],
        "tags": ["et9"],
        "remark": "{nobody}",
        "welcome": {"text": ""},
    }
    status, problem = await company("operator", "POST", "/channels", body)
    assert status == 422
    assert fields(problem) == {"name", "staff", "tags", "remark", "welcome.text"}
    assert (await company("operator", "GET", "/channels"))[1]["items"] == []


async def test_a_channel_needs_nobody_we_know_before_the_directory_is_read(site):
    assert (await site("operator", "POST", "/channels", CHANNEL))[0] == 201


async def test_a_department_may_be_a_number_or_its_digits(company):
    for department in (7, "7"):
        status, made = await company("operator", "POST", "/channels", {"name": "部门", "departments": [department]})
        assert (status, made["departments"]) == (201, [7])


async def test_a_material_is_kept_and_not_deleted_while_a_welcome_needs_it(company):
    body = {"kind": "image", "filename": "海报.png", "content": base64.b64encode(b"picture" * 9).decode()}
    status, made = await company("operator", "POST", "/materials", body)
    assert (status, made["size"], made["ready"]) == (201, 63, False)
    assert (await company("operator", "POST", "/materials", body))[1]["id"] == made["id"]
    image = {"kind": "image", "material": made["id"]}
    _, rule = await company("operator", "POST", "/welcomes", {**WELCOME, "attachments": [image]})
    status, problem = await company("operator", "DELETE", f"/materials/{made['id']}")
    assert (status, problem["detail"]) == (409, "仍被引用：欢迎语“默认欢迎语”。请先修改、结束或删除它们。")
    _, preview = await company("operator", "POST", "/welcomes/preview", {"staff": REP})
    assert preview["missing"] == [made["id"]]
    store = company.store()
    store.materials.lend(int(made["id"]), "MEDIA", expires_at=store.now + timedelta(days=3))
    await store.commit()
    assert (await company("operator", "GET", f"/materials/{made['id']}"))[1]["ready"]
    await company("operator", "DELETE", f"/welcomes/{rule['id']}")
    assert (await company("operator", "DELETE", f"/materials/{made['id']}"))[0] == 204


async def test_a_material_that_wecom_would_refuse_is_refused_here(company):
    body = {"kind": "image", "filename": "x.png", "content": base64.b64encode(b"tiny").decode()}
    status, problem = await company("operator", "POST", "/materials", body)
    assert (status, fields(problem)) == (422, {"content"})
    status, problem = await company("operator", "POST", "/materials", {**body, "content": "***"})
    assert (status, problem["errors"]) == (422, [{"field": "content", "message": "不是合法的 Base64"}])


async def test_a_material_may_be_larger_than_other_requests(company):
    body = {"kind": "image", "filename": "x.png", "content": base64.b64encode(b"x" * 2**20).decode()}
    data = io.BytesIO(json.dumps(body).encode())
    response = await company.ask(
        "operator", "POST", "/materials", data=data, headers={"Content-Type": "application/json"}
    )
    assert response.status == 201


async def test_settings_have_defaults_and_are_changed_one_by_one(company):
    _, settings = await company("reviewer", "GET", "/settings")
    assert (settings["alarm_removals"], settings["alarm_receivers"], settings["language"]) == (10, [], "zh")
    wanted = {"alarm_removals": 5, "alarm_receivers": [REP]}
    status, changed = await company("operator", "PATCH", "/settings", wanted)
    assert (status, changed) == (200, {**settings, **wanted})
    assert (await company("reviewer", "GET", "/settings"))[1] == changed
    assert await company.store().settings.get("removals.most", 10) == 5


async def test_the_tag_library_is_shown_in_its_order(company):
    _, library = await company("rep", "GET", "/tags")
    assert [[tag["name"] for tag in group["tags"]] for group in library["groups"]] == [["高意向", "老客"]]


async def test_of_changes_at_the_same_time_none_is_lost_silently(company):
    _, made = await company("operator", "POST", "/welcomes", WELCOME)
    path = f"/welcomes/{made['id']}"
    answers = await asyncio.gather(*(company("operator", "PATCH", path, {"text": f"{n}"}) for n in range(5)))
    kept = [status for status, _ in answers if status == 200]
    assert {status for status, _ in answers} <= {200, 409}
    assert (await company("operator", "GET", path))[1]["version"] == 1 + len(kept)
