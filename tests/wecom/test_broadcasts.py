"""Broadcasts are created as tasks, and their confirmations and deliveries read."""

from datetime import UTC, datetime

import httpx
import pytest

from wecom.attachments import Image, Link
from wecom.broadcasts import Broadcast, Created, DeliveryStatus
from wecom.errors import NoAnswer, OverLimit, Throttled, TryLater

CREATE = "externalcontact/add_msg_template"
THEN = datetime(2025, 10, 9, 8, 55, tzinfo=UTC)


async def test_a_broadcast_to_customers_tells_who_was_left_out(client, platform):
    platform.reply(CREATE, {"errcode": 0, "fail_list": ["wm2"], "msgid": "msg1"})
    broadcast = Broadcast(
        text="上新", attachments=(Image(media_id="M"),), sender="chen.yu", customers=("wm1", "wm2"), allow_select=True
    )
    assert await client.broadcasts.create(broadcast) == Created("msg1", ("wm2",))
    assert platform.last.body == {
        "chat_type": "single",
        "sender": "chen.yu",
        "external_userid": ["wm1", "wm2"],
        "allow_select": True,
        "text": {"content": "上新"},
        "attachments": [{"msgtype": "image", "image": {"media_id": "M"}}],
    }


async def test_a_broadcast_is_aimed_by_tags_or_at_groups(client, platform):
    await client.broadcasts.create(Broadcast(text="x", tag_filter=(("et1", "et2"), ("et3",))))
    filtered = {"group_list": [{"tag_list": ["et1", "et2"]}, {"tag_list": ["et3"]}]}
    assert platform.last.body == {"chat_type": "single", "text": {"content": "x"}, "tag_filter": filtered}
    await client.broadcasts.create(Broadcast(text="x", audience="group", sender="chen.yu", groups=("wr1",)))
    expected = {"chat_type": "group", "text": {"content": "x"}, "sender": "chen.yu", "chat_id_list": ["wr1"]}
    assert platform.last.body == expected


@pytest.mark.parametrize(
    "broadcast",
    [
        Broadcast(sender="a"),
        Broadcast(text="x"),
        Broadcast(text="x", audience="group"),
        Broadcast(text="x", customers=("wm",) * 10_001),
        Broadcast(text="x", audience="group", sender="a", groups=("wr",) * 2_001),
        Broadcast(text="x", tag_filter=(("et",) * 101,)),
        Broadcast(text="长" * 1334, sender="a"),
        Broadcast(text="x", sender="a", attachments=(Link(title="t", url="u"),) * 10),
    ],
)
async def test_a_broadcast_beyond_the_limits_is_not_sent(client, platform, broadcast):
    with pytest.raises(OverLimit):
        await client.broadcasts.create(broadcast)
    assert platform.seen == []


async def test_a_broadcast_without_an_answer_is_not_sent_again(client, platform):
    platform.reply(CREATE, httpx.ReadTimeout("late"))
    with pytest.raises(NoAnswer):
        await client.broadcasts.create(Broadcast(text="x", sender="a"))
    assert len(platform.calls(CREATE)) == 1


@pytest.mark.parametrize("at", [1760000100, "1760000100"], ids=["number", "text"])
async def test_records_are_listed(client, platform, at):
    attached = [
        {"msgtype": "link", "link": {"title": "t", "url": "u", "picurl": "p"}},
        {"msgtype": "hologram", "hologram": {}},
    ]
    record = {"msgid": "m1", "create_time": at, "create_type": 1, "creator": "chen.yu", "text": {"content": "x"}}
    answer = {"errcode": 0, "next_cursor": "n", "group_msg_list": [record | {"attachments": attached}]}
    platform.reply("externalcontact/get_groupmsg_list_v2", answer)
    page = await client.broadcasts.list("single", THEN, datetime(2025, 10, 10, tzinfo=UTC), cursor="c")
    (found,) = page.items
    assert (found.msg_id, found.creator, found.created_at, found.origin) == ("m1", "chen.yu", THEN, 1)
    assert found.text.content == "x"
    link = Link(title="t", url="u", picture_url="p")
    assert [attachment.content for attachment in found.attachments] == [link, None]
    assert page.cursor == "n"
    times = {"start_time": 1760000100, "end_time": 1760054400}
    body = {"chat_type": "single", "filter_type": 2, "limit": 100, "cursor": "c"}
    assert platform.last.body == body | times


async def test_confirmations_are_read(client, platform):
    rows = [{"userid": "a", "status": 2, "send_time": 1760000100}, {"userid": "b", "status": 0}]
    platform.reply("externalcontact/get_groupmsg_task", {"errcode": 0, "task_list": rows, "next_cursor": ""})
    page = await client.broadcasts.tasks("m1")
    assert [(task.user_id, task.confirmed, task.sent_at) for task in page.items] == [
        ("a", True, THEN),
        ("b", False, None),
    ]
    assert platform.last.body == {"msgid": "m1", "limit": 1000, "cursor": ""}


async def test_deliveries_are_read(client, platform):
    rows = [
        {"external_userid": "wm1", "userid": "a", "status": 1, "send_time": 1760000100},
        {"external_userid": "wm2", "userid": "a", "status": 3},
        {"chat_id": "wr1", "userid": "a", "status": 2},
        {"chat_id": "wr2", "userid": "a", "status": 77},
    ]
    platform.reply("externalcontact/get_groupmsg_send_result", {"errcode": 0, "send_list": rows})
    page = await client.broadcasts.deliveries("m1", "a")
    assert [row.status for row in page.items] == [
        DeliveryStatus.SENT,
        DeliveryStatus.CAPPED,
        DeliveryStatus.NOT_A_FRIEND,
        DeliveryStatus.UNKNOWN,
    ]
    assert (page.items[0].external_user_id, page.items[0].sent_at, page.items[2].chat_id) == ("wm1", THEN, "wr1")
    assert platform.last.body == {"msgid": "m1", "userid": "a", "limit": 1000, "cursor": ""}


async def test_a_task_is_reminded_of_and_cancelled(client, platform):
    await client.broadcasts.remind("m1")
    assert (platform.last.path, platform.last.body) == ("externalcontact/remind_groupmsg_send", {"msgid": "m1"})
    await client.broadcasts.cancel("m1")
    assert (platform.last.path, platform.last.body) == ("externalcontact/cancel_groupmsg_send", {"msgid": "m1"})


async def test_too_many_reminders_are_a_limit_and_dispatching_is_a_wait(client, platform):
    platform.reply("externalcontact/remind_groupmsg_send", {"errcode": 41094, "errmsg": "limit"})
    with pytest.raises(Throttled):
        await client.broadcasts.remind("m1")
    platform.reply("externalcontact/get_groupmsg_task", {"errcode": 41063, "errmsg": "dispatching"})
    with pytest.raises(TryLater) as caught:
        await client.broadcasts.tasks("m1")
    assert caught.value.after == 30
