"""Customers are read with all their followers, and noted about within the limits."""

from datetime import UTC, datetime

import pytest

from wecom.customers import Remark
from wecom.errors import OverLimit
from wecom.pages import Page

CUSTOMER = {"external_userid": "wm1", "name": "小周", "type": 1, "gender": 2, "unionid": "oz1", "avatar": "https://a"}
FOLLOW = {
    "userid": "chen.yu",
    "remark": "周女士 VIP",
    "description": "关注秋冬新品",
    "createtime": 1760000100,
    "tags": [
        {"group_name": "等级", "tag_name": "VIP", "tag_id": "et1", "type": 1},
        {"group_name": "个人", "tag_name": "老乡", "type": 2},
        {"group_name": "门店", "tag_name": "上海", "tag_id": "st1", "type": 3},
    ],
    "remark_corp_name": "示例公司",
    "remark_mobiles": ["13900000002"],
    "oper_userid": "wm1",
    "add_way": 1,
    "state": "store_sh_01",
    "wechat_channels": {"nickname": "号", "source": 2},
    "something_new": {"x": 1},
}


async def test_the_customers_of_a_member_are_listed(client, platform):
    platform.reply("externalcontact/list", {"errcode": 0, "external_userid": ["wm1", "wm2"]})
    assert await client.customers.list("chen.yu") == ("wm1", "wm2")
    assert (platform.last.method, platform.last.query["userid"]) == ("GET", "chen.yu")


async def test_a_member_without_customers_has_none(client, platform):
    platform.reply("externalcontact/list", {"errcode": 84061, "errmsg": "not external contact"})
    assert await client.customers.list("chen.yu") == ()


async def test_a_customer_comes_in_our_words(client, platform):
    platform.reply("externalcontact/get", {"errcode": 0, "external_contact": CUSTOMER, "follow_user": [FOLLOW]})
    profile = await client.customers.get("wm1")
    assert (profile.customer.external_user_id, profile.customer.name, profile.customer.union_id) == (
        "wm1",
        "小周",
        "oz1",
    )
    assert (profile.customer.kind, profile.customer.gender, profile.customer.corp_name) == (1, 2, "")
    (follow,) = profile.follows
    assert follow.added_at == datetime(2025, 10, 9, 8, 55, tzinfo=UTC)
    assert (follow.user_id, follow.state, follow.add_way, follow.opened_by) == ("chen.yu", "store_sh_01", 1, "wm1")
    assert follow.tag_ids == ("et1", "st1")
    assert [mark.name for mark in follow.marks] == ["VIP", "老乡", "上海"]
    assert (follow.company, follow.mobiles, follow.channels.nickname) == ("示例公司", ("13900000002",), "号")


async def test_all_pages_of_followers_are_read(client, platform):
    first = {"errcode": 0, "external_contact": CUSTOMER, "follow_user": [FOLLOW], "next_cursor": "c+1/="}
    platform.reply("externalcontact/get", first, first | {"follow_user": [FOLLOW | {"userid": "b"}], "next_cursor": ""})
    profile = await client.customers.get("wm1")
    assert [follow.user_id for follow in profile.follows] == ["chen.yu", "b"]
    one, two = platform.calls("externalcontact/get")
    assert "cursor" not in one.query
    assert (two.query["cursor"], two.query["external_userid"]) == ("c+1/=", "wm1")


async def test_a_batch_has_a_row_for_each_pair(client, platform):
    info = {"userid": "chen.yu", "createtime": 1760000100, "tag_id": ["et1"], "add_way": 16}
    row = {"external_contact": CUSTOMER, "follow_info": info}
    answer = {"errcode": 0, "external_contact_list": [row, row], "next_cursor": "n"}
    platform.reply("externalcontact/batch/get_by_user", answer)
    page = await client.customers.batch(["chen.yu", "b"], "c")
    assert platform.last.body == {"userid_list": ["chen.yu", "b"], "cursor": "c", "limit": 100}
    assert page.cursor == "n"
    assert [(contact.customer.name, contact.follow.tag_ids) for contact in page.items] == [("小周", ("et1",))] * 2


async def test_a_batch_of_members_without_customers_is_empty(client, platform):
    platform.reply("externalcontact/batch/get_by_user", {"errcode": 84061, "errmsg": "no"})
    assert await client.customers.batch(["chen.yu"]) == Page((), "")


async def test_a_batch_takes_one_to_a_hundred_members(client, platform):
    for wrong in ([], ["u"] * 101):
        with pytest.raises(OverLimit):
            await client.customers.batch(wrong)
    assert platform.seen == []


async def test_a_remark_sends_what_is_given(client, platform):
    await client.customers.remark("chen.yu", "wm1", Remark(remark="抖音-小周", mobiles=()))
    assert platform.last.path == "externalcontact/remark"
    ids = {"userid": "chen.yu", "external_userid": "wm1"}
    assert platform.last.body == ids | {"remark": "抖音-小周", "remark_mobiles": []}


@pytest.mark.parametrize(
    "remark", [Remark(), Remark(remark="渠" * 21), Remark(description="x" * 151), Remark(company="x" * 21)]
)
async def test_a_remark_beyond_the_limits_is_not_sent(client, platform, remark):
    with pytest.raises(OverLimit):
        await client.customers.remark("chen.yu", "wm1", remark)
    assert platform.seen == []
