"""People who act by themselves, the same for the same seed."""

import pytest

from simulator import Callback, Simulator
from simulator.actions import customers
from simulator.actions.errors import Impossible
from simulator.behaviour import Habits
from simulator.clock import Clock
from simulator.world.contacts import Standing
from tests.simulator.caller import Caller


async def live(seed: int) -> list[tuple[str, str, str]]:
    sim = Simulator(seed=seed)
    company = sim.found_company(callback_url="http://x")
    Caller(sim, company.corp, company.app).way("chen.yu", "lin.qiao")
    sim.behaviour.habits = Habits(half=0.3, leaves=0.3, removes=0.2, tags=0.5, notes=0.5)
    sim.behaviour.arrivals(30)
    await sim.advance(600)
    return [(relation.external_userid, relation.userid, str(relation.standing)) for relation in company.corp.contacts]


async def test_the_same_seed_lives_the_same_life():
    first, again, other = await live(1), await live(1), await live(2)
    assert first == again
    assert first != other
    assert 200 < len(first) < 400
    assert len({userid for _, userid, _ in first}) > 5  # some are found by search
    assert {standing for _, _, standing in first} == {"mutual", "left", "removed", "half"}


async def test_customers_come_at_the_rate_until_it_is_zero(sim: Simulator, crm: Caller, inbox: list[Callback]):
    crm.way()
    sim.behaviour.habits.returns = 0.0
    sim.behaviour.arrivals(60)
    await sim.advance(100)
    arrived = len(crm.corp.contacts.customers)
    assert 70 < arrived < 130
    assert sum(c.name.endswith("add_external_contact") for c in inbox) == arrived
    sim.behaviour.arrivals(0)
    await sim.advance(1000)
    assert len(crm.corp.contacts.customers) == arrived


async def test_reps_ask_click_and_confirm(sim: Simulator, crm: Caller, inbox: list[Callback]):
    crm.way()
    card = {
        "card_type": "button_interaction",
        "task_id": "task-1",
        "main_title": {"title": "新客户"},
        "button_list": [{"text": "已跟进", "key": "done"}],
    }
    body = {"touser": "chen.yu", "agentid": 1_000_002, "msgtype": "template_card", "template_card": card}
    assert crm.post("message/send", body)["errcode"] == 0
    crm.friend()
    msgid = crm.post("externalcontact/add_msg_template", sender="chen.yu", text={"content": "x"})["msgid"]
    sim.behaviour.habits = Habits(asks=1, clicks=1, confirms=1, leaves=0, removes=0)
    sim.behaviour.arrivals(30)
    await sim.advance(120)
    assert {"text", "template_card_event"} <= {callback.name for callback in inbox}
    assert crm.corp.broadcasts.by_id[msgid].tasks["chen.yu"].confirmed_at


def test_a_scan_meets_the_users_in_turn(sim: Simulator, crm: Caller):
    config_id = crm.way("chen.yu", "lin.qiao")
    met = [customers.scan(sim.world, crm.corp, config_id=config_id).userid for _ in range(4)]
    assert met == ["chen.yu", "lin.qiao", "chen.yu", "lin.qiao"]


async def test_scanning_again_changes_nothing_and_coming_back_begins_anew(
    sim: Simulator, crm: Caller, inbox: list[Callback]
):
    config_id = crm.way("chen.yu")
    first = customers.scan(sim.world, crm.corp, config_id=config_id)
    external = first.external_userid
    assert customers.scan(sim.world, crm.corp, config_id=config_id, external_userid=external) is first
    first.tags["etVip"] = 0.0
    customers.leave(sim.world, crm.corp, userid="chen.yu", external_userid=external)
    back = customers.scan(sim.world, crm.corp, config_id=config_id, external_userid=external)
    assert (back.adds, back.standing, list(back.tags)) == (2, Standing.MUTUAL, ["etVip"])
    await sim.settle()
    kinds = [callback.name.rpartition("/")[2] for callback in inbox]
    assert kinds == ["add_external_contact", "del_follow_user", "add_external_contact"]


def test_the_impossible_is_refused(sim: Simulator, crm: Caller):
    config_id = crm.way("chen.yu")
    with pytest.raises(Impossible, match="no contact way"):
        customers.scan(sim.world, crm.corp, state="elsewhere")
    with pytest.raises(Impossible, match="no customer"):
        customers.scan(sim.world, crm.corp, config_id=config_id, external_userid="wmNobody")
    with pytest.raises(Impossible, match="never met"):
        customers.leave(sim.world, crm.corp, userid="chen.yu", external_userid="wmNobody")
    crm.corp.directory.find("chen.yu").customer_contact = False
    with pytest.raises(Impossible, match="nobody stands behind"):
        customers.scan(sim.world, crm.corp, config_id=config_id)


async def test_a_standing_clock_moves_only_when_pushed():
    clock = Clock(speed=0)
    before = clock.now()
    assert clock.now() == before
    clock.advance(5)
    assert clock.now() == before + 5
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)


async def test_a_world_may_begin_in_the_past():
    assert Simulator(seed=1, start=1000.0).clock.now() == 1000.0


async def test_a_fast_clock_runs_ahead():
    clock = Clock(speed=1000)
    before = clock.now()
    await clock.sleep(10)
    assert clock.now() >= before + 10


def test_the_small_company_is_complete_and_the_same_for_a_seed():
    one, same, other = (Simulator(seed=seed).found_company() for seed in (1, 1, 2))
    assert len(one.members) == 30
    directory = one.corp.directory
    assert len(directory.departments) == 8
    assert max(len(list(directory.line(number))) for number in directory.departments) == 3
    assert all(department.leaders for department in directory.departments.values())
    assert len(one.corp.tags.groups) == 4
    assert (one.app.secret, one.token, one.encoding_aes_key) == (same.app.secret, same.token, same.encoding_aes_key)
    assert one.app.secret != other.app.secret
    assert one.app.secret not in repr(one)
    assert one.encoding_aes_key not in repr(one)
