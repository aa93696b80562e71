"""Messages reach those they name, and those they do not reach are told."""

import pytest

from wecom.blocks import Target
from wecom.cards import TextNotice
from wecom.contents import Article, File, Image, Item, Markdown, MiniNotice, News, Text, TextCard, Video, Voice
from wecom.errors import OverLimit, Throttled
from wecom.messages import SendResult, To

SEND = "message/send"
CHEN = To(users=("Chen.Yu",))
NOTICE = TextNotice(text="新客户", target=Target(kind=1, url="https://e"))


@pytest.mark.parametrize(
    ("message", "name", "body"),
    [
        (Text(text="您好"), "text", {"content": "您好"}),
        (Markdown(text="**x**"), "markdown", {"content": "**x**"}),
        (Image(media_id="M"), "image", {"media_id": "M"}),
        (Voice(media_id="M"), "voice", {"media_id": "M"}),
        (File(media_id="M"), "file", {"media_id": "M"}),
        (Video(media_id="M", title="t"), "video", {"media_id": "M", "title": "t"}),
        (
            TextCard(title="t", description="d", url="u", button="详情"),
            "textcard",
            {"title": "t", "description": "d", "url": "u", "btntxt": "详情"},
        ),
        (
            News(articles=(Article(title="t", url="u", picture_url="p"), Article(title="s", app_id="wx", page="i"))),
            "news",
            {"articles": [{"title": "t", "url": "u", "picurl": "p"}, {"title": "s", "appid": "wx", "pagepath": "i"}]},
        ),
        (
            MiniNotice(app_id="wx", title="预约提醒", emphasize_first=True, items=(Item("时间", "9:00"),)),
            "miniprogram_notice",
            {
                "appid": "wx",
                "title": "预约提醒",
                "emphasis_first_item": True,
                "content_item": [{"key": "时间", "value": "9:00"}],
            },
        ),
        (
            NOTICE,
            "template_card",
            {"card_type": "text_notice", "sub_title_text": "新客户", "card_action": {"type": 1, "url": "https://e"}},
        ),
    ],
)
async def test_each_kind_of_message_is_sent(client, platform, message, name, body):
    await client.messages.send(CHEN, message)
    assert (platform.last.method, platform.last.path) == ("POST", SEND)
    assert platform.last.body == {"agentid": 1000002, "touser": "Chen.Yu", "msgtype": name, name: body}


@pytest.mark.parametrize(
    ("to", "address"),
    [
        (To(users=("a", "b"), parties=(1, 2), tags=(7,)), {"touser": "a|b", "toparty": "1|2", "totag": "7"}),
        (To(parties=(1,)), {"toparty": "1"}),
        (To(everyone=True, users=("a",)), {"touser": "@all"}),
    ],
)
async def test_receivers_are_joined(client, platform, to, address):
    await client.messages.send(to, Text(text="x"))
    assert platform.last.body == {"agentid": 1000002, "msgtype": "text", "text": {"content": "x"}} | address


async def test_a_partial_success_is_visible(client, platform):
    answer = {
        "errcode": 0,
        "invaliduser": "chen.yu|gone",
        "invalidparty": "1|2",
        "invalidtag": "7",
        "unlicenseduser": "b",
        "msgid": "m1",
        "response_code": "rc1",
    }
    platform.reply(SEND, answer)
    result = await client.messages.send(To(users=("Chen.Yu", "B", "gone"), parties=(1, 2)), Text(text="x"))
    assert result == SendResult(
        invalid_users=("Chen.Yu", "gone"),
        invalid_parties=(1, 2),
        invalid_tags=(7,),
        unlicensed=("B",),
        msg_id="m1",
        response_code="rc1",
    )
    assert not result.complete


async def test_a_message_that_reached_all_is_complete(client, platform):
    platform.reply(SEND, {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": "m1"})
    result = await client.messages.send(CHEN, Text(text="x"))
    assert result.complete
    assert result.msg_id == "m1"


async def test_a_second_one_can_be_dropped_and_a_message_kept_confidential(client, platform):
    await client.messages.send(CHEN, Text(text="x"), once_within=600, confidential=True)
    options = {"enable_duplicate_check": 1, "duplicate_check_interval": 600, "safe": 1}
    assert options.items() <= platform.last.body.items()


async def test_a_member_gets_no_more_than_the_platform_delivers(client, platform, clock):
    for _ in range(27):
        await client.messages.send(CHEN, Text(text="x"))
    with pytest.raises(Throttled):
        await client.messages.send(To(users=("chen.yu", "b")), Text(text="x"))
    await client.messages.send(To(users=("b",)), Text(text="x"))
    assert len(platform.calls(SEND)) == 28
    clock.advance(61)
    await client.messages.send(CHEN, Text(text="x"))


@pytest.mark.parametrize(
    ("to", "message"),
    [
        (To(), Text(text="x")),
        (To(users=("a",) * 1001), Text(text="x")),
        (To(parties=(1,) * 101), Text(text="x")),
        (To(tags=(1,) * 101), Text(text="x")),
        (CHEN, Text(text="")),
        (CHEN, Text(text="您" * 683)),
        (CHEN, Markdown(text="您" * 683)),
        (CHEN, Video(media_id="M", title="长" * 43)),
        (CHEN, Video(media_id="M", description="长" * 171)),
        (CHEN, TextCard(title="", description="d", url="u")),
        (CHEN, TextCard(title="t", description="", url="u")),
        (CHEN, TextCard(title="t", description="d", url="")),
        (CHEN, TextCard(title="t", description="长" * 171, url="u")),
        (CHEN, TextCard(title="t", description="d", url="u", button="查看全部详情")),
        (CHEN, News(articles=())),
        (CHEN, News(articles=(Article(title="t", url="u"),) * 9)),
        (CHEN, News(articles=(Article(title="t"),))),
        (CHEN, MiniNotice(app_id="", title="t")),
        (CHEN, MiniNotice(app_id="wx", title="t", items=(Item("k", "v"),) * 11)),
        (CHEN, MiniNotice(app_id="wx", title="t", items=(Item("k" * 11, "v"),))),
        (CHEN, MiniNotice(app_id="wx", title="t", items=(Item("k", "v" * 31),))),
        (CHEN, TextNotice(text="no target")),
    ],
)
async def test_a_message_beyond_the_limits_is_not_sent(client, platform, to, message):
    with pytest.raises(OverLimit):
        await client.messages.send(to, message)
    assert platform.seen == []


async def test_the_time_for_dropping_a_second_one_is_limited(client, platform):
    with pytest.raises(OverLimit):
        await client.messages.send(CHEN, Text(text="x"), once_within=14_401)
    assert platform.seen == []


async def test_a_card_is_replaced(client, platform):
    platform.reply("message/update_template_card", {"errcode": 0, "invaliduser": ["gone"]})
    assert await client.messages.update_card("rc1", To(users=("a", "gone")), by=NOTICE) == ("gone",)
    card = {"card_type": "text_notice", "sub_title_text": "新客户", "card_action": {"type": 1, "url": "https://e"}}
    expected = {"agentid": 1000002, "response_code": "rc1", "userids": ["a", "gone"], "template_card": card}
    assert platform.last.body == expected


async def test_a_button_is_greyed_for_all(client, platform):
    await client.messages.update_card("rc1", To(everyone=True), by="已处理")
    expected = {"agentid": 1000002, "response_code": "rc1", "atall": 1, "button": {"replace_name": "已处理"}}
    assert platform.last.body == expected


async def test_a_card_is_checked_before_it_replaces_another(client, platform):
    with pytest.raises(OverLimit):
        await client.messages.update_card("rc1", CHEN, by=TextNotice(text="no target"))
    assert platform.seen == []


async def test_a_message_is_recalled(client, platform):
    await client.messages.recall("m1")
    assert (platform.last.path, platform.last.body) == ("message/recall", {"msgid": "m1"})
