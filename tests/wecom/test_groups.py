"""Customer groups are listed and read with their members, and counted; join ways and group welcomes are written."""

from datetime import UTC, datetime

import pytest

from wecom.attachments import Image, Link
from wecom.errors import OverLimit, Refused
from wecom.groups import Counts, DayCounts, Group, GroupMember, Listed, OwnerCounts, Person
from wecom.joinways import JoinWay

GROUP = {
    "chat_id": "wr1",
    "name": "福利群",
    "owner": "chen.yu",
    "create_time": 1760100000,
    "notice": "周三会员日",
    "member_list": [
        {"userid": "chen.yu", "type": 1, "join_time": 1760100000, "join_scene": 1, "name": "陈宇"},
        {
            "userid": "wm1",
            "type": 2,
            "unionid": "oz1",
            "join_time": 1760100300,
            "join_scene": 3,
            "state": "grp_sh_01",
            "invitor": {"userid": "chen.yu"},
            "group_nickname": "周",
            "name": "小周",
        },
    ],
    "admin_list": [{"userid": "lin.qiao"}],
    "member_version": "e1f2",
}
COUNTS = {"new_chat_cnt": 1, "chat_total": 2, "chat_has_msg": 1, "new_member_cnt": 3, "member_total": 9}
DAY = datetime(2025, 10, 9, 16, tzinfo=UTC)
WAY = JoinWay(groups=("wr1", "wr2"), state="g-1", remark="福利群", base_name="福利", base_number=3)


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


async def test_groups_are_listed_by_owner_page_by_page(client, platform):
    answer = {"errcode": 0, "group_chat_list": [{"chat_id": "wr1", "status": 1}, {"chat_id": "wr2"}]}
    platform.reply("externalcontact/groupchat/list", answer | {"next_cursor": "c2"})
    page = await client.groups.list(["chen.yu"], cursor="c1", limit=2)
    assert page.items == (Listed("wr1", 1), Listed("wr2", 0))
    assert page.cursor == "c2"
    body = {"status_filter": 0, "cursor": "c1", "limit": 2, "owner_filter": {"userid_list": ["chen.yu"]}}
    assert platform.last.body == body
    await client.groups.list()
    assert "owner_filter" not in platform.last.body
    with pytest.raises(OverLimit):
        await client.groups.list([f"u{number}" for number in range(101)])


async def test_a_group_comes_with_its_members(client, platform):
    platform.reply("externalcontact/groupchat/get", {"errcode": 0, "group_chat": GROUP})
    group = await client.groups.get("wr1")
    assert platform.last.body == {"chat_id": "wr1", "need_name": 1}
    assert group == Group(
        chat_id="wr1",
        name="福利群",
        owner="chen.yu",
        created_at=at(1760100000),
        notice="周三会员日",
        members=(
            GroupMember(id="chen.yu", kind=1, joined_at=at(1760100000), scene=1, name="陈宇"),
            GroupMember(
                id="wm1",
                joined_at=at(1760100300),
                scene=3,
                state="grp_sh_01",
                inviter=Person("chen.yu"),
                union_id="oz1",
                nickname="周",
                name="小周",
            ),
        ),
        admins=(Person("lin.qiao"),),
        version="e1f2",
    )


async def test_a_dismissed_group_is_refused(client, platform):
    platform.reply("externalcontact/groupchat/get", {"errcode": 49008, "errmsg": "dissolved"})
    with pytest.raises(Refused) as refused:
        await client.groups.get("wr1")
    assert refused.value.code == 49008


async def test_groups_are_counted_by_owner_and_by_day(client, platform):
    rows = {"errcode": 0, "total": 2, "next_offset": 1, "items": [{"owner": "chen.yu", "data": COUNTS}]}
    platform.reply("externalcontact/groupchat/statistic", rows, {**rows, "next_offset": 2})
    counts = Counts(new_groups=1, groups=2, talking_groups=1, new_members=3, members=9)
    assert await client.groups.count_owners(["chen.yu"], begin=DAY) == ((OwnerCounts("chen.yu", counts),), 1)
    assert (await client.groups.count_owners(["chen.yu"], begin=DAY, offset=1))[1] == 0
    days = {"errcode": 0, "items": [{"stat_time": int(DAY.timestamp()), "data": COUNTS}]}
    platform.reply("externalcontact/groupchat/statistic_group_by_day", days)
    assert await client.groups.count_days(["chen.yu"], begin=DAY, end=DAY) == (DayCounts(DAY, counts),)
    assert platform.last.body == {
        "day_begin_time": int(DAY.timestamp()),
        "day_end_time": int(DAY.timestamp()),
        "owner_filter": {"userid_list": ["chen.yu"]},
    }


async def test_a_mini_programs_group_is_found(client, platform):
    platform.reply("externalcontact/opengid_to_chatid", {"errcode": 0, "chat_id": "wr1"})
    assert await client.groups.find("gid") == "wr1"


async def test_a_join_way_is_made_read_changed_and_deleted(client, platform):
    wanted = {
        "scene": 2,
        "remark": "福利群",
        "auto_create_room": 1,
        "chat_id_list": ["wr1", "wr2"],
        "state": "g-1",
        "room_base_name": "福利",
        "room_base_id": 3,
    }
    platform.reply("externalcontact/groupchat/add_join_way", {"errcode": 0, "config_id": "c1"})
    assert await client.joinways.add(WAY) == "c1"
    assert platform.last.body == wanted
    platform.reply(
        "externalcontact/groupchat/get_join_way",
        {"errcode": 0, "join_way": {**wanted, "config_id": "c1", "qr_code": "https://p/1"}},
    )
    way = await client.joinways.get("c1")
    assert (way.groups, way.qr_code, way.state, way.auto_create) == (("wr1", "wr2"), "https://p/1", "g-1", 1)
    await client.joinways.update("c1", WAY)
    assert platform.last.body == {**wanted, "config_id": "c1"}
    await client.joinways.delete("c1")
    assert platform.last.path == "externalcontact/groupchat/del_join_way"


@pytest.mark.parametrize(
    "way",
    [
        JoinWay(groups=()),
        JoinWay(groups=tuple("abcdef")),
        JoinWay(groups=("a",), state="s" * 31),
        JoinWay(groups=("a",), remark="注" * 31),
        JoinWay(groups=("a",), base_name="群" * 41),
    ],
)
async def test_a_join_way_that_the_platform_would_refuse_is_not_sent(client, platform, way):
    with pytest.raises(OverLimit):
        await client.joinways.add(way)
    assert not platform.calls("externalcontact/groupchat/add_join_way")


async def test_a_group_welcome_has_its_attachment_beside_the_text(client, platform):
    platform.reply("externalcontact/group_welcome_template/add", {"errcode": 0, "template_id": "t1"})
    link = Link(title="新人礼", url="https://example.com/g")
    assert await client.groupwelcomes.add("%NICKNAME% 你好", link, notify=False) == "t1"
    assert platform.last.body == {
        "text": {"content": "%NICKNAME% 你好"},
        "link": {"title": "新人礼", "url": "https://example.com/g"},
        "notify": 0,
    }
    await client.groupwelcomes.edit("t1", "", Image(media_id="m1"))
    assert platform.last.body == {"image": {"media_id": "m1"}, "template_id": "t1"}
    await client.groupwelcomes.delete("t1")
    assert platform.last.body == {"template_id": "t1"}
    for text in ("", "字" * 1001):
        with pytest.raises(OverLimit):
            await client.groupwelcomes.add(text)
