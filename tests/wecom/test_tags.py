"""The tag library is read and written, and customers are tagged."""

from datetime import UTC, datetime

import pytest

from wecom.errors import OverLimit
from wecom.tags import NewTag, Tag, TagGroup

GROUP = {
    "group_id": "etg1",
    "group_name": "等级",
    "create_time": 1760000100,
    "order": 5,
    "deleted": False,
    "tag": [{"id": "et1", "name": "VIP", "create_time": 1760000100, "order": 1, "deleted": True}],
}
THEN = datetime(2025, 10, 9, 8, 55, tzinfo=UTC)
TAG = Tag(id="et1", name="VIP", created_at=THEN, order=1, deleted=True)
PARSED = TagGroup(id="etg1", name="等级", created_at=THEN, order=5, tags=(TAG,))


async def test_the_library_comes_whole(client, platform):
    platform.reply("externalcontact/get_corp_tag_list", {"errcode": 0, "tag_group": [GROUP]})
    assert await client.tags.library() == (PARSED,)
    assert platform.last.body == {}


async def test_parts_of_the_library_are_asked_by_id(client, platform):
    await client.tags.library(["et1"], group_ids=["etg1"])
    assert platform.last.body == {"tag_id": ["et1"], "group_id": ["etg1"]}


async def test_tags_are_added_to_a_named_group(client, platform):
    platform.reply("externalcontact/add_corp_tag", {"errcode": 0, "tag_group": GROUP})
    assert await client.tags.add([NewTag("VIP"), NewTag("普通", 2)], group_name="等级", order=5) == PARSED
    tags = [{"name": "VIP"}, {"name": "普通", "order": 2}]
    assert platform.last.body == {"group_name": "等级", "order": 5, "tag": tags}


async def test_tags_are_added_to_a_known_group(client, platform):
    await client.tags.add([NewTag("VIP")], group_id="etg1", group_name="ignored")
    assert platform.last.body == {"group_id": "etg1", "tag": [{"name": "VIP"}]}


async def test_a_tag_is_edited_and_deleted(client, platform):
    await client.tags.edit("et1", name="SVIP")
    assert (platform.last.path, platform.last.body) == ("externalcontact/edit_corp_tag", {"id": "et1", "name": "SVIP"})
    await client.tags.delete(["et1"])
    assert (platform.last.path, platform.last.body) == ("externalcontact/del_corp_tag", {"tag_id": ["et1"]})


async def test_a_customer_is_tagged(client, platform):
    await client.tags.mark("chen.yu", "wm1", add=["et1"], remove=["et2"])
    ids = {"userid": "chen.yu", "external_userid": "wm1"}
    assert platform.last.path == "externalcontact/mark_tag"
    assert platform.last.body == ids | {"add_tag": ["et1"], "remove_tag": ["et2"]}
    await client.tags.mark("chen.yu", "wm1", add=["et1"])
    assert platform.last.body == ids | {"add_tag": ["et1"]}


async def test_what_the_platform_would_refuse_is_not_sent(client, platform):
    for call in (
        client.tags.add([NewTag("VIP")]),
        client.tags.add([], group_id="etg1"),
        client.tags.add([NewTag("")], group_id="etg1"),
        client.tags.add([NewTag("长" * 31)], group_id="etg1"),
        client.tags.add([NewTag("VIP")], group_name="长" * 31),
        client.tags.edit("et1", name="长" * 31),
        client.tags.delete(),
        client.tags.mark("chen.yu", "wm1"),
    ):
        with pytest.raises(OverLimit):
            await call
    assert platform.seen == []
