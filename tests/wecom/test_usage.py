"""What was called of late is told by its share of the platform's limits, and telling it takes nothing."""

from wecom.budget import Charge
from wecom.contents import Text
from wecom.ids import UserId
from wecom.limits import BASIC, TO_MEMBER
from wecom.messages import To
from wecom.usage import look


async def take(budget, charge, times):
    for _ in range(times):
        assert await budget.reserve([charge], urgent=True) == 0


async def test_paths_are_told_by_their_share_and_members_apart(make_client, budget, platform):
    client = make_client()
    await client.staff.followers()
    await client.messages.send(To(users=(UserId("Chen.Yu"), UserId("li.na"))), Text(text="x"))
    await client.messages.send(To(users=(UserId("chen.yu"),)), Text(text="x"))
    found = await look(budget, "ww1")
    assert found.shared is False
    (path,) = found.paths
    assert (path.of, path.share) == ("externalcontact/get_follow_user_list", 1 / 10_000)
    assert [(one.period, one.used, one.limit) for one in path.windows] == [(60, 1, 10_000), (3600, 1, 150_000)]
    assert [(one.of, one.share) for one in found.members] == [("chen.yu", 2 / 30), ("li.na", 1 / 30)]


async def test_looking_takes_nothing_and_other_corps_are_not_told(budget):
    await take(budget, Charge("ww1:user/get", BASIC), 5)
    await take(budget, Charge("ww10:user/get", BASIC), 7)
    for _ in range(3):
        (path,) = (await look(budget, "ww1")).paths
        assert path.windows[0].used == 5


async def test_what_was_not_called_of_late_is_not_told(budget, clock):
    await take(budget, Charge("ww1:user/get", BASIC), 5)
    clock.advance(62)
    (path,) = (await look(budget, "ww1")).paths
    assert [one.used for one in path.windows] == [0, 5]
    clock.advance(3660)
    assert (await look(budget, "ww1")).paths == ()


async def test_the_blocked_come_first_then_the_nearest_to_a_limit(budget, clock):
    await take(budget, Charge("ww1:user/get", BASIC), 5)
    await take(budget, Charge("ww1:media/upload", BASIC), 6)
    await take(budget, Charge("ww1:tag", BASIC), 1)
    await budget.block("ww1:tag")
    clock.advance(20)
    found = await look(budget, "ww1")
    assert [(one.of, one.blocked) for one in found.paths] == [("tag", 40), ("media/upload", 0), ("user/get", 0)]


async def test_of_two_apps_the_one_nearer_to_the_limit_is_told(budget):
    await take(budget, Charge("ww1:1:message/send:chen.yu", TO_MEMBER), 3)
    await take(budget, Charge("ww1:2:message/send:chen.yu", TO_MEMBER), 9)
    (member,) = (await look(budget, "ww1")).members
    assert member.windows[0].used == 9
