"""Every endpoint, walked over one of everything: what is another corp's, another member's, or personal, stays away."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.api.call import Corp
from console.api.roles import PERMISSIONS, Role
from console.api.routes import Route
from console.site import collect
from sop.staff import Department, Member
from sop.transfers.takers import NOT_FOLLOWER, LeftOut
from storage.tokens import Tokens
from tests.console import world
from tests.console.conftest import CORP, LEADER, NOW, REP
from tests.console.world import Part

ROUTES = list(collect())
READING = [route for route in ROUTES if not route.writes]
FOREIGN = "wwother"
OTHER = "li.na"  # whose customers are neither the rep's nor the leader's
MINE, THEIRS = Part(REP, "本企的秘密"), Part(OTHER, "别人的秘密", "_2")  # no id made at random has a _
EXCEPT = {"tokens", "tags.templates"}  # the same for all corps, by design
# The least that an endpoint takes as a body, so that it gets as far as looking for the thing itself.
BODIES: dict[str, dict[str, Any]] = {
    "broadcasts.approval.approve": {"edition": 1},
    "broadcasts.approval.reject": {"edition": 1},
    "broadcasts.forecasts.preview": {"subject": "wm1"},
    "broadcasts.sheets.change": {"document": {}, "edition": 1},
    "broadcasts.steering.promote": {"variant": "a"},
    "flows.people.enter": {"subjects": ["wm1"]},
    "flows.publishing.publish": {"mode": "follow", "edition": 1},
    "flows.sheets.change": {"document": {"name": "x", "start": "a", "nodes": {}}, "edition": 1},
    "fields.values.change": {"values": {"score": 1}},
    "channels.folders.change": {"name": "b"},
    "groups.labels.change": {"name": "b"},
    "groups.invitations.invite": {"tags": ["et1"]},
    "channels.duty.change": {"on": False},
    "policy.consents.say": {"given": False},
    "policy.consents.move": {"zone": ""},
    "tags.marks.change": {"user_id": OTHER, "add": ["et2"]},
    "tasks.postpone": {"until": "2026-05-05T09:00:00+08:00"},
    "tasks.hand": {"staff": world.TAKER},
    "transfers.orders.reoffer": {"takers": [{"user_id": world.TAKER}]},
}


@pytest.fixture
def corps() -> tuple[Corp, ...]:
    return tuple(Corp(id=each, name=each, app="crm", zone=ZoneInfo("Asia/Shanghai")) for each in (CORP, FOREIGN))


def address(route: Route, ids: dict[str, str]) -> str:
    """The path of a route over things with these ids, in the corp under test."""
    operation = f"{route.subject}.{route.name}"
    places = {place: world.name(ids, operation, place) for place in route.places}
    return f"{route.path.removeprefix('/api/v1').format_map(places)}?corp={CORP}"


def body(route: Route) -> dict[str, Any] | None:
    return BODIES.get(f"{route.subject}.{route.name}", {}) if route.body is not None else None


async def read(site, role: str, path: str, **more) -> tuple[int, str]:
    response = await site.ask(role, "GET", path, **more)
    return response.status, (await response.read()).decode(errors="replace")


async def test_everything_of_another_corp_is_missing_and_shown_nowhere(site):
    mine = await world.fill(site.store(), MINE)
    foreign = await world.fill(site.store(FOREIGN), THEIRS)
    for route in READING:
        status, text = await read(site, "admin", address(route, mine))
        assert status in {200, 409, 503}, (route.path, text)  # it is there
        assert THEIRS.mark not in text, route.path
    for route in ROUTES:
        if route.places and route.subject not in EXCEPT:
            response = await site.ask("admin", route.method, address(route, foreign), body(route))
            assert response.status == 404, (route.method, route.path, await response.text())
    assert await site.store(FOREIGN).customers.find(THEIRS.customer)


async def test_who_may_not_see_people_finds_no_trace_of_them(site):
    ids = await world.fill(site.store(), MINE)
    telling = set()
    for route in READING:
        for headers in ({}, {"Accept": "text/csv"}):
            status, text = await read(site, "reviewer", address(route, ids), headers=headers)
            assert MINE.mark not in text, (route.path, text)
            assert status in {200, 403, 409, 503}, (route.path, text)
            if MINE.mark in (await read(site, "operator", address(route, ids), headers=headers))[1]:
                telling.add(f"{route.subject}.{route.name}")
    assert telling >= {
        "customers.browse", "customers.show", "timeline.read_timeline", "decisions.browse", "tasks.browse",
        "groups.members.browse_members", "transfers.orders.browse_rides", "sync.differences",
    }  # fmt: skip


@pytest.fixture
async def company(site):
    """The rep is in the leader's department, the other is not; each has one of everything."""
    store = site.store()
    tree = (Department(id=1), Department(id=2, parent_id=1, leaders=(LEADER,)), Department(id=3, parent_id=1))
    await store.staff.replace([], tree, at=store.now)
    await store.commit()
    site.mine = await world.fill(site.store(), MINE)
    site.theirs = await world.fill(site.store(), THEIRS)
    store = site.store()
    for user_id, department in ((LEADER, 1), (REP, 2), (OTHER, 3), (world.TAKER, 3)):
        member = Member(user_id=user_id, name=user_id, departments=(department,), contactable=True)
        store.staff.put(member, at=store.now)
    await store.commit()
    return site


@pytest.mark.parametrize("role", [Role.REP, Role.LEADER])
async def test_who_sees_a_part_of_the_staff_reads_nothing_of_the_others(company, role):
    secrets = (THEIRS.mark, THEIRS.customer, THEIRS.chat, OTHER, f"源{THEIRS.end}")
    for route in READING:
        if route.needs not in PERMISSIONS[role]:
            continue
        for ids in (company.mine, company.theirs):
            status, text = await read(company, role.value, address(route, ids))
            assert status < 500, (route.path, text)
            assert not [each for each in secrets if each in text], (route.path, text)
            assert status == 404 or ids is company.mine or "external_user_id" not in route.places, (route.path, text)
        own = (await read(company, role.value, address(route, company.mine)))[0]
        assert own == 200 or (own == 404 and role is Role.REP), route.path


@pytest.mark.parametrize("role", [Role.REP, Role.LEADER])
async def test_who_sees_a_part_of_the_staff_cannot_ask_for_another(company, role):
    for route in READING:
        asking = {"staff", "member", "owner"} & route.query.model_fields.keys()
        if route.needs not in PERMISSIONS[role]:
            continue
        for name in asking:
            status, text = await read(company, role.value, f"{address(route, company.mine)}&{name}={OTHER}")
            assert status == 403 or (status == 200 and '"items":[]' in text), (route.path, text)


@pytest.mark.parametrize("role", [Role.REP, Role.LEADER])
async def test_who_sees_a_part_of_the_staff_changes_nothing_of_the_others(company, role):
    for route in ROUTES:
        if route.writes and route.places and route.needs in PERMISSIONS[role]:
            response = await company.ask(role.value, route.method, address(route, company.theirs), body(route))
            assert response.status in {403, 404}, (route.method, route.path, await response.text())


@pytest.mark.parametrize("role", [Role.REP, Role.LEADER])
async def test_who_speaks_for_a_member_sees_nothing_of_the_namesake_in_another_corp(site, role):
    await world.fill(site.store(), MINE)
    await world.fill(site.store(FOREIGN), Part(REP if role is Role.REP else LEADER, THEIRS.mark, "2"))
    for corp_id, status in ((CORP, 200), (FOREIGN, 403)):
        assert (await read(site, role.value, f"/customers?corp={corp_id}"))[0] == status
    assert THEIRS.mark not in (await read(site, role.value, "/customers"))[1]  # nobody need name the member's own corp
    user_id = REP if role is Role.REP else LEADER
    site.tokens[role.value] = await Tokens(site.database).create(role.value, name="old", now=NOW, user_id=user_id)
    assert (await read(site, role.value, f"/customers?corp={CORP}"))[0] == 403  # of which corp it is, it does not say


async def test_a_token_for_a_member_names_the_corp_where_there_are_several(site):
    for corp_id, status in ((CORP, 201), ("", 422), ("wwnone", 422)):
        wanted = {"name": "a", "role": "rep", "user_id": REP, "corp_id": corp_id}
        assert (await site("admin", "POST", "/tokens", wanted))[0] == status
    assert (await site("admin", "POST", "/tokens", {"name": "a", "role": "admin", "corp_id": CORP}))[0] == 422


async def test_a_leader_hands_over_neither_from_nor_to_the_others(company):
    taking = {"handover": REP, "takers": [{"user_id": LEADER}, {"user_id": OTHER}]}
    giving = {"handover": OTHER, "takers": [{"user_id": REP}]}
    for wanted in (taking, giving):
        for path in ("/transfers", "/transfers/preview"):
            assert (await company("leader", "POST", f"{path}?corp={CORP}", wanted))[0] == 403


async def test_naming_a_foreign_customer_in_a_transfer_does_not_tell_their_name(company):
    store = company.store()
    transfer = await store.transfers.get(int(company.mine["transfer_id"]))
    store.rides.plan(transfer, [LeftOut(THEIRS.customer, NOT_FOLLOWER)])
    await store.commit()
    path = f"/transfers/{transfer.id}/customers?corp={CORP}"
    names = {}
    for role in ("leader", "operator"):
        names[role] = [ride["name"] for ride in (await company(role, "GET", path))[1]["items"]]
    assert names == {"leader": [f"王{MINE.mark}", ""], "operator": [f"王{MINE.mark}", f"王{THEIRS.mark}"]}
