"""Each kind of card is written as the platform reads it, and checked for what it needs."""

import msgspec
import pytest
from msgspec.structs import replace

from wecom import blocks
from wecom.cards import ButtonCard, NewsNotice, SelectCard, TextNotice, VoteCard
from wecom.errors import OverLimit

TARGET = blocks.Target(kind=blocks.URL, url="https://e")
MENU = blocks.Menu(text="更多", actions=(blocks.Action(text="忽略", key="ignore"),))
OPTIONS = (blocks.Option(id="1", text="一"), blocks.Option(id="2", text="二", checked=True))
SELECT = blocks.Select(key="q1", title="选择", selected="1", options=OPTIONS)
SUBMIT = blocks.Submit(text="提交", key="submit")
TITLE = blocks.Title(title="新客户", text="来自门店")
BUTTON = blocks.Button(text="联系", key="call")

TEXT = TextNotice(
    source=blocks.Source(icon_url="i", text="思屿", color=1),
    title=TITLE,
    task_id="t-1@x",
    menu=MENU,
    quote=blocks.Quote(kind=1, url="u", title="引", text="文"),
    rows=(blocks.Row(name="渠道", value="门店"), blocks.Row(name="员工", kind=3, user_id="chen.yu")),
    target=TARGET,
    emphasis=blocks.Emphasis(title="100", text="今日"),
    text="说明",
    jumps=(blocks.Jump(title="详情", kind=2, app_id="wx", page="p"),),
)
NEWS = NewsNotice(
    title=TITLE,
    target=TARGET,
    picture=blocks.Picture(url="p", ratio=2.25),
    image_text=blocks.ImageText(image_url="i", title="t", text="d"),
    paragraphs=(blocks.Paragraph(title="a", text="b"),),
)
BUTTONS = ButtonCard(
    title=TITLE,
    task_id="t1",
    buttons=(BUTTON, blocks.Button(text="打开", kind=1, url="u", style=2)),
    selection=SELECT,
)
VOTE = VoteCard(task_id="t1", checkbox=blocks.Checkbox(key="q1", mode=1, options=OPTIONS), submit=SUBMIT)
SELECTS = SelectCard(task_id="t1", title=TITLE, selects=(SELECT, replace(SELECT, key="q2")), submit=SUBMIT)

RAW_OPTIONS = [{"id": "1", "text": "一"}, {"id": "2", "text": "二", "is_checked": True}]
RAW_SELECT = {"question_key": "q1", "title": "选择", "selected_id": "1", "option_list": RAW_OPTIONS}
RAW_TITLE = {"title": "新客户", "desc": "来自门店"}


def written(card):
    return msgspec.json.decode(msgspec.json.encode(card))


def test_a_text_notice_is_written_in_full():
    TEXT.check()
    assert written(TEXT) == {
        "card_type": "text_notice",
        "source": {"icon_url": "i", "desc": "思屿", "desc_color": 1},
        "main_title": RAW_TITLE,
        "task_id": "t-1@x",
        "action_menu": {"desc": "更多", "action_list": [{"text": "忽略", "key": "ignore"}]},
        "quote_area": {"type": 1, "url": "u", "title": "引", "quote_text": "文"},
        "horizontal_content_list": [
            {"keyname": "渠道", "value": "门店"},
            {"keyname": "员工", "type": 3, "userid": "chen.yu"},
        ],
        "card_action": {"type": 1, "url": "https://e"},
        "emphasis_content": {"title": "100", "desc": "今日"},
        "sub_title_text": "说明",
        "jump_list": [{"title": "详情", "type": 2, "appid": "wx", "pagepath": "p"}],
    }


def test_a_news_notice_is_written_in_full():
    NEWS.check()
    assert written(NEWS) == {
        "card_type": "news_notice",
        "main_title": RAW_TITLE,
        "card_action": {"type": 1, "url": "https://e"},
        "card_image": {"url": "p", "aspect_ratio": 2.25},
        "image_text_area": {"image_url": "i", "title": "t", "desc": "d"},
        "vertical_content_list": [{"title": "a", "desc": "b"}],
    }


def test_a_card_with_buttons_is_written_in_full():
    BUTTONS.check()
    assert written(BUTTONS) == {
        "card_type": "button_interaction",
        "main_title": RAW_TITLE,
        "task_id": "t1",
        "button_selection": RAW_SELECT,
        "button_list": [{"text": "联系", "key": "call"}, {"text": "打开", "style": 2, "type": 1, "url": "u"}],
    }


def test_a_vote_is_written_in_full():
    VOTE.check()
    assert written(VOTE) == {
        "card_type": "vote_interaction",
        "task_id": "t1",
        "checkbox": {"question_key": "q1", "mode": 1, "option_list": RAW_OPTIONS},
        "submit_button": {"text": "提交", "key": "submit"},
    }


def test_a_card_with_lists_is_written_in_full():
    SELECTS.check()
    assert written(SELECTS) == {
        "card_type": "multiple_interaction",
        "main_title": RAW_TITLE,
        "task_id": "t1",
        "select_list": [RAW_SELECT, RAW_SELECT | {"question_key": "q2"}],
        "submit_button": {"text": "提交", "key": "submit"},
    }


NO_TITLE = blocks.Title()


@pytest.mark.parametrize(
    ("card", "field"),
    [
        (replace(TEXT, target=None), "card_action"),
        (replace(TEXT, title=NO_TITLE, text=""), "main_title.title / sub_title_text"),
        (replace(TEXT, task_id=""), "task_id"),
        (replace(TEXT, task_id="带中文"), "task_id"),
        (replace(TEXT, task_id="x" * 129), "task_id"),
        (replace(TEXT, rows=TEXT.rows * 4), "horizontal_content_list"),
        (replace(TEXT, jumps=TEXT.jumps * 4), "jump_list"),
        (replace(TEXT, menu=blocks.Menu(actions=())), "action_menu.action_list"),
        (replace(TEXT, menu=blocks.Menu(actions=MENU.actions * 2)), "key"),
        (replace(NEWS, target=None), "card_action"),
        (replace(NEWS, title=NO_TITLE), "main_title.title"),
        (replace(NEWS, picture=None, image_text=None), "card_image / image_text_area"),
        (replace(NEWS, paragraphs=NEWS.paragraphs * 5), "vertical_content_list"),
        (replace(NEWS, jumps=TEXT.jumps * 4), "jump_list"),
        (replace(BUTTONS, title=NO_TITLE), "main_title.title"),
        (replace(BUTTONS, task_id=""), "task_id"),
        (replace(BUTTONS, buttons=()), "button_list"),
        (replace(BUTTONS, buttons=(BUTTON,) * 2), "key"),
        (replace(BUTTONS, buttons=(replace(BUTTON, key=""),)), "key"),
        (replace(BUTTONS, buttons=(replace(BUTTON, text=""),)), "button.text"),
        (replace(BUTTONS, buttons=tuple(replace(BUTTON, key=f"k{n}") for n in range(7))), "button_list"),
        (replace(BUTTONS, selection=replace(SELECT, options=OPTIONS * 6)), "option_list"),
        (replace(BUTTONS, selection=replace(SELECT, key="")), "key"),
        (replace(VOTE, checkbox=None), "checkbox"),
        (replace(VOTE, submit=None), "submit_button"),
        (replace(VOTE, task_id=""), "task_id"),
        (replace(VOTE, checkbox=replace(VOTE.checkbox, options=())), "checkbox.option_list"),
        (replace(VOTE, checkbox=replace(VOTE.checkbox, options=OPTIONS * 11)), "checkbox.option_list"),
        (replace(VOTE, checkbox=replace(VOTE.checkbox, key="submit")), "key"),
        (replace(VOTE, checkbox=replace(VOTE.checkbox, options=(blocks.Option(id="x" * 129, text="t"),))), "option.id"),
        (replace(SELECTS, selects=()), "select_list"),
        (replace(SELECTS, selects=tuple(replace(SELECT, key=f"q{n}") for n in range(4))), "select_list"),
        (replace(SELECTS, selects=(SELECT, SELECT)), "key"),
        (replace(SELECTS, submit=None), "submit_button"),
        (replace(SELECTS, task_id=""), "task_id"),
        (replace(SELECTS, submit=blocks.Submit(text="t", key="k" * 1025)), "key"),
    ],
)
def test_a_card_without_what_it_needs_is_refused(card, field):
    with pytest.raises(OverLimit) as caught:
        card.check()
    assert caught.value.field == field


def test_buttons_that_open_a_page_need_no_key():
    link = blocks.Button(text="打开", kind=1, url="u")
    replace(BUTTONS, buttons=(link, link)).check()


def test_one_of_two_pictures_is_enough():
    replace(NEWS, picture=None).check()
    replace(NEWS, image_text=None).check()
