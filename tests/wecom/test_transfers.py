"""Customers and groups are handed over within the limits, and what is said of each is read."""

from datetime import UTC, datetime

import pytest

from wecom.errors import OverLimit
from wecom.transfers import Fate

GIVE = "externalcontact/transfer_customer"


async def test_customers_are_handed_over_with_a_message(client, platform):
    rows = [{"external_userid": "wm1", "errcode": 0}, {"external_userid": "wm2", "errcode": 40128}]
    platform.reply(GIVE, {"errcode": 0, "customer": rows})
    told = await client.transfers.give("chen", "lin", ["wm1", "wm2"], message="以后由我为您服务")
    assert [(one.external_user_id, one.code) for one in told] == [("wm1", 0), ("wm2", 40128)]
    assert platform.last.body == {
        "handover_userid": "chen", "takeover_userid": "lin", "external_userid": ["wm1", "wm2"],
        "transfer_success_msg": "以后由我为您服务",
    }  # fmt: skip


async def test_customers_of_who_left_are_handed_over_without_a_message(client, platform):
    platform.reply("externalcontact/resigned/transfer_customer", {"errcode": 0, "customer": []})
    assert await client.transfers.give("chen", "lin", ["wm1"], resigned=True, message="hi") == ()
    assert "transfer_success_msg" not in platform.last.body


@pytest.mark.parametrize(("customers", "message"), [([], ""), (["wm"] * 101, ""), (["wm1"], "长" * 201)])
async def test_a_transfer_beyond_the_limits_is_not_sent(client, platform, customers, message):
    with pytest.raises(OverLimit):
        await client.transfers.give("chen", "lin", customers, message=message)
    assert platform.seen == []


@pytest.mark.parametrize("resigned", [False, True])
async def test_results_tell_how_each_stands(client, platform, resigned):
    rows = [
        {"external_userid": "wm1", "status": 1, "takeover_time": 1760086400},
        {"external_userid": "wm2", "status": 3, "takeover_time": 0},
        {"external_userid": "wm3", "status": 5},
    ]
    path = f"externalcontact/{'resigned/' if resigned else ''}transfer_result"
    platform.reply(path, {"errcode": 0, "customer": rows, "next_cursor": "n"})
    page = await client.transfers.results("chen", "lin", "c", resigned=resigned)
    assert platform.last.body == {"handover_userid": "chen", "takeover_userid": "lin", "cursor": "c"}
    assert [one.fate for one in page.items] == [Fate.DONE, Fate.REFUSED, None]
    assert [one.taken_at for one in page.items] == [datetime.fromtimestamp(1760086400, UTC), None, None]
    assert page.cursor == "n"


async def test_the_unassigned_are_listed(client, platform):
    row = {"handover_userid": "chen", "external_userid": "wm1", "dimission_time": 1760000100}
    answer = {"errcode": 0, "info": [row], "is_last": False, "next_cursor": "n"}
    platform.reply("externalcontact/get_unassigned_list", answer)
    page = await client.transfers.unassigned()
    assert platform.last.body == {}
    assert page.cursor == "n"
    (one,) = page.items
    assert (one.handover, one.external_user_id, one.left_at.timestamp()) == ("chen", "wm1", 1760000100)


@pytest.mark.parametrize(("resigned", "name"), [(False, "onjob_transfer"), (True, "transfer")])
async def test_groups_get_a_new_owner_but_for_those_refused(client, platform, resigned, name):
    failed = [{"chat_id": "wr1", "errcode": 90504, "errmsg": "owner unchanged"}]
    platform.reply(f"externalcontact/groupchat/{name}", {"errcode": 0, "failed_chat_list": failed})
    (refused,) = await client.transfers.give_groups(["wr1", "wr2"], "lin", resigned=resigned)
    assert (refused.chat_id, refused.code, refused.reason) == ("wr1", 90504, "owner unchanged")
    assert platform.last.body == {"chat_id_list": ["wr1", "wr2"], "new_owner": "lin"}


async def test_groups_go_in_hundreds(client, platform):
    with pytest.raises(OverLimit):
        await client.transfers.give_groups(["wr"] * 101, "lin")
    assert platform.seen == []
