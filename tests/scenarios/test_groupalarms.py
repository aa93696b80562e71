"""What is unusual in customer groups is told to those who can act, once."""

import pytest

from simulator.actions import staff
from tests.scenarios.crowd import Crowd
from tests.scenarios.test_groups import sync


@pytest.fixture
def crowd(siyu):
    return Crowd(siyu)


def told(siyu, userid, words):
    """How many messages to a member say so."""
    return sum(words in str(message) for message in siyu.inbox(userid))


async def thresholds(siyu, **wanted):
    answer = await siyu.api.patch(f"{siyu.base}/api/v1/group-settings", json=wanted)
    assert answer.is_success, answer.text
    return answer.json()


async def test_a_group_that_is_nearly_full_is_told_once_until_it_is_emptier(siyu, crowd):
    await thresholds(siyu, full_percent=20)
    group = crowd.found(name="福利群")
    await crowd.settle(group)
    people = crowd.invite(group, 39)
    await crowd.settle(group)
    crowd.invite(group)
    await crowd.settle(group)
    assert told(siyu, siyu.rep, "即将满员") == told(siyu, siyu.lead, "即将满员") == 1
    crowd.do("kick", group, ids=people[:30])
    await crowd.settle(group)
    crowd.invite(group, 35)
    await crowd.settle(group)
    assert told(siyu, siyu.rep, "即将满员") == 2


async def test_many_who_leave_at_once_are_one_alarm(siyu, crowd):
    await thresholds(siyu, leaves=4)
    group = crowd.found(name="福利群")
    people = crowd.invite(group, 8)
    await crowd.settle(group)
    for one in people[:3]:
        crowd.do("quit_group", group, external_userid=one)
    await crowd.settle(group)
    assert told(siyu, siyu.rep, "退群") == 0
    for one in people[3:6]:
        crowd.do("quit_group", group, external_userid=one)
        await crowd.settle(group)
    assert told(siyu, siyu.rep, "退群") == told(siyu, siyu.lead, "退群") == 1


async def test_many_who_join_at_once_may_be_spam(siyu, crowd):
    await thresholds(siyu, joins=5, join_seconds=60)
    group = crowd.found(name="福利群")
    await crowd.settle(group)
    crowd.invite(group, 5)
    crowd.invite(group, 2)
    await crowd.settle(group)
    assert told(siyu, siyu.rep, "广告") == 1
    assert ("sent", "alarm_joining") in await siyu.reasons("alert")


async def test_a_customer_in_many_groups_is_told_once(siyu, crowd):
    await thresholds(siyu, groups=2)
    groups = [crowd.found(name=f"{number}群") for number in range(4)]
    await crowd.settle(*groups)
    (customer,) = crowd.invite(groups[0])
    await crowd.settle(groups[0])
    for group in groups[1:]:
        crowd.invite(group, customers=[customer])
        await crowd.settle(group)
    assert told(siyu, siyu.rep, "多个群") == 1


async def test_groups_of_an_owner_who_has_left_are_told_to_the_lead(siyu, crowd):
    one, two = crowd.found(name="甲"), crowd.found(name="乙")
    await crowd.settle(one, two)
    staff.resign(siyu.simulator.world, siyu.corp, userid=siyu.rep)
    await sync(siyu)
    await siyu.until(siyu.idle)
    assert told(siyu, siyu.lead, "群主离职") == 1
    assert "2 个客户群" in str(siyu.inbox(siyu.lead))


async def test_what_was_there_before_we_knew_the_group_is_no_alarm(siyu, crowd):
    await thresholds(siyu, joins=3, full_percent=20)
    group = crowd.found(name="福利群")
    crowd.invite(group, 45)
    await crowd.settle(group)
    assert (await crowd.ledger(group))["members"] == 46
    assert siyu.inbox(siyu.rep) == []


async def test_settings_are_told_as_they_are_set(siyu):
    channel = await siyu.channel()
    cities = [{"kind": "channel", "id": channel["id"], "city": "上海"}]
    assert (await thresholds(siyu, joins=7, cities=cities))["cities"] == cities
    shown = await siyu.get("group-settings")
    assert (shown["joins"], shown["leaves"], shown["cities"]) == (7, 10, cities)
