"""Channels in full as operators write them: rota, caps, shares, folders, copies, duty."""

import base64
from datetime import timedelta

import pytest

from sop.channels.turns import View
from sop.relations import Deed, Fact
from sop.staff import Department, Member
from tests.console import people
from tests.console.conftest import NOW, PUBLIC, REP

CHANNEL = {"name": "地推海报", "staff": [REP, "lin"]}
DAY = {"weekdays": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"}


@pytest.fixture
async def company(site):
    store = site.store()
    people.add_staff(store, REP, "lin", "qian")
    people.add_tags(store)
    await store.commit()
    return site


def fields(problem) -> set[str]:
    return {error["field"] for error in problem["errors"]}


async def make(company, **more):
    status, made = await company("operator", "POST", "/channels", {**CHANNEL, **more})
    assert status == 201, made
    return made


async def test_everything_about_a_channel_comes_back_as_it_was_written(company):
    _, folder = await company("operator", "POST", "/channel-folders", {"name": "华东"})
    written = {
        "description": "{date} {channel}",
        "accept": [{**DAY, "since": None, "until": None}],
        "strategy": "weighted",
        "cap": 100,
        "member_cap": 20,
        "roster": [{"user_id": REP, "weight": 3, "cap": 30}],
        "rota": [
            {**DAY, "since": None, "until": None, "staff": [REP], "closed": False},
            {"weekdays": [], "from": "00:00", "to": "24:00", "since": "2026-10-01", "until": "2026-10-07",
             "staff": [], "closed": True},
        ],
        "backup": ["qian"],
        "folder": folder["id"],
        "exclusive": True,
        "expires_at": "2026-12-31T16:00:00Z",
    }  # fmt: skip
    made = await make(company, **written)
    assert {name: made[name] for name in written} == written
    assert await company("operator", "GET", f"/channels/{made['id']}") == (200, made)


async def test_what_cannot_be_is_refused_with_a_sentence(company):
    body = {
        **CHANNEL,
        "strategy": "capacity",
        "backup": ["lin", "nobody"],
        "rota": [{"staff": ["qian"]}],
        "folder": "1",
        "expires_at": (NOW - timedelta(seconds=1)).isoformat(),
    }
    status, problem = await company("operator", "POST", "/channels", body)
    assert (status, fields(problem)) == (422, {"member_cap", "backup", "rota.0.staff", "folder", "expires_at"})
    status, problem = await company("operator", "POST", "/channels", {**CHANNEL, "temporary": 3600, "member_cap": 3})
    assert fields(problem) == {"staff", "temporary"}


async def test_whom_it_names_must_be_there_and_able_to_serve(company):
    store = company.store()
    store.staff.put(Member(user_id="gone", active=False), at=NOW)
    store.staff.put(Member(user_id="clerk"), at=NOW)
    await store.staff.plant([Department(id=2, name="门店")], at=NOW)
    await store.commit()
    body = {**CHANNEL, "staff": [REP, "gone"], "backup": ["clerk"], "departments": [2, 9]}
    status, problem = await company("operator", "POST", "/channels", body)
    assert (status, fields(problem)) == (422, {"staff", "backup", "departments"})
    assert "离职" in problem["errors"][0]["message"]
    strange = [{"user_id": "lin"}, {"user_id": "lin.qiao"}]
    status, problem = await company("operator", "POST", "/channels", {**CHANNEL, "roster": strange})
    assert (status, fields(problem)) == (422, {"roster.1.user_id"})


async def test_who_has_left_since_holds_up_no_change_of_anything_else(company):
    made = await make(company, tags=["et1"])
    store = company.store()
    store.staff.leave("lin")
    store.tags.bury("et1")
    await store.commit()
    assert (await company("operator", "PATCH", f"/channels/{made['id']}", {"cap": 5}))[0] == 200
    copied = await company("operator", "POST", "/channels", {**CHANNEL, "tags": ["et1"]})
    assert (copied[0], fields(copied[1])) == (422, {"staff", "tags"})


async def test_a_clock_is_written_with_two_digits_and_the_answer_shows_how(company):
    status, problem = await company("operator", "POST", "/channels", {**CHANNEL, "rota": [{"from": "9:00"}]})
    assert (status, fields(problem)) == (422, {"rota.0.from"})
    assert "09:00" in problem["errors"][0]["message"]


async def test_a_channel_is_found_by_words_in_its_name_and_says_where_its_page_is(company):
    made = await make(company, name="南京西路 Shop")
    await make(company, name="100%")
    for words, names in (("西路", ["南京西路 Shop"]), ("shop", ["南京西路 Shop"]), ("%", ["100%"]), ("北京", [])):
        _, found = await company("reviewer", "GET", "/channels", params={"words": words})
        assert [channel["name"] for channel in found["items"]] == names
    assert made["page"] == f"{PUBLIC}/c/{made['state'].removeprefix('s-')}"
    page = await company.client.get(made["page"].removeprefix(PUBLIC))
    assert page.status == 503, "it is there, and WeCom has not made the code yet"


async def test_what_wecom_never_changes_cannot_be_changed(company):
    made = await make(company)
    status, problem = await company("operator", "PATCH", f"/channels/{made['id']}", {"exclusive": True})
    assert (status, fields(problem)) == (422, {"exclusive"})
    assert "复制" in problem["errors"][0]["message"]
    assert (await company("operator", "PATCH", f"/channels/{made['id']}", {"exclusive": False}))[0] == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"session": 3600}, {"session"}),
        ({"conclusion": {"text": "再见"}}, {"conclusion"}),
        ({"temporary": 3600, "conclusion": {}}, {"conclusion.text"}),
        ({"temporary": 3600, "conclusion": {"text": "好" * 1334}}, {"conclusion.text"}),
        ({"temporary": 3600, "conclusion": {"attachment": {"kind": "file", "material": "1"}}},
         {"conclusion.attachment.kind", "conclusion.attachment.material"}),
        ({"temporary": 3600, "conclusion": {"attachment": {"kind": "image", "material": "1"}}},
         {"conclusion.attachment.material"}),
        ({"temporary": 3600, "session": 14 * 86_400 + 1}, {"session"}),
    ],
)  # fmt: skip
async def test_only_temporary_codes_have_chats_that_end(company, body, expected):
    status, problem = await company("operator", "POST", "/channels", {"name": "问诊", "staff": [REP], **body})
    assert (status, fields(problem)) == (422, expected)


async def test_a_conclusion_comes_back_as_written_and_keeps_its_picture(company):
    content = base64.b64encode(b"picture" * 9).decode()
    _, picture = await company(
        "operator", "POST", "/materials", {"kind": "image", "filename": "x.png", "content": content}
    )
    said = {"text": "再见", "attachment": {"kind": "image", "material": picture["id"]}}
    made = await make(company, staff=[REP], temporary=3600, session=60, conclusion=said)
    shown = made["conclusion"]
    assert (made["session"], shown["text"], shown["attachment"]["material"]) == (60, "再见", picture["id"])
    assert await company("operator", "GET", f"/channels/{made['id']}") == (200, made)
    status, problem = await company("operator", "DELETE", f"/materials/{picture['id']}")
    assert (status, problem["detail"]) == (409, "仍被引用：渠道“地推海报”。请先修改、结束或删除它们。")
    await company("operator", "POST", "/group-welcomes", {"name": "入群", "attachment": said["attachment"]})
    _, problem = await company("operator", "DELETE", f"/materials/{picture['id']}")
    assert problem["detail"].startswith("仍被引用：渠道“地推海报”、入群欢迎语“入群”。")
    status, problem = await company("operator", "PATCH", f"/channels/{made['id']}", {"conclusion": None})
    assert (status, fields(problem)) == (422, {"conclusion"})
    _, same = await company("operator", "PATCH", f"/channels/{made['id']}", {"cap": 0})
    assert same["conclusion"] == shown


async def test_a_channel_leaves_its_folder_and_lives_for_ever_by_null(company):
    _, folder = await company("operator", "POST", "/channel-folders", {"name": "华东"})
    made = await make(company, folder=folder["id"], expires_at="2026-12-31T16:00:00Z")
    _, same = await company("operator", "PATCH", f"/channels/{made['id']}", {"cap": 5})
    assert (same["folder"], same["expires_at"], same["cap"]) == (folder["id"], "2026-12-31T16:00:00Z", 5)
    _, freed = await company("operator", "PATCH", f"/channels/{made['id']}", {"folder": None, "expires_at": None})
    assert (freed["folder"], freed["expires_at"]) == (None, None)
    assert (await company("operator", "GET", f"/channels/{made['id']}"))[1] == freed


async def test_folders_group_channels_and_leave_them_when_deleted(company):
    _, folder = await company("operator", "POST", "/channel-folders", {"name": "华东"})
    inside, outside = await make(company, folder=folder["id"]), await make(company)
    _, found = await company("operator", "GET", f"/channels?folder={folder['id']}")
    assert [channel["id"] for channel in found["items"]] == [inside["id"]]
    (listed,) = (await company("reviewer", "GET", "/channel-folders"))[1]["items"]
    assert (listed["name"], listed["channels"]) == ("华东", 1)
    assert (await company("operator", "POST", "/channel-folders", {"name": "华东"}))[0] == 409
    status, renamed = await company("operator", "PATCH", f"/channel-folders/{folder['id']}", {"name": "华北"})
    assert (status, renamed["name"]) == (200, "华北")
    assert (await company("operator", "DELETE", f"/channel-folders/{folder['id']}"))[0] == 204
    assert (await company("operator", "GET", f"/channels/{inside['id']}"))[1]["folder"] is None
    assert (await company("operator", "PATCH", f"/channel-folders/{folder['id']}", {"name": "无"}))[0] == 404
    assert outside["folder"] is None


async def test_archived_channels_are_listed_apart(company):
    kept, gone = await make(company), await make(company)
    await company("operator", "DELETE", f"/channels/{gone['id']}")
    for archived, expected in (("true", [gone]), ("false", [kept]), ("", [gone, kept])):
        path = "/channels" + (f"?archived={archived}" if archived else "")
        _, found = await company("operator", "GET", path)
        assert [channel["id"] for channel in found["items"]] == [channel["id"] for channel in expected]


async def test_a_copy_has_the_settings_and_the_welcome(company):
    welcome = {"text": "白天好", "slots": [{"from": "18:00", "to": "09:00", "text": "晚上好"}]}
    made = await make(company, member_cap=5, tags=["et1"], welcome=welcome)
    await company("operator", "DELETE", f"/channels/{made['id']}")
    status, copy = await company("operator", "POST", f"/channels/{made['id']}/copy", {})
    assert (status, copy["name"], copy["member_cap"], copy["tags"]) == (201, "地推海报 副本", 5, ["et1"])
    assert (copy["status"], copy["id"] != made["id"], copy["state"] != made["state"]) == ("pending", True, True)
    tried = {"staff": REP, "channel": copy["id"]}
    assert (await company("operator", "POST", "/welcomes/preview", tried))[1]["text"] == "白天好"
    late = {**tried, "at": "2026-05-04T23:00:00+08:00"}
    assert (await company("operator", "POST", "/welcomes/preview", late))[1]["text"] == "晚上好"
    status, named = await company("operator", "POST", f"/channels/{made['id']}/copy", {"name": "二号"})
    assert (status, named["name"]) == (201, "二号")


async def test_the_assignment_says_who_is_shown_why_and_how_fairly(company):
    made = await make(company, strategy="even", member_cap=2, backup=["qian"])
    channel_id, store = int(made["id"]), company.store()
    for number, user_id in enumerate((REP, REP, "lin")):
        fact = Fact(deed=Deed.ADDED, at=NOW - timedelta(minutes=number), channel_id=channel_id)
        await store.arrivals.record(f"wm{number}", user_id, facts=[fact])
    store.channels.see(channel_id, 1, config_id="cfg", shown=View(users=(REP, "lin"), remark="地推海报"))
    await store.commit()
    status, shown = await company("reviewer", "GET", f"/channels/{made['id']}/assignment")
    assert status == 200
    assert (shown["mode"], shown["today"], shown["desired"]["users"]) == ("staff", 3, ["lin"])
    assert (shown["observed"]["users"], shown["underway"]) == ([REP, "lin"], False)
    people_ = {each["user_id"]: each for each in shown["candidates"]}
    assert [people_[name]["reason"]["code"] for name in (REP, "lin", "qian")] == ["capped", "on_duty", "spare"]
    assert (people_[REP]["today"], people_[REP]["over"], people_[REP]["wanted"]) == (2, 0, None)
    assert (people_["lin"]["wanted"], people_["lin"]["shown"], people_["qian"]["backup"]) == (1.0, True, True)
    assert shown["next_at"] == "2026-05-04T16:00:00Z", "midnight, when the caps begin anew"
    assert (await company("operator", "GET", "/channels/1/assignment"))[0] == 404


async def test_a_rep_goes_off_duty_and_only_for_themself(company):
    await make(company, rota=[{"from": "09:00", "to": "18:00", "staff": [REP]}])
    _, before = await company("rep", "GET", f"/staff/{REP}/duty")
    assert (before["on"], before["scheduled"], before["scheduled_until"]) == (True, True, "2026-05-04T10:00:00Z")
    status, after = await company("rep", "PUT", f"/staff/{REP}/duty", {"on": False})
    assert (status, after["on"], after["by"]) == (200, False, REP)
    assert (await company("operator", "GET", f"/staff/{REP}/duty"))[1] == after
    assert (await company("rep", "PUT", "/staff/lin/duty", {"on": False}))[0] == 404
    assert (await company("reviewer", "PUT", "/staff/lin/duty", {"on": False}))[0] == 403
    kinds = {event["kind"] for event in (await company("operator", "GET", "/events"))[1]["items"]}
    assert "duty_changed" in kinds
    (decision,) = (await company("operator", "GET", "/decisions?what=duty"))[1]["items"]
    assert (decision["verdict"], decision["facts"]["by"]) == ("off", REP)


async def test_leave_ends_by_itself(company):
    until = (NOW + timedelta(hours=1)).isoformat()
    status, duty = await company("operator", "PUT", "/staff/lin/duty", {"on": False, "until": until})
    assert (status, duty["on"], duty["until"]) == (200, False, "2026-05-04T03:30:00Z")
    company.clock.now += timedelta(hours=1)
    assert (await company("operator", "GET", "/staff/lin/duty"))[1]["on"]
    past = {"on": False, "until": NOW.isoformat()}
    assert (await company("operator", "PUT", "/staff/lin/duty", past))[0] == 422
    assert (await company("operator", "PUT", "/staff/lin/duty", {"on": True, "until": "2027-01-01T00:00:00Z"}))[
        0
    ] == 422
