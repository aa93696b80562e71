"""Messages from the app to members: receivers, contents, repetitions, rates."""

import pytest

from simulator import Simulator
from tests.simulator.caller import Caller

SEND = "message/send"
TEXT = {"touser": "chen.yu", "agentid": 1_000_002, "msgtype": "text", "text": {"content": "您有新客户"}}


def contents(crm: Caller, userid: str = "chen.yu") -> list[object]:
    return [message.content for message in crm.corp.mail.of(userid)]


def test_a_message_reaches_members_in_any_spelling(crm: Caller):
    answer = crm.post(SEND, TEXT, touser="CHEN.YU|Nobody|lin.qiao")
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "nobody"
    assert contents(crm) == contents(crm, "lin.qiao") == [{"content": "您有新客户"}]
    assert answer["msgid"]
    assert "response_code" not in answer


def test_departments_reach_everyone_below(crm: Caller):
    answer = crm.post(SEND, TEXT, touser="", toparty="2|99", totag="1")
    assert (answer["errcode"], answer["invalidparty"], answer["invalidtag"]) == (0, "99", "1")
    assert len(crm.corp.mail.inboxes) == 13


def test_everyone_in_range_is_reached_at_once(crm: Caller):
    assert crm.post(SEND, TEXT, touser="@all", toparty="99")["invalidparty"] == ""
    assert len(crm.corp.mail.inboxes) == 30


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"touser": ""}, 82001),
        ({"touser": "nobody"}, 81013),
        ({"touser": "", "toparty": "99"}, 81013),
        ({"touser": "", "totag": "1"}, 81013),
        ({"touser": "|".join(["u"] * 1001)}, 40032),
        ({"toparty": "|".join(["1"] * 101)}, 82002),
        ({"totag": "|".join(["1"] * 101)}, 82003),
        ({"touser": ["chen.yu"]}, 40058),
        ({"agentid": 1_000_003}, 301002),
        ({"agentid": None}, 41011),
        ({"agentid": "1000002"}, 40058),
        ({"msgtype": "telegram"}, 40008),
        ({"msgtype": ""}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": None}, 44004),
        ({"enable_duplicate_check": 2}, 40058),
        ({"duplicate_check_interval": 14_401}, 40058),
        ({"safe": 2}, 40058),
        ({"safe": 1}, 0),
    ],
)
def test_each_mistake_has_its_refusal(crm: Caller, change: dict, code: int):
    assert crm.post(SEND, {**TEXT, **change})["errcode"] == code
    assert len(contents(crm)) == (0 if code else 1)


def test_long_text_is_cut_between_characters(crm: Caller):
    crm.post(SEND, TEXT, text={"content": "好" * 700})
    assert contents(crm) == [{"content": "好" * 682}]


def test_escaped_characters_are_refused(crm: Caller):
    body = b'{"touser":"chen.yu","agentid":1000002,"msgtype":"text","text":{"content":"\\u597d"}}'
    assert crm.send("POST", SEND, body, access_token=crm.token)["errcode"] == 40033
    control = body.replace(b"\\u597d", b"\\u0007")
    assert crm.send("POST", SEND, control, access_token=crm.token)["errcode"] == 0


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("markdown", {"content": "**好**"}, 0),
        ("markdown", {"content": "好" * 683}, 45002),
        ("textcard", {"title": "t", "description": "d", "url": "https://x"}, 0),
        ("textcard", {"title": "t", "url": "https://x"}, 41033),
        ("textcard", {"description": "d", "url": "https://x"}, 41016),
        ("textcard", {"title": "t", "description": "d"}, 41010),
        ("textcard", {"title": "题" * 43, "description": "d", "url": "https://x"}, 45002),
        ("textcard", {"title": "t", "description": "d", "url": "https://x", "btntxt": "更多详情吧"}, 40058),
        ("news", {"articles": [{"title": "t", "url": "https://x"}]}, 0),
        ("news", {"articles": []}, 40063),
        ("news", {"articles": [{"title": "t", "url": "https://x"}] * 9}, 45008),
        ("news", {"articles": [{"title": "t"}]}, 41010),
        ("image", {"media_id": "nope"}, 40007),
        ("image", {}, 41006),
        ("mpnews", {"articles": [{"title": "t", "thumb_media_id": "nope", "content": "c"}]}, 40007),
        ("miniprogram_notice", {"appid": "wx1", "title": "订单通知"}, 48002),
    ],
)
def test_each_type_has_its_checks(crm: Caller, kind: str, body: dict, code: int):
    assert crm.post(SEND, {**TEXT, "msgtype": kind, kind: body})["errcode"] == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"appid": "wx2"}, 90206),
        ({"appid": ""}, 90200),
        ({"title": "短"}, 40058),
        ({"content_item": [{"key": "k" * 11, "value": "v"}]}, 90202),
        ({"content_item": [{"key": "k", "value": "v" * 31}]}, 90203),
        ({"content_item": [{"key": "k", "value": "v"}] * 11}, 90201),
    ],
)
def test_mini_program_notices_are_for_apps_that_have_one(crm: Caller, change: dict, code: int):
    crm.app.mini_programs = frozenset({"wx1"})
    notice = {"appid": "wx1", "title": "订单通知", **change}
    body = {**TEXT, "msgtype": "miniprogram_notice", "miniprogram_notice": notice}
    assert crm.post(SEND, body)["errcode"] == code


def test_news_cannot_be_confidential(crm: Caller):
    news = {"msgtype": "news", "news": {"articles": [{"title": "t", "url": "https://x"}]}, "safe": 1}
    assert crm.post(SEND, {**TEXT, **news})["errcode"] == 40074


def test_media_must_still_live(sim: Simulator, crm: Caller):
    media_id = crm.media()
    message = {**TEXT, "msgtype": "image", "image": {"media_id": media_id}}
    assert crm.post(SEND, message)["errcode"] == 0
    assert crm.post(SEND, {**message, "msgtype": "file", "file": {"media_id": media_id}})["errcode"] == 40007
    sim.clock.advance(3 * 86_400)
    assert Caller(sim, crm.corp, crm.app).post(SEND, message)["errcode"] == 40007


def test_a_repetition_is_accepted_but_not_delivered(sim: Simulator, crm: Caller):
    checked = {**TEXT, "enable_duplicate_check": 1, "duplicate_check_interval": 600}
    assert crm.post(SEND, checked)["errcode"] == 0
    assert crm.post(SEND, checked)["errcode"] == 0
    assert len(contents(crm)) == 1
    crm.post(SEND, {**checked, "text": {"content": "别的"}})
    sim.clock.advance(600)
    crm.post(SEND, checked)
    assert len(contents(crm)) == 3


def test_without_the_check_repetitions_are_delivered(crm: Caller):
    for _ in range(2):
        crm.post(SEND, TEXT)
    assert len(contents(crm)) == 2


def test_a_member_gets_30_a_minute_and_the_rest_is_dropped_silently(sim: Simulator, crm: Caller):
    codes = {crm.post(SEND, TEXT)["errcode"] for _ in range(31)}
    assert codes == {0}
    assert len(contents(crm)) == 30
    sim.clock.advance(60)
    crm.post(SEND, TEXT)
    assert len(contents(crm)) == 31


def test_a_day_has_200_person_times_for_each_account(sim: Simulator, crm: Caller):
    crm.corp.account_cap = 1
    for _ in range(6):
        crm.post(SEND, TEXT, touser="@all")
    assert crm.post(SEND, TEXT, touser="@all")["errcode"] == 45009


def test_a_message_is_taken_back_within_a_day(sim: Simulator, crm: Caller):
    first, second = (crm.post(SEND, TEXT)["msgid"] for _ in range(2))
    assert crm.post("message/recall", msgid=first)["errcode"] == 0
    assert [message.recalled for message in crm.corp.mail.of("chen.yu")] == [True, False]
    assert crm.post("message/recall", msgid="unknown")["errcode"] == 40058
    assert crm.post("message/recall")["errcode"] == 40063
    sim.clock.advance(86_400)
    assert Caller(sim, crm.corp, crm.app).post("message/recall", msgid=second)["errcode"] == 42052
