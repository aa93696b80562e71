"""Template cards: each block's refusal, clicks, and updates."""

import copy

import pytest

from simulator import Callback, Simulator
from simulator.actions import staff
from simulator.actions.errors import Impossible
from simulator.world.corp import App
from tests.simulator.caller import Caller, read

LINK = {"type": 1, "url": "https://example.com"}
OPTIONS = [{"id": "a", "text": "甲"}, {"id": "b", "text": "乙"}]
SUBMIT = {"text": "提交", "key": "submit"}
CARDS = {
    "text_notice": {"main_title": {"title": "新客户"}, "card_action": LINK},
    "news_notice": {
        "main_title": {"title": "新客户"},
        "card_action": LINK,
        "card_image": {"url": "https://example.com/p.png"},
    },
    "button_interaction": {
        "main_title": {"title": "新客户"},
        "task_id": "task-1",
        "button_list": [{"text": "已跟进", "key": "done"}, {"text": "打开", "type": 1, "url": "https://x"}],
    },
    "vote_interaction": {
        "main_title": {"title": "投票"},
        "task_id": "task-2",
        "checkbox": {"question_key": "q", "option_list": OPTIONS},
        "submit_button": SUBMIT,
    },
    "multiple_interaction": {
        "main_title": {"title": "问卷"},
        "task_id": "task-3",
        "select_list": [{"question_key": "q", "option_list": OPTIONS}],
        "submit_button": SUBMIT,
    },
}


def send(crm: Caller, kind: str, change: dict | None = None, touser: str = "chen.yu|lin.qiao") -> dict:
    card = {"card_type": kind, **copy.deepcopy(CARDS[kind]), **(change or {})}
    body = {"touser": touser, "agentid": crm.app.agent_id, "msgtype": "template_card", "template_card": card}
    return crm.post("message/send", body)


@pytest.mark.parametrize("kind", CARDS)
def test_a_good_card_of_each_kind_is_taken(crm: Caller, kind: str):
    answer = send(crm, kind)
    assert answer["errcode"] == 0, answer
    assert ("response_code" in answer) is kind.endswith("interaction")


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("text_notice", {"card_type": "poster"}, 42031),
        ("text_notice", {"main_title": None}, 42033),
        ("text_notice", {"main_title": None, "sub_title_text": "有新客户"}, 0),
        ("text_notice", {"card_action": None}, 42045),
        ("text_notice", {"card_action": {"type": 0}}, 42045),
        ("text_notice", {"card_action": {"type": 1}}, 42028),
        ("text_notice", {"card_action": {"type": 1, "url": "example.com"}}, 42028),
        ("text_notice", {"card_action": {"type": 2}}, 42030),
        ("text_notice", {"horizontal_content_list": [{"value": "x"}]}, 42027),
        ("text_notice", {"horizontal_content_list": [{"keyname": "k"}] * 6}, 0),
        ("text_notice", {"horizontal_content_list": [{"keyname": "k"}] * 7}, 42035),
        ("text_notice", {"horizontal_content_list": [{"keyname": "k", "type": 1}]}, 42028),
        ("text_notice", {"horizontal_content_list": [{"keyname": "k", "type": 2}]}, 42029),
        ("text_notice", {"horizontal_content_list": [{"keyname": "k", "type": 3, "userid": "nobody"}]}, 42050),
        ("text_notice", {"horizontal_content_list": [{"keyname": "k", "type": 3, "userid": "chen.yu"}]}, 0),
        ("text_notice", {"jump_list": [{"title": "t"}] * 4}, 42042),
        ("text_notice", {"jump_list": [{"type": 0}]}, 42033),
        ("text_notice", {"jump_list": [{"title": "t", "type": 1}]}, 42028),
        ("text_notice", {"action_menu": {"desc": "更多", "action_list": [{"text": "稍后"}]}}, 42051),
        ("text_notice", {"action_menu": {"desc": "d", "action_list": [{"text": "t", "key": "k"}] * 2}}, 42051),
        ("text_notice", {"action_menu": {"desc": "d", "action_list": [{"text": "t", "key": "k"}]}}, 42014),
        ("news_notice", {"card_image": None}, 42044),
        ("news_notice", {"card_image": {"url": "p.png"}}, 42044),
        ("news_notice", {"vertical_content_list": [{"title": "t"}] * 5}, 42036),
        ("news_notice", {"vertical_content_list": [{"desc": "d"}]}, 42033),
        ("news_notice", {"card_image": None, "image_text_area": {"image_url": "https://x", "title": "t"}}, 0),
        ("button_interaction", {"button_list": []}, 42038),
        ("button_interaction", {"button_list": [{"key": "k"}]}, 42038),
        ("button_interaction", {"button_list": [{"text": "t"}]}, 42039),
        ("button_interaction", {"button_list": [{"text": "t", "key": "k"}] * 2}, 42039),
        ("button_interaction", {"button_list": [{"text": "t", "key": "k" * 1025}]}, 42039),
        ("button_interaction", {"task_id": ""}, 42014),
        ("button_interaction", {"task_id": "任务"}, 42014),
        ("button_interaction", {"task_id": "t" * 129}, 42014),
        ("button_interaction", {"button_selection": {"option_list": OPTIONS}}, 42043),
        ("button_interaction", {"button_selection": {"question_key": "q", "option_list": []}}, 42037),
        ("vote_interaction", {"checkbox": None}, 42043),
        ("vote_interaction", {"checkbox": {"question_key": "q", "option_list": OPTIONS * 11}}, 42037),
        ("vote_interaction", {"checkbox": {"question_key": "q", "option_list": [{"text": "t"}]}}, 42040),
        ("vote_interaction", {"checkbox": {"question_key": "q", "option_list": [{"id": "a"}]}}, 42041),
        ("vote_interaction", {"submit_button": None}, 42049),
        ("vote_interaction", {"submit_button": {"text": "t"}}, 42046),
        ("multiple_interaction", {"select_list": []}, 42047),
        ("multiple_interaction", {"select_list": CARDS["multiple_interaction"]["select_list"] * 2}, 42043),
        ("multiple_interaction", {"select_list": [{"option_list": OPTIONS}]}, 42043),
    ],
)
def test_each_block_has_its_refusal(crm: Caller, kind: str, change: dict, code: int):
    assert send(crm, kind, change)["errcode"] == code


def test_a_task_id_is_used_once_in_an_app(crm: Caller):
    assert send(crm, "button_interaction")["errcode"] == 0
    assert send(crm, "button_interaction")["errcode"] == 42014


def test_cards_that_answer_need_a_callback_url(crm: Caller):
    crm.app.receiver = None
    assert send(crm, "button_interaction")["errcode"] == 43012
    assert send(crm, "text_notice")["errcode"] == 0


async def test_a_click_is_told_to_the_app_and_allows_one_update(sim: Simulator, crm: Caller, inbox: list[Callback]):
    send(crm, "button_interaction")
    staff.click(sim.world, crm.corp, userid="chen.yu", app="crm", task_id="task-1", key="done")
    await sim.settle()
    event = read(inbox[-1])
    assert (event["Event"], event["FromUserName"], event["EventKey"]) == ("template_card_event", "chen.yu", "done")
    assert (event["TaskId"], event["CardType"], event["AgentID"]) == ("task-1", "button_interaction", "1000002")
    update = {
        "userids": ["CHEN.YU", "nobody"],
        "agentid": crm.app.agent_id,
        "response_code": event["ResponseCode"],
        "button": {"replace_name": "已处理"},
    }
    answer = crm.post("message/update_template_card", update)
    assert (answer["errcode"], answer["invaliduser"]) == (0, ["nobody"])
    [card] = crm.corp.mail.of("chen.yu")
    assert card.shown("chen.yu")["button"] == {"replace_name": "已处理"}
    assert "button" not in card.shown("lin.qiao")
    assert crm.post("message/update_template_card", update)["errcode"] == 60140


async def test_submitted_choices_are_told(sim: Simulator, crm: Caller, inbox: list[Callback]):
    send(crm, "multiple_interaction")
    chosen = {"q": ["a", "b"]}
    staff.click(sim.world, crm.corp, userid="chen.yu", app="crm", task_id="task-3", key="submit", selected=chosen)
    await sim.settle()
    assert b"<QuestionKey><![CDATA[q]]></QuestionKey><OptionIds><OptionId><![CDATA[a]]>" in inbox[-1].plain


async def test_the_menu_of_a_card_has_its_own_event(sim: Simulator, crm: Caller, inbox: list[Callback]):
    menu = {"desc": "更多", "action_list": [{"text": "稍后", "key": "later"}]}
    assert "response_code" in send(crm, "text_notice", {"action_menu": menu, "task_id": "task-9"})
    staff.click(sim.world, crm.corp, userid="chen.yu", app="crm", task_id="task-9", key="later")
    await sim.settle()
    assert read(inbox[-1])["Event"] == "template_card_menu_event"


def test_nobody_clicks_a_card_they_did_not_get(sim: Simulator, crm: Caller):
    send(crm, "button_interaction")
    with pytest.raises(Impossible):
        staff.click(sim.world, crm.corp, userid="wang.lei", app="crm", task_id="task-1", key="done")


def test_only_what_is_on_a_card_can_be_pressed(sim: Simulator, crm: Caller):
    send(crm, "button_interaction")
    with pytest.raises(Impossible):
        staff.click(sim.world, crm.corp, userid="chen.yu", app="crm", task_id="task-1", key="made up")


@pytest.mark.parametrize(
    "change",
    [
        {"button": {"replace_name": "已处理"}},
        {"template_card": {"card_type": "text_notice", **CARDS["text_notice"]}},
    ],
)
def test_a_card_that_was_updated_cannot_be_pressed_again(sim: Simulator, crm: Caller, change: dict):
    code = send(crm, "button_interaction")["response_code"]
    body = {"userids": ["chen.yu"], "agentid": crm.app.agent_id, "response_code": code, **change}
    assert crm.post("message/update_template_card", body)["errcode"] == 0
    with pytest.raises(Impossible):
        staff.click(sim.world, crm.corp, userid="chen.yu", app="crm", task_id="task-1", key="done")
    staff.click(sim.world, crm.corp, userid="lin.qiao", app="crm", task_id="task-1", key="done")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"agentid": 1}, 301002),
        ({"response_code": "made up"}, 60140),
        ({"response_code": ""}, 60140),
        ({"userids": []}, 82101),
        ({"userids": [], "atall": 1}, 0),
        ({"userids": ["wang.lei"]}, 82102),
        ({"button": None}, 40063),
        ({"button": {"replace_name": ""}}, 42020),
        ({"button": None, "template_card": {"card_type": "text_notice", **CARDS["text_notice"]}}, 0),
        ({"button": None, "template_card": {"card_type": "text_notice"}}, 42033),
    ],
)
def test_an_update_names_what_is_wrong(crm: Caller, change: dict, code: int):
    body = {
        "userids": ["chen.yu"],
        "agentid": crm.app.agent_id,
        "response_code": send(crm, "button_interaction")["response_code"],
        "button": {"replace_name": "已处理"},
    }
    assert crm.post("message/update_template_card", {**body, **change})["errcode"] == code


def test_a_refused_update_leaves_the_code_good(crm: Caller):
    body = {"agentid": crm.app.agent_id, "button": {"replace_name": "已处理"}}
    body["response_code"] = send(crm, "button_interaction")["response_code"]
    assert crm.post("message/update_template_card", body, userids=["wang.lei"])["errcode"] == 82102
    assert crm.post("message/update_template_card", body, userids=["chen.yu"])["errcode"] == 0


def test_another_app_cannot_update_a_card(sim: Simulator, crm: Caller):
    code = send(crm, "button_interaction")["response_code"]
    other = App(1_000_003, "other", "s" * 43)
    crm.corp.apps[other.agent_id] = other
    body = {"userids": ["chen.yu"], "agentid": 1_000_003, "response_code": code, "button": {"replace_name": "x"}}
    assert Caller(sim, crm.corp, other).post("message/update_template_card", body)["errcode"] == 42015


def test_a_response_code_dies_after_72_hours(sim: Simulator, crm: Caller):
    code = send(crm, "button_interaction")["response_code"]
    sim.clock.advance(72 * 3600)
    body = {"userids": ["chen.yu"], "agentid": crm.app.agent_id, "response_code": code, "button": {"replace_name": "x"}}
    assert Caller(sim, crm.corp, crm.app).post("message/update_template_card", body)["errcode"] == 60140
