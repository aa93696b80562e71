"""A whole town by habits: links, groups, invitations, duty, departures; nothing of it unless somebody has the habit."""

import pytest

from simulator import Callback, Reply, Simulator
from simulator.actions import groups
from simulator.behaviour import RATES, Habits
from simulator.behaviour.duties import FEWEST
from simulator.world.contacts import Received
from simulator.world.groups import CUSTOMER
from tests.simulator.caller import Caller, read

MINUTES = 60.0
OFFER = {"attachments": [{"msgtype": "link", "link": {"title": "进群", "url": "http://app.test/g/1"}}]}


@pytest.fixture
def town(sim: Simulator, crm: Caller) -> Caller:
    """Some customers, a contact way, and a group with a code that leads into it."""
    crm.way("chen.yu", "lin.qiao")
    crm.friend("chen.yu")
    group = groups.found_group(sim.world, crm.corp, owner="chen.yu", name="老客群")
    crm.post("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=[group.chat_id], state="door")
    return crm


def link(crm: Caller) -> str:
    made = crm.post(
        "externalcontact/customer_acquisition/create_link", link_name="海报", range={"user_list": ["li.na"]}
    )
    return made["link"]["link_id"]


async def told(sim: Simulator, inbox: list[Callback], change: str) -> list[dict[str, str]]:
    """The callbacks of one change that came while an hour passed."""
    await sim.advance(60 * MINUTES)
    return [one for one in map(read, inbox) if change in (one.get("UpdateDetail"), one.get("ChangeType"))]


async def test_who_comes_by_a_link_carries_what_the_address_says(sim: Simulator, town: Caller):
    link_id = link(town)
    address = f"https://work.weixin.qq.com/ca/{link_id}?customer_channel=a-1.poster"
    sim.behaviour.live(Habits(arrivals=10, searches=0, links=1, addresses=("https://x.test/ca/gone", address)))
    await sim.advance(5 * MINUTES)
    visits = list(town.corp.acquisition.visits.values())
    assert len(visits) > 20
    assert {(visit.link_id, visit.state) for visit in visits} == {(link_id, "a-1.poster")}


async def test_a_link_whose_address_nobody_was_given_is_opened_bare(sim: Simulator, town: Caller):
    link(town)
    sim.behaviour.live(Habits(arrivals=10, searches=0, links=1))
    await sim.advance(5 * MINUTES)
    assert {visit.state for visit in town.corp.acquisition.visits.values()} == {""}


async def test_who_is_offered_a_group_joins_it_and_nobody_else(sim: Simulator, town: Caller):
    (group,) = town.corp.groups.by_id.values()
    sim.behaviour.live(Habits(arrivals=10, searches=0, joins=1, leaves=0, removes=0))
    await sim.advance(5 * MINUTES)
    assert [one for one in group.now.members.values() if one.kind == CUSTOMER] == []

    async def greet(callback: Callback) -> Reply:
        about = read(callback)
        if about.get("ChangeType") == "add_external_contact":
            person = town.corp.contacts.customers[about["ExternalUserID"]]
            person.received.append(Received(sim.clock.now(), "welcome", about["UserID"], OFFER))
        return Reply(200)

    sim.delivery.sender = greet
    await sim.advance(5 * MINUTES)
    assert {one.state for one in group.now.members.values() if one.kind == CUSTOMER} == {"door"}


async def test_members_tell_the_bot_that_they_go_and_that_they_are_back(
    sim: Simulator, town: Caller, inbox: list[Callback]
):
    sim.behaviour.live(Habits(shifts=2, rest=30))
    await sim.advance(30 * MINUTES)
    sim.behaviour.live(Habits())
    await sim.advance(30 * MINUTES)
    said = [(one["FromUserName"], one["Content"]) for one in map(read, inbox) if one.get("MsgType") == "text"]
    assert {userid for userid, _ in said} == {"chen.yu", "lin.qiao"}, "whom the code shows"
    assert sorted({text for _, text in said}) == ["上班", "下班"]
    assert said.count(("chen.yu", "上班")) == said.count(("chen.yu", "下班"))


@pytest.mark.parametrize(
    ("habit", "change"),
    [("gatherings", "create"), ("friends", "add_member"), ("news", "change_name"), ("news", "change_notice")],
)
async def test_groups_live(sim: Simulator, town: Caller, inbox: list[Callback], habit: str, change: str):
    sim.behaviour.live(Habits(**{habit: 0.5}))
    assert len(await told(sim, inbox, change)) > 5


async def test_friends_are_brought_by_members_and_by_customers(sim: Simulator, town: Caller):
    (group,) = town.corp.groups.by_id.values()
    sim.behaviour.live(Habits(friends=1))
    await sim.advance(60 * MINUTES)
    brought = [one for one in group.now.members.values() if one.kind == CUSTOMER]
    assert {one.inviter for one in brought} == {"chen.yu", ""}, "the platform names inviters of the corp only"
    sim.behaviour.live(Habits(quits=1))
    await sim.advance(20 * MINUTES)
    assert 0 < sum(one.kind == CUSTOMER for one in group.now.members.values()) < len(brought) - 10


async def test_members_resign_until_only_those_remain_who_are_needed(sim: Simulator, town: Caller):
    leading = {member.userid for member in town.corp.directory if member.leads}
    sim.behaviour.live(Habits(resigns=1))
    await sim.advance(60 * MINUTES)
    serving = {member.userid for member in town.corp.directory if member.serves}
    assert len(serving) == FEWEST
    assert leading <= serving


async def test_what_has_a_rate_begins_by_it_and_stops_at_zero(sim: Simulator, town: Caller):
    assert sim.behaviour.next_at == float("inf")
    assert all(getattr(Habits(), rate) == 0 for rate in RATES)
    sim.behaviour.live(Habits(news=1))
    first = sim.behaviour.next_at
    sim.behaviour.live(Habits(news=1, leaves=0))
    assert sim.behaviour.next_at == first, "the same rate goes on"
    sim.behaviour.live(Habits())
    assert sim.behaviour.next_at == float("inf")


async def test_the_same_seed_lives_the_same_groups():
    async def live(seed: int) -> list[tuple[str, int, str]]:
        sim = Simulator(seed=seed)
        crm = Caller(sim, (company := sim.found_company(callback_url="http://x")).corp, company.app)
        crm.way("chen.yu", "lin.qiao")
        sim.behaviour.live(Habits(arrivals=10, gatherings=1, friends=2, quits=1, news=1, shifts=1, resigns=0.1))
        await sim.advance(30 * MINUTES)
        return [(one.chat_id, len(one.now.members), one.now.name) for one in crm.corp.groups.by_id.values()]

    first, again, other = await live(1), await live(1), await live(2)
    assert first == again != other
    assert len(first) > 15
