"""Customers come by a code and leave again; the numbers follow, and a leader sees those of their department."""

import httpx

from simulator.actions import customers, staff
from storage.tokens import Tokens

HOURS = 3600


async def reach(siyu, channel, **wanted: int) -> None:
    """Wait until the numbers of a channel are these, and all others nothing."""

    async def reached() -> bool:
        shown = await siyu.get(f"channels/{channel['id']}/statistics")
        return {name: value for name, value in shown["total"].items() if value} == wanted

    await siyu.until(reached)
    await siyu.until(siyu.idle)


async def test_the_numbers_follow_what_happens_at_wecom(siyu):
    channel = await siyu.channel(name="展会")
    leaver, removed, _ = [siyu.scan(channel, name=f"客户{count}") for count in range(3)]
    await reach(siyu, channel, adds=3)
    siyu.push(HOURS)
    siyu.act(customers.leave, leaver)
    siyu.act(staff.remove, removed)
    await reach(siyu, channel, adds=3, lost_24h=1, lost_7d=1)
    siyu.push(HOURS)
    siyu.scan(channel, external_userid=leaver.external_userid)
    await reach(siyu, channel, adds=4, repeat_adds=1, lost_24h=1, lost_7d=1)
    page = await siyu.get("statistics/channels")
    assert [(each["name"], each["adds"]) for each in page["items"]] == [("展会", 4)]


async def test_a_leader_sees_only_their_department(siyu):
    outsider = next(member.userid for member in siyu.company.members if _far(siyu, member))
    channel = await siyu.channel(name="总部展会", staff=[siyu.rep, outsider])
    relations = [siyu.scan(channel) for _ in range(2)]
    near, far = sorted(relations, key=lambda relation: relation.userid != siyu.rep)
    await reach(siyu, channel, adds=2)
    token = await Tokens(siyu.database).create("leader", name="lead", user_id=siyu.lead, now=siyu.now())
    async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {token}"}) as leader:
        seen = (await leader.get(f"{siyu.base}/api/v1/customers")).json()["items"]
        assert [customer["external_user_id"] for customer in seen] == [near.external_userid]
        assert (await leader.get(f"{siyu.base}/api/v1/customers/{far.external_userid}")).status_code == 404
        shown = (await leader.get(f"{siyu.base}/api/v1/channels/{channel['id']}/statistics")).json()
        assert shown["total"]["adds"] == 1


def _far(siyu, member) -> bool:
    """Whether a member is outside of what the lead leads, and not above."""
    led = {number for number, one in siyu.corp.directory.departments.items() if siyu.lead in one.leaders}
    return not led & set(member.departments) and member.userid != siyu.lead and member.serves
