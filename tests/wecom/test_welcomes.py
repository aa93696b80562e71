"""A greeting carries text and attachments within the limits, and its refusals are told apart."""

import pytest

from wecom.attachments import File, Image, Link, MiniProgram, Video
from wecom.errors import OverLimit, Refused, TryLater
from wecom.welcomes import check

SEND = "externalcontact/send_welcome_msg"
MINI = MiniProgram(title="商城", picture="M2", app_id="wx1", page="index.html")


async def test_a_customer_is_greeted_with_everything(client, platform):
    link = Link(title="新人礼", url="https://e/g", picture_url="https://e/p", description="点击领取")
    attachments = [
        Image(media_id="M1"),
        Image(picture_url="https://e/i"),
        link,
        MINI,
        Video(media_id="M3"),
        File(media_id="M4"),
    ]
    await client.welcomes.send("wlc_1", "您好", attachments)
    assert (platform.last.method, platform.last.path) == ("POST", SEND)
    mini = {"title": "商城", "pic_media_id": "M2", "appid": "wx1", "page": "index.html"}
    page = {"title": "新人礼", "url": "https://e/g", "picurl": "https://e/p", "desc": "点击领取"}
    assert platform.last.body == {
        "welcome_code": "wlc_1",
        "text": {"content": "您好"},
        "attachments": [
            {"msgtype": "image", "image": {"media_id": "M1"}},
            {"msgtype": "image", "image": {"pic_url": "https://e/i"}},
            {"msgtype": "link", "link": page},
            {"msgtype": "miniprogram", "miniprogram": mini},
            {"msgtype": "video", "video": {"media_id": "M3"}},
            {"msgtype": "file", "file": {"media_id": "M4"}},
        ],
    }


async def test_what_is_left_out_is_not_sent(client, platform):
    await client.welcomes.send("wlc_1", "您好")
    assert "attachments" not in platform.last.body
    await client.welcomes.send("wlc_1", attachments=[MINI])
    assert "text" not in platform.last.body


@pytest.mark.parametrize(
    ("text", "attachments"),
    [
        ("", []),
        ("您" * 1334, []),
        ("hi", [MINI] * 10),
        ("hi", [Image()]),
        ("hi", [Link(title="", url="u")]),
        ("hi", [Link(title="长" * 43, url="u")]),
        ("hi", [Link(title="t", url="")]),
        ("hi", [Link(title="t", url="u", description="长" * 171)]),
        ("hi", [Link(title="t", url="u" * 2049)]),
        ("hi", [MiniProgram(title="长" * 22, picture="M", app_id="wx", page="p")]),
        ("hi", [MiniProgram(title="t", picture="", app_id="wx", page="p")]),
        ("hi", [MiniProgram(title="t", picture="M", app_id="", page="p")]),
        ("hi", [MiniProgram(title="t", picture="M", app_id="wx", page="")]),
        ("hi", [Video(media_id="")]),
        ("hi", [File(media_id="")]),
    ],
)
async def test_a_greeting_beyond_the_limits_is_neither_accepted_nor_sent(client, platform, text, attachments):
    with pytest.raises(OverLimit):
        check(text, attachments)
    with pytest.raises(OverLimit):
        await client.welcomes.send("wlc_1", text, attachments)
    assert platform.seen == []


def test_the_largest_greeting_is_accepted():
    check("您" * 1333 + "!", [Link(title="长" * 42 + "ab", url="u" * 2048, description="长" * 170 + "ab")] * 9)


@pytest.mark.parametrize(("code", "kind"), [(41050, Refused), (41051, Refused), (41096, TryLater), (-1, TryLater)])
async def test_refusals_are_told_apart(client, platform, code, kind):
    platform.reply(SEND, {"errcode": code, "errmsg": "no"})
    with pytest.raises(kind) as caught:
        await client.welcomes.send("wlc_1", "您好")
    assert caught.value.code == code
    assert len(platform.calls(SEND)) == 1
