"""Contact ways are made, read back in either shape, re-pointed and deleted."""

from datetime import UTC, datetime

import pytest

from wecom.attachments import Image, Link
from wecom.contactways import Conclusion, ContactWay, Made
from wecom.errors import OverLimit

WAY = ContactWay(users=("chen.yu",), state="store_sh_01", remark="门店")
RAW = {
    "config_id": "42b3",
    "type": 2,
    "scene": 2,
    "remark": "门店",
    "skip_verify": True,
    "state": "store_sh_01",
    "qr_code": "https://p/qr",
    "user": ["chen.yu"],
    "party": [2, 3],
    "is_temp": False,
}


async def test_a_way_is_made(client, platform):
    platform.reply("externalcontact/add_contact_way", {"errcode": 0, "config_id": "42b3", "qr_code": "https://p/qr"})
    assert await client.contactways.add(WAY) == Made("42b3", "https://p/qr")
    assert platform.last.body == {
        "type": 2,
        "scene": 2,
        "user": ["chen.yu"],
        "party": [],
        "state": "store_sh_01",
        "remark": "门店",
        "skip_verify": True,
    }


async def test_what_is_special_about_a_way_is_sent(client, platform):
    await client.contactways.add(ContactWay(users=("a",), kind=1, scene=1, style=2, skip_verify=False, exclusive=True))
    special = {"type": 1, "scene": 1, "style": 2, "skip_verify": False, "is_exclusive": True}
    assert special.items() <= platform.last.body.items()


async def test_what_is_said_at_the_end_of_a_session_is_sent(client, platform):
    way = ContactWay(users=("a",), kind=1, temporary=True, chat_expires_in=3600)
    await client.contactways.add(way, Conclusion(text="再见", attachment=Image(media_id="m1")))
    said = {"text": {"content": "再见"}, "image": {"media_id": "m1"}}
    assert (platform.last.body["conclusions"], platform.last.body["chat_expires_in"]) == (said, 3600)
    await client.contactways.update("42b3", way, Conclusion(attachment=Link(title="t", url="https://x")))
    assert platform.last.body["conclusions"] == {"link": {"title": "t", "url": "https://x"}}


@pytest.mark.parametrize("conclusion", [Conclusion(), Conclusion(text="好" * 1334), Conclusion(attachment=Image())])
async def test_a_conclusion_beyond_the_limits_is_not_sent(client, platform, conclusion):
    with pytest.raises(OverLimit):
        await client.contactways.add(WAY, conclusion)
    assert platform.seen == []


@pytest.mark.parametrize("shape", [RAW, [RAW]], ids=["object", "list"])
async def test_a_way_is_read_as_an_object_or_a_list(client, platform, shape):
    platform.reply("externalcontact/get_contact_way", {"errcode": 0, "contact_way": shape})
    way = await client.contactways.get("42b3")
    assert (way.config_id, way.state, way.users, way.parties) == ("42b3", "store_sh_01", ("chen.yu",), (2, 3))
    assert (way.qr_code, way.kind, way.scene, way.skip_verify) == ("https://p/qr", 2, 2, True)
    assert platform.last.body == {"config_id": "42b3"}


async def test_an_empty_list_is_no_way(client, platform):
    platform.reply("externalcontact/get_contact_way", {"errcode": 0, "contact_way": []})
    assert await client.contactways.get("42b3") is None


async def test_ways_are_listed_by_time(client, platform):
    answer = {"errcode": 0, "contact_way": [{"config_id": "a"}, {"config_id": "b"}], "next_cursor": "n"}
    platform.reply("externalcontact/list_contact_way", answer)
    page = await client.contactways.list(start=datetime(2026, 1, 1, tzinfo=UTC), cursor="c")
    assert (page.items, page.cursor) == (("a", "b"), "n")
    assert platform.last.body == {"start_time": 1767225600, "cursor": "c", "limit": 1000}


async def test_an_update_replaces_and_keeps_kind_and_scene(client, platform):
    await client.contactways.update("42b3", ContactWay(parties=(2,), exclusive=True))
    assert platform.last.path == "externalcontact/update_contact_way"
    assert platform.last.body == {
        "config_id": "42b3",
        "user": [],
        "party": [2],
        "state": "",
        "remark": "",
        "skip_verify": True,
    }


async def test_a_way_is_deleted_and_a_session_closed(client, platform):
    await client.contactways.delete("42b3")
    assert (platform.last.path, platform.last.body) == ("externalcontact/del_contact_way", {"config_id": "42b3"})
    await client.contactways.close("chen.yu", "wm1")
    assert platform.last.path == "externalcontact/close_temp_chat"
    assert platform.last.body == {"userid": "chen.yu", "external_userid": "wm1"}


@pytest.mark.parametrize(
    "way",
    [
        ContactWay(users=("a",), state="渠" * 31),
        ContactWay(users=("a",), remark="x" * 31),
        ContactWay(users=("a",) * 101),
        ContactWay(state="nobody"),
    ],
)
async def test_a_way_beyond_the_limits_is_not_sent(client, platform, way):
    with pytest.raises(OverLimit):
        await client.contactways.add(way)
    with pytest.raises(OverLimit):
        await client.contactways.update("42b3", way)
    assert platform.seen == []


async def test_a_temporary_way_is_of_one_user_and_told_so_only_when_it_is_made(client, platform):
    way = ContactWay(users=("a",), kind=1, temporary=True, exclusive=True, expires_in=3600, chat_expires_in=60)
    await client.contactways.add(way)
    lives = {"expires_in": 3600, "chat_expires_in": 60}
    assert {"type": 1, "user": ["a"], "is_temp": True, "is_exclusive": True, **lives}.items() <= (
        platform.last.body.items()
    )
    assert "party" not in platform.last.body
    await client.contactways.update("42b3", way)
    assert {"is_temp", "is_exclusive", "type"}.isdisjoint(platform.last.body)
    assert lives.items() <= platform.last.body.items()
