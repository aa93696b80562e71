"""Customer groups change at WeCom; the ledger follows, whatever becomes of the callbacks."""

import pytest

from simulator.actions import staff
from sop.staff import Member
from tests.scenarios.crowd import READING, Crowd


@pytest.fixture
def crowd(siyu):
    return Crowd(siyu)


async def test_a_group_is_known_with_all_who_are_in_it(siyu, crowd):
    group = crowd.found(name="福利群", members=[siyu.team[1]])
    (first,) = crowd.invite(group)
    (second,) = crowd.invite(group, link=True)
    await crowd.settle(group)
    held = await crowd.ledger(group)
    assert (held["name"], held["owner"], held["status"]) == ("福利群", siyu.rep, "normal")
    assert (held["members"], held["customers"]) == (4, 2)
    assert held["inside"][first]["scene"] == "direct"
    assert held["inside"][first]["inviter"] == siyu.rep
    assert held["inside"][second]["scene"] == "link"
    assert held["inside"][siyu.rep]["kind"] == "staff"
    assert held["inside"][first]["name"] == siyu.corp.contacts.customers[first].name


async def test_many_changes_of_a_moment_are_read_once(siyu, crowd):
    group = crowd.found()
    await crowd.settle(group)
    before = len(siyu.calls(READING))
    for _ in range(5):
        crowd.invite(group)
    crowd.do("rename_group", group, name="新名")
    await siyu.until(siyu.idle)
    await crowd.settle(group)
    assert len(siyu.calls(READING)) - before <= 2


async def test_leaving_and_removal_are_told_apart_and_stay_in_the_story(siyu, crowd):
    group = crowd.found()
    await crowd.settle(group)
    one, two = crowd.invite(group, 2)
    await crowd.settle(group)
    crowd.do("quit_group", group, external_userid=one)
    crowd.do("kick", group, ids=[two])
    await crowd.settle(group)
    crowd.invite(group, customers=[one])
    await crowd.settle(group)
    shown = await siyu.get(f"groups/{group.chat_id}/members", everyone="true")
    ended = {each["member_id"]: each["parting"] for each in shown["items"] if each["left_at"]}
    assert ended == {one: "left", two: "removed"}
    assert sum(each["member_id"] == one for each in shown["items"]) == 2, "the second stay is another one"
    store = siyu.store()
    assert [entry.what for entry in await store.history.timeline(one)] == ["group_joined", "group_left", "group_joined"]


async def test_name_notice_owner_and_end_follow(siyu, crowd):
    group = crowd.found(name="甲")
    (customer,) = crowd.invite(group)
    await crowd.settle(group)
    crowd.do("rename_group", group, name="乙")
    crowd.do("post_notice", group, notice="周三会员日")
    crowd.do("pass_group", group, owner=siyu.team[2])
    await crowd.settle(group)
    crowd.do("dismiss_group", group)
    await crowd.settle(group)
    held = await crowd.ledger(group)
    assert held["dismissed_at"] is not None
    assert (held["name"], held["owner"], held["members"]) == ("乙", siyu.team[2], 0)
    shown = await siyu.get(f"groups/{group.chat_id}/members", everyone="true")
    assert {each["parting"] for each in shown["items"]} == {"dismissed"}
    assert (await siyu.get("groups", member=customer))["items"] == []


async def test_one_customer_in_several_groups_is_seen(siyu, crowd):
    one, two = crowd.found(name="甲"), crowd.found(name="乙")
    (customer,) = crowd.invite(one)
    await crowd.settle(one)
    siyu.push(2)
    crowd.invite(two, customers=[customer])
    await crowd.settle(one, two)
    found = (await siyu.get(f"customers/{customer}/groups"))["items"]
    assert [each["name"] for each in found] == ["甲", "乙"]
    inside = (await siyu.get("groups", member=customer))["items"]
    assert {each["chat_id"] for each in inside} == {one.chat_id, two.chat_id}
    several = (await siyu.get("group-overlaps"))["items"]
    assert [(each["external_user_id"], each["groups"]) for each in several] == [(customer, 2)]
    assert (await siyu.get("group-overlaps", least=3))["items"] == []


async def test_callbacks_lost_repeated_and_out_of_order_end_in_what_wecom_has(siyu, crowd):
    group = crowd.found()
    await crowd.settle(group)
    for kind, settings in (("reorder", {"seconds": 5}), ("duplicate", {}), ("lose", {"probability": 0.4})):
        siyu.fail(kind, "change_external_chat*", **settings)
    for number in range(12):
        people = crowd.invite(group, 2)
        if number % 3 == 0:
            crowd.do("kick", group, ids=people[:1])
        siyu.push(0.7)
    crowd.do("rename_group", group, name="最后")
    siyu.simulator.faults.clear()
    (last,) = crowd.invite(group)
    await crowd.settle(group)
    assert last in (await crowd.ledger(group))["inside"]


async def test_a_callback_that_tells_nothing_new_costs_no_call(siyu, crowd):
    siyu.fail("duplicate", "change_external_chat*")
    siyu.fail("delay", "change_external_chat*", seconds=3, probability=0.5)
    group = crowd.found()
    for _ in range(4):
        crowd.invite(group)
        siyu.push(4)
    await crowd.settle(group)
    before = len(siyu.calls(READING))
    siyu.push(30)
    await siyu.until(siyu.quiet)
    assert len(siyu.calls(READING)) == before


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_retention_is_counted_by_day(siyu, crowd):
    group = crowd.found()
    people = crowd.invite(group, 3)
    await crowd.settle(group)
    siyu.push(2 * 86_400)
    crowd.do("quit_group", group, external_userid=people[0])
    await crowd.settle(group)
    siyu.push(2 * 86_400)
    days = (await siyu.get(f"groups/{group.chat_id}/statistics", days=10))["days"]
    first, gone = days[-5], days[-3]
    assert (first["joined"], first["kept_1"], first["kept_3"], first["kept_7"]) == (3, 3, 2, None)
    assert (gone["joined"], gone["left"]) == (0, 1)


async def test_labels_are_put_on_groups_and_groups_found_by_them(siyu, crowd):
    one, two = crowd.found(name="甲"), crowd.found(name="乙")
    await crowd.settle(one, two)
    tag = await siyu.post("group-tags", {"name": "VIP 群"})
    answer = await siyu.api.patch(
        f"{siyu.base}/api/v1/groups/{one.chat_id}", json={"tags": [tag["id"]], "city": "上海"}
    )
    assert answer.json()["tags"] == [{"id": tag["id"], "name": "VIP 群"}]
    assert [each["name"] for each in (await siyu.get("groups", tag=tag["id"]))["items"]] == ["甲"]
    assert [each["name"] for each in (await siyu.get("groups", city="上海"))["items"]] == ["甲"]
    assert [each["name"] for each in (await siyu.get("groups", words="乙"))["items"]] == ["乙"]
    answer = await siyu.api.post(f"{siyu.base}/api/v1/group-tags", json={"name": "VIP 群"})
    assert answer.status_code == 409
    await siyu.api.delete(f"{siyu.base}/api/v1/group-tags/{tag['id']}")
    assert (await siyu.get("groups", tag=tag["id"]))["items"] == []


async def test_a_group_whose_owner_has_resigned_is_seen_by_the_sync(siyu, crowd):
    group = crowd.found()
    await crowd.settle(group)
    staff.resign(siyu.simulator.world, siyu.corp, userid=siyu.rep)
    await sync(siyu)
    assert (await crowd.ledger(group))["status"] == "resigned"


async def test_a_sync_finds_what_no_callback_told(siyu, crowd):
    siyu.fail("lose", "change_external_chat*")
    kept, gone = [crowd.found(owner, name=owner) for owner in siyu.team[:2]]
    crowd.invite(kept, 3)
    siyu.push(5)
    await sync(siyu)
    assert await crowd.agrees(kept)
    assert await crowd.agrees(gone)
    crowd.do("kick", kept, ids=[list(kept.now.members)[-1]])
    crowd.do("dismiss_group", gone)
    siyu.push(5)
    assert not await crowd.agrees(kept)
    job = await sync(siyu)
    assert await crowd.agrees(kept)
    assert (await crowd.ledger(gone))["status"] == "dismissed"
    assert job["status"] == "done"
    assert await drifts(siyu, job) == {("group", "different"): 1, ("group", "missing_there"): 1}
    assert await drifts(siyu, await sync(siyu)) == {}


async def drifts(stage, job):
    report = await stage.get(f"drift/{job['id']}")
    return {(each["kind"], each["what"]): each["count"] for each in report["drifts"]}


async def test_a_comparison_reports_and_changes_nothing(siyu, crowd):
    siyu.fail("lose", "change_external_chat*")
    group = crowd.found(name="甲")
    siyu.push(5)
    begun = await siyu.post("sync", {"kinds": ["sync_groups"], "repair": False})
    job = await siyu.until(lambda: finished(siyu, begun["jobs"][0]["job_id"]))
    assert await drifts(siyu, job) == {("group", "missing_here"): 1}
    assert not await crowd.agrees(group)


async def finished(siyu, job_id):
    job = await siyu.get(f"jobs/{job_id}")
    return job if job["status"] in ("done", "partial") else None


async def test_an_owner_whom_wecom_does_not_know_holds_nobody_up(siyu, crowd):
    siyu.fail("lose", "change_external_chat*")
    made = [crowd.found(owner, name=owner) for owner in siyu.team[:3]]
    siyu.push(5)
    store = siyu.store()
    for user_id in ("ghost", "aaa"):
        store.staff.put(Member(user_id=user_id, name="某人"), at=siyu.now())
    await store.commit()
    job = await sync(siyu)
    assert job["status"] == "done"
    (part,) = await siyu.store().jobs.parts(int(job["id"]))
    assert part.passed == part.size > len(siyu.company.members)
    assert all([await crowd.agrees(group) for group in made])


async def test_how_somebody_left_is_told_by_a_callback_that_comes_late(siyu, crowd):
    group = crowd.found()
    people = crowd.invite(group, 2)
    await crowd.settle(group)
    siyu.fail("delay", "change_external_chat*", seconds=60)
    crowd.do("kick", group, ids=people[:1])
    siyu.push(5)
    await sync(siyu, rest=False)
    shown = await siyu.get(f"groups/{group.chat_id}/members", everyone="true")
    (gone,) = [each for each in shown["items"] if each["left_at"]]
    assert gone["parting"] == "unknown"
    siyu.push(60)
    await siyu.until(lambda: explained(siyu, group))


async def explained(siyu, group):
    shown = await siyu.get(f"groups/{group.chat_id}/members", everyone="true")
    return [each["parting"] for each in shown["items"] if each["left_at"]] == ["removed"]


async def test_a_sync_killed_on_the_way_goes_on_where_it_stood(siyu, crowd):
    from handlers.groups import sync as groupsync

    siyu.fail("lose", "change_external_chat*")
    made = [crowd.found(name=str(number)) for number in range(60)]
    siyu.push(5)
    siyu.simulator.platform.latency = 0.02
    store = siyu.store()
    job_id = await groupsync.start(store)
    await store.commit()
    siyu.services[0].bells.ring()
    await siyu.until(lambda: begun(siyu, job_id))
    await siyu.stop(siyu.services[0])
    await siyu.serve(wired=True)
    await siyu.until(lambda: ended(siyu, job_id, "done"))
    assert all([await crowd.agrees(group) for group in made])
    assert (await siyu.get(f"jobs/{job_id}"))["done"] == 60, "nothing was counted twice"


async def begun(siyu, job_id):
    return (await siyu.get(f"jobs/{job_id}"))["done"] >= 20


async def test_a_sync_that_is_refused_stays_partial_and_goes_on_there(siyu, crowd):
    siyu.fail("lose", "change_external_chat*")
    made = [crowd.found(name=str(number)) for number in range(25)]
    siyu.push(5)
    fault = siyu.fail("refuse", READING, code=40058, count=1)
    job = await sync(siyu)
    assert job["status"] == "partial"
    siyu.simulator.faults.active.pop(fault.id, None)
    await siyu.post(f"jobs/{job['id']}/resume", {})
    await siyu.until(lambda: ended(siyu, job["id"], "done"))
    assert all([await crowd.agrees(group) for group in made])


async def test_a_rep_sees_the_groups_they_own_or_are_in(siyu, crowd):
    from storage.tokens import Tokens

    own, inside, other = crowd.found(), crowd.found(siyu.team[1], members=[siyu.rep]), crowd.found(siyu.team[1])
    await crowd.settle(own, inside, other)
    token = await Tokens(siyu.database).create("rep", name="rep", now=siyu.now(), user_id=siyu.rep)
    headers = {"Authorization": f"Bearer {token}"}
    listed = (await siyu.api.get(f"{siyu.base}/api/v1/groups", headers=headers)).json()["items"]
    assert {each["chat_id"] for each in listed} == {own.chat_id, inside.chat_id}
    answer = await siyu.api.get(f"{siyu.base}/api/v1/groups/{other.chat_id}/members", headers=headers)
    assert answer.status_code == 404


async def sync(stage, *, rest=True):
    """Run the sync of groups to its end; the job."""
    from handlers.groups import sync as groupsync

    store = stage.store()
    job_id = await groupsync.start(store)
    await store.commit()
    for service in stage.services:
        service.bells.ring()
    await stage.until(lambda: ended(stage, job_id, "done", "partial"))
    if rest:
        await stage.until(stage.idle)
    return await stage.get(f"jobs/{job_id}")


async def ended(stage, job_id, *statuses):
    return (await stage.get(f"jobs/{job_id}"))["status"] in statuses


async def test_wecoms_numbers_of_the_days_stand_beside_ours(siyu, crowd):
    from sop.events import UpkeepDue

    group = crowd.found(name="甲")
    crowd.invite(group, 3)
    await crowd.settle(group)
    siyu.push(2 * 86_400)
    await siyu.announce(UpkeepDue(corp_id=siyu.corp.id, at=siyu.now()))
    owner = group.now.owner
    shown = await siyu.until(lambda: told_by_wecom(siyu, owner))
    total = shown["total"]
    assert (total["wecom"]["new_groups"], total["wecom"]["groups"], total["wecom"]["new_members"]) == (1, 1, 3)
    assert (total["here"]["new_groups"], total["here"]["joined"]) == (1, 3)
    same = [day["day"] for day in shown["rows"] if day["wecom"] and day["wecom"]["new_members"] == 3]
    assert same == [day["day"] for day in shown["rows"] if day["here"]["joined"] == 3]
    page = await siyu.get("statistics/group-owners")
    assert [(one["owner"], one["wecom"]["new_members"]) for one in page["items"]] == [(owner, 3)]
    assert siyu.calls("externalcontact/groupchat/statistic_group_by_day", code=0)


async def told_by_wecom(stage, owner):
    shown = await stage.get("statistics/groups", owner=owner)
    return shown if shown["total"]["wecom"] else None
