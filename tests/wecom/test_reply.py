"""Passive replies arrive as the platform reads them, sealed with what was signed."""

# ruff: noqa: E501 - one message, one line

import json
from datetime import UTC, datetime

import pytest
from lxml import etree

from tests.callbacks import CHEN, CORP, on, told
from wecom.blocks import Action, Checkbox, Menu, Option, Picture, Row, Source, Submit, Target, Title
from wecom.cards import NewsNotice, VoteCard
from wecom.crypto import Cipher, Keyring
from wecom.errors import OverLimit
from wecom.events import AppEntered, CardClicked, TextReceived
from wecom.ids import MediaId
from wecom.reply import (
    Answerable,
    Article,
    ButtonUpdate,
    CardUpdate,
    Image,
    News,
    Reply,
    Text,
    Video,
    Voice,
    reply,
    reply_json,
)
from wecom.robot import RobotCard, RobotCardUpdate, RobotReply, RobotStream, RobotText, answer
from wecom.xml import write

CIPHER = Cipher("hV3nPq8sLd2", "q7Rk2Zs9Yb4NfT0cWxEuLm1HvJp6DgA3oQiX8yKeSwM", CORP)
NOW = datetime(2025, 10, 9, 9, 0, 0, 999_999, tzinfo=UTC)
SECONDS = 1760000400
MEDIA = MediaId("3Qx7LdAAA")
VOTE = VoteCard(
    source=Source(icon_url="https://example.com/i.png", text="企业微信", color=1),
    title=Title(title="跟进结果"),
    task_id="sop-42",
    checkbox=Checkbox(
        key="q", options=(Option(id="a", text="成交", checked=True), Option(id="b", text="流失")), mode=1
    ),
    submit=Submit(text="提交", key="submit"),
)
NEWS_CARD = NewsNotice(
    title=Title(title="秋季活动"),
    task_id="news-1",
    menu=Menu(actions=(Action(text="稍后", key="later"), Action(text="不再", key="never"))),
    picture=Picture(url="https://example.com/p.png", ratio=1.5),
    rows=(Row(name="门店", value="上海"), Row(name="负责人", kind=3, user_id=CHEN)),
    target=Target(kind=2, app_id="wx1", page="/index"),
)
ARTICLE = Article(
    title="秋季活动", url="https://example.com/a", description="说明", picture_url="https://example.com/p"
)
# fmt: off
SPELT: list[tuple[Reply, str]] = [
    (Text("你好"), "<MsgType>text</MsgType><Content>你好</Content>"),
    (Image(MEDIA), f"<MsgType>image</MsgType><Image><MediaId>{MEDIA}</MediaId></Image>"),
    (Voice(MEDIA), f"<MsgType>voice</MsgType><Voice><MediaId>{MEDIA}</MediaId></Voice>"),
    (Video(MEDIA, "标题", "说明"), f"<MsgType>video</MsgType><Video><MediaId>{MEDIA}</MediaId><Title>标题</Title><Description>说明</Description></Video>"),
    (News((ARTICLE, Article("b", "https://example.com/b"))), "<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles><item><Title>秋季活动</Title><Description>说明</Description><PicUrl>https://example.com/p</PicUrl><Url>https://example.com/a</Url></item><item><Title>b</Title><Description></Description><PicUrl></PicUrl><Url>https://example.com/b</Url></item></Articles>"),
    (ButtonUpdate("已完成"), "<MsgType>update_button</MsgType><Button><ReplaceName>已完成</ReplaceName></Button>"),
    (CardUpdate(VOTE, replace_text="已提交"), "<MsgType>update_template_card</MsgType><TemplateCard><CardType>vote_interaction</CardType><Source><IconUrl>https://example.com/i.png</IconUrl><Desc>企业微信</Desc><DescColor>1</DescColor></Source><MainTitle><Title>跟进结果</Title></MainTitle><TaskId>sop-42</TaskId><CheckBox><QuestionKey>q</QuestionKey><OptionList><Id>a</Id><Text>成交</Text><IsChecked>true</IsChecked></OptionList><OptionList><Id>b</Id><Text>流失</Text></OptionList><Mode>1</Mode></CheckBox><SubmitButton><Text>提交</Text><Key>submit</Key></SubmitButton><ReplaceText>已提交</ReplaceText></TemplateCard>"),
    (CardUpdate(NEWS_CARD), "<MsgType>update_template_card</MsgType><TemplateCard><CardType>news_notice</CardType><MainTitle><Title>秋季活动</Title></MainTitle><TaskId>news-1</TaskId><ActionMenu><ActionList><Text>稍后</Text><Key>later</Key></ActionList><ActionList><Text>不再</Text><Key>never</Key></ActionList></ActionMenu><HorizontalContentList><KeyName>门店</KeyName><Value>上海</Value></HorizontalContentList><HorizontalContentList><KeyName>负责人</KeyName><Type>3</Type><UserId>chen.yu</UserId></HorizontalContentList><CardAction><Type>2</Type><AppId>wx1</AppId><PagePath>/index</PagePath></CardAction><CardImage><Url>https://example.com/p.png</Url><AspectRatio>1.5</AspectRatio></CardImage></TemplateCard>"),
]
# fmt: on
TOO_LONG: list[Reply] = [
    Text("字" * 683),
    Video(MEDIA, title="字" * 43),
    Video(MEDIA, description="x" * 513),
    News((Article(title="x" * 129, url=""),)),
    News((Article(title="", url="", description="x" * 513),)),
    News(()),
    News((ARTICLE,) * 9),
    CardUpdate(VoteCard()),
]
ROBOT: list[tuple[RobotReply, dict[str, object]]] = [
    (RobotText("你好"), {"msgtype": "text", "text": {"content": "你好"}}),
    (RobotStream("S-1", "**好**", finished=False), {"msgtype": "stream", "stream": {"id": "S-1", "finish": False, "content": "**好**"}}),
    (RobotStream("S-1", "x" * 20480, feedback_id="F"), {"msgtype": "stream", "stream": {"id": "S-1", "finish": True, "content": "x" * 20480, "feedback": {"id": "F"}}}),
]  # fmt: skip


def asked(name: str) -> Answerable:
    event = told(name)
    assert isinstance(event, TextReceived | AppEntered | CardClicked)
    return event


def opened(body: bytes) -> etree._Element:
    """The plaintext of an XML reply, as the platform would open it."""
    outer = etree.fromstring(body)
    assert [child.tag for child in outer] == ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]
    plain = CIPHER.open(
        signature=outer.findtext("MsgSignature", ""),
        timestamp=outer.findtext("TimeStamp", ""),
        nonce=outer.findtext("Nonce", ""),
        encrypted=outer.findtext("Encrypt", ""),
    )
    return etree.fromstring(plain)


def opened_json(body: bytes, cipher: Cipher = CIPHER) -> dict[str, object]:
    outer = json.loads(body)
    assert outer["timestamp"] == SECONDS
    plain = cipher.open(
        signature=outer["msgsignature"],
        timestamp=str(outer["timestamp"]),
        nonce=outer["nonce"],
        encrypted=outer["encrypt"],
    )
    found: dict[str, object] = json.loads(plain)
    return found


@pytest.mark.parametrize(("message", "spelt"), SPELT, ids=[type(message).__name__ for message, _ in SPELT])
@pytest.mark.parametrize("name", ["text_received", "app_entered", "card_clicked"])
def test_a_reply_swaps_the_parties_and_keeps_the_spelling(message: Reply, spelt: str, name: str) -> None:
    plain = opened(reply(message, asked(name), Keyring([CIPHER]), now=NOW, nonce="42"))
    head = f"<ToUserName>{CHEN}</ToUserName><FromUserName>{CORP}</FromUserName><CreateTime>{SECONDS}</CreateTime>"
    expected = etree.fromstring(f"<xml>{head}{spelt}</xml>")
    assert etree.tostring(plain, method="c14n") == etree.tostring(expected, method="c14n")


def test_an_envelope_carries_what_was_signed() -> None:
    outer = etree.fromstring(reply(Text("hi"), asked("text_received"), CIPHER, now=NOW, nonce="42"))
    assert outer.findtext("TimeStamp") == str(SECONDS)
    assert outer.findtext("Nonce") == "42"


@pytest.mark.parametrize("content", ["a]]>b", "]]", "<b>&amp;</b>", "]]>]]>", "\U0001f600"])
def test_any_text_arrives_unchanged(content: str) -> None:
    assert (
        opened(reply(Text(content), asked("text_received"), CIPHER, now=NOW, nonce="1")).findtext("Content") == content
    )


def test_numbers_stand_bare_and_lists_repeat() -> None:
    assert write("a", {"b": [1, 1.5, True]}) == b"<a><b>1</b><b>1.5</b><b>true</b></a>"


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert etree.fromstring(write("a", "x\x00\x08\ud800\ufffey\tz")).text == "xy\tz"


@pytest.mark.parametrize("message", TOO_LONG, ids=repr)
def test_what_the_platform_would_cut_or_refuse_is_refused_before(message: Reply) -> None:
    with pytest.raises(OverLimit):
        reply(message, asked("text_received"), CIPHER, now=NOW, nonce="1")


def test_a_text_may_fill_its_limit() -> None:
    full = "字" * 682 + "ab"
    assert opened(reply(Text(full), asked("text_received"), CIPHER, now=NOW, nonce="1")).findtext("Content") == full


def test_a_reply_in_json_says_the_same() -> None:
    message = News((ARTICLE,))
    event = TextReceived(**on(1760000000), user_id=CHEN)
    assert opened_json(reply_json(message, event, CIPHER, now=NOW, nonce="42")) == {
        "ToUserName": CHEN,
        "FromUserName": CORP,
        "CreateTime": SECONDS,
        **message.fields(),
    }


@pytest.mark.parametrize(("message", "spelt"), ROBOT, ids=[type(message).__name__ for message, _ in ROBOT])
def test_a_robot_answers_in_json_for_nobody_in_particular(message: RobotReply, spelt: dict[str, object]) -> None:
    robot = Cipher("hV3nPq8sLd2", "q7Rk2Zs9Yb4NfT0cWxEuLm1HvJp6DgA3oQiX8yKeSwM", "")
    body = answer(message, robot, now=NOW, nonce="4433221100")
    assert opened_json(body, robot) == spelt
    assert json.loads(body)["nonce"] == "4433221100"


def test_a_robot_shows_and_replaces_cards() -> None:
    shown = opened_json(answer(RobotCard(VOTE), CIPHER, now=NOW, nonce="1"))
    replaced = opened_json(answer(RobotCardUpdate(VOTE, user_ids=(CHEN,)), CIPHER, now=NOW, nonce="1"))
    assert shown["msgtype"] == "template_card"
    assert replaced == {
        "response_type": "update_template_card",
        "userids": [CHEN],
        "template_card": shown["template_card"],
    }


@pytest.mark.parametrize("message", [RobotStream("S", "x" * 20481), RobotCard(VoteCard()), RobotCardUpdate(VoteCard())])
def test_a_robot_does_not_say_too_much(message: RobotReply) -> None:
    with pytest.raises(OverLimit):
        answer(message, CIPHER, now=NOW, nonce="1")
