"""Links, intercept rules and strategies are written as documented and read in every shape that was seen."""

from datetime import UTC, datetime

import pytest

from wecom.acquisition import LISTED, Link, Priority, Range
from wecom.errors import OverLimit
from wecom.intercepts import Reach, Rule

PATH = "externalcontact/customer_acquisition/"
AT = datetime(2026, 1, 1, tzinfo=UTC)
LINK = Link(name="海报", range=Range(users=("chen.yu",), departments=(3,)))
RULE = Rule(name="竞品", words=("对手",), semantics=(1,), reach=Reach(users=("chen.yu",), departments=(3,)))


async def test_a_link_is_made_changed_and_deleted(client, platform):
    made = {"link": {"link_id": "caw1", "link_name": "海报", "url": "https://l/1", "create_time": 1767225600}}
    platform.reply(PATH + "create_link", {"errcode": 0, **made})
    link = await client.acquisition.create(LINK)
    assert (link.link_id, link.url, link.created_at) == ("caw1", "https://l/1", AT)
    body = {
        "link_name": "海报",
        "range": {"user_list": ["chen.yu"], "department_list": [3]},
        "skip_verify": True,
    }
    assert platform.last.body == body
    listed = Link(name="海报", range=Range(users=("a",)), priority=Priority(kind=LISTED, users=("a",)))
    await client.acquisition.update("caw1", listed)
    assert platform.last.body["priority_option"] == {"priority_type": 2, "priority_userid_list": ["a"]}
    await client.acquisition.delete("caw1")
    assert (platform.last.path, platform.last.body) == (PATH + "delete_link", {"link_id": "caw1"})


async def test_links_customers_and_quota_are_read(client, platform):
    platform.reply(PATH + "list_link", {"errcode": 0, "link_id_list": ["a"], "next_cursor": "n"})
    page = await client.acquisition.list()
    assert (page.items, page.cursor) == (("a",), "n")
    told = {"link": {"link_name": "海报", "url": "u"}, "range": {"user_list": ["a"]}, "priority_option": None}
    platform.reply(PATH + "get", {"errcode": 0, **told})
    link = await client.acquisition.get("a")
    assert (link.name, link.range.users, link.priority) == ("海报", ("a",), None)
    row = {"external_userid": "wm1", "userid": "a", "chat_status": 1, "state": "s"}
    platform.reply(PATH + "customer", {"errcode": 0, "customer_list": [row], "next_cursor": ""})
    (newcomer,) = (await client.acquisition.customers("a")).items
    assert (newcomer.external_user_id, newcomer.user_id, newcomer.chat, newcomer.state) == ("wm1", "a", 1, "s")
    quota = {"total": 9, "balance": 3, "quota_list": [{"expire_date": 1767225600, "balance": 2}]}
    platform.reply("externalcontact/customer_acquisition_quota", {"errcode": 0, **quota})
    read = await client.acquisition.quota()
    assert (read.total, read.balance, read.parts[0].at) == (9, 3, AT)
    assert platform.last.method == "GET"
    info = {"recv_msg_cnt": 3, "link_id": "a", "state": "s"}
    answer = {"errcode": 0, "userid": "a", "external_userid": "wm1", "chat_info": info}
    platform.reply(PATH + "get_chat_info", answer)
    chat = await client.acquisition.chat("CK")
    assert (chat.external_user_id, chat.count, chat.link_id) == ("wm1", 3, "a")
    platform.reply(PATH + "statistic", {"errcode": 0, "click_link_customer_cnt": 4, "new_customer_cnt": 2})
    visits = await client.acquisition.visits("a", AT, AT)
    assert (visits.clicks, visits.customers, platform.last.body["start_time"]) == (4, 2, 1767225600)


@pytest.mark.parametrize(
    "link",
    [
        Link(name="", range=Range(users=("a",))),
        Link(name="名" * 31, range=Range(users=("a",))),
        Link(name="无人"),
        Link(name="太多", range=Range(users=("a",) * 501)),
        Link(name="优先", range=Range(users=("a",)), priority=Priority(kind=LISTED)),
    ],
)
async def test_a_link_beyond_the_limits_is_not_sent(client, platform, link):
    with pytest.raises(OverLimit):
        await client.acquisition.create(link)
    assert platform.seen == []


async def test_a_rule_is_made_and_changed_by_what_differs(client, platform):
    platform.reply("externalcontact/add_intercept_rule", {"errcode": 0, "rule_id": 7})
    assert await client.intercepts.add(RULE) == "7"
    assert platform.last.body["semantics_list"] == [1]
    wanted = Rule(name="竞品", words=("对手",), reach=Reach(users=("li.na",), departments=(3,)))
    await client.intercepts.update("7", wanted, before=RULE)
    body = platform.last.body
    assert body["extra_rule"] == {"semantics_list": []}
    assert body["add_applicable_range"] == {"user_list": ["li.na"], "department_list": []}
    assert body["remove_applicable_range"] == {"user_list": ["chen.yu"], "department_list": []}
    await client.intercepts.update("7", RULE, before=RULE)
    assert "add_applicable_range" not in platform.last.body
    assert "对手" not in repr(RULE)


@pytest.mark.parametrize(
    "semantics", [{"semantics": [2]}, {"semantics_list": [2]}, {"extra_rule": {"semantics_list": [2]}}]
)
async def test_a_rule_is_read_in_each_of_its_shapes(client, platform, semantics):
    told = {"rule_id": 7, "rule_name": "n", "word_list": ["w"], "applicable_range": {"user_list": ["a"]}, **semantics}
    platform.reply("externalcontact/get_intercept_rule", {"errcode": 0, "rule": told})
    rule = await client.intercepts.get("7")
    assert (rule.semantics, rule.words, rule.reach.users) == ((2,), ("w",), ("a",))


async def test_strategies_are_read(client, platform):
    path = "externalcontact/customer_strategy/"
    platform.reply(path + "list", {"errcode": 0, "strategy": [{"strategy_id": 1}], "next_cursor": ""})
    assert (await client.strategies.list()).items == (1,)
    told = {"strategy_id": 1, "strategy_name": "华东", "privilege": {"contact_me": True}, "admin_list": ["a"]}
    platform.reply(path + "get", {"errcode": 0, "strategy": told})
    strategy = await client.strategies.get(1)
    assert (strategy.name, strategy.admins, strategy.privilege) == ("华东", ("a",), {"contact_me": True})
    nodes = [{"type": 1, "userid": "a"}, {"type": 2, "partyid": 3}]
    platform.reply(path + "get_range", {"errcode": 0, "range": nodes, "next_cursor": "n"})
    page = await client.strategies.range(1)
    assert ([(one.user_id, one.department) for one in page.items], page.cursor) == ([("a", 0), ("", 3)], "n")
