"""All customers are read, whoever told of them or did not; both sides end up the same, and a report says so."""

import asyncio
from dataclasses import replace

from simulator.actions import customers, groups, staff
from sop import sync
from tests.stage import raised

ADDS = "change_external_contact/*"


async def begin(stage, *kinds, repair=True):
    """Begin syncs and wait until they have ended; the job of the last kind."""
    store = stage.store()
    begun = await store.syncs.begin(repair=repair, kinds=kinds)
    await store.commit()
    stage.services[0].bells.ring()

    async def ended():
        jobs = [await stage.store().jobs.get(job_id) for job_id in begun.values()]
        return all(job.status != "running" for job in jobs) and jobs[-1]

    job = await stage.until(ended, 60)
    await stage.until(stage.idle, 60)
    return job


async def report(stage, job):
    """How many differences a job found."""
    return {(row["kind"], row["what"]): row["count"] for row in await stage.store().drifts.sums(job.id)}


async def totals(stage, job):
    return await stage.store().drifts.totals(job.id)


async def test_a_corp_that_is_new_is_read_at_once_and_once(migrated_url):
    async with raised(migrated_url) as stage:
        came = [stage.add() for _ in range(3)]
        world, corp, inside = stage.simulator.world, stage.corp, [came[0].external_userid]
        chat = groups.found_group(world, corp, owner=stage.rep, name="老客户", customers=inside)
        stage.push(60)
        await stage.serve(wired=True)
        by_hand, *others = await asyncio.gather(*(stage.post("sync", {}) for _ in range(4)))
        assert others == [by_hand] * 3
        await stage.settled()
        store = stage.store()
        jobs = [job for kind in sync.KINDS for job in await store.jobs.page(kind=kind)]
        assert [(job.kind, job.status) for job in jobs] == [(kind, "done") for kind in sync.KINDS]
        assert [each["job_id"] for each in by_hand["jobs"]] == [str(job.id) for job in jobs]
        assert {name for one in came for name in await store.scans.of_member(one.userid)} == {
            one.external_userid for one in came
        }
        assert (await store.groups.get(chat.chat_id)).name == "老客户"


async def test_customers_of_whom_no_event_told_are_found(siyu):
    siyu.fail("lose", ADDS)
    vip = siyu.tag_id("VIP")
    came = [siyu.add(userid) for userid in siyu.team for _ in range(25)]
    for relation in came[::5]:
        siyu.act(staff.tag, relation, put=[vip])
    half = siyu.add(half=True)
    job = await begin(siyu, sync.CUSTOMERS)
    assert (job.status, job.done, job.failed) == ("done", 300, 0)
    store = siyu.store()
    for relation in came:
        found = await store.relations.find(relation.external_userid, relation.userid)
        assert (found.status, found.adds, int(found.added_at.timestamp())) == ("active", 1, int(relation.created_at))
    tagged = await store.tags.bindings(came[0].external_userid, came[0].userid)
    assert [(each.tag_id, each.source) for each in tagged] == [(vip, "sync")]
    assert await store.relations.find(half.external_userid, half.userid) is None
    assert await report(siyu, job) == {("customer", "missing_here"): 300, ("relation", "missing_here"): 300}
    assert await totals(siyu, job) == {"members": 30, "differing": 0, "there": 300, "here": 300}

    again = await begin(siyu, sync.CUSTOMERS, repair=False)
    assert (again.status, again.total, again.done) == ("done", 300, 300)
    assert await report(siyu, again) == {}


async def test_what_changed_unheard_is_taken_over(siyu):
    stays, returns, leaves, noted, tagged = [siyu.add(name=name) for name in ("一", "二", "三", "四", "五")]
    await siyu.until(siyu.idle)
    siyu.fail("lose", ADDS)
    siyu.act(staff.remove, leaves)
    siyu.act(staff.remove, returns)
    siyu.push(120)
    customers.add(siyu.simulator.world, siyu.corp, userid=returns.userid, external_userid=returns.external_userid)
    siyu.act(staff.note, noted, remark="周女士")
    siyu.act(staff.tag, tagged, put=[siyu.tag_id("VIP")])
    report_only = await begin(siyu, sync.CUSTOMERS, repair=False)
    wanted = {("relation", "different"): 3, ("relation", "missing_there"): 1}
    assert await report(siyu, report_only) == wanted
    assert (await siyu.store().relations.find(leaves.external_userid, leaves.userid)).status == "active"

    job = await begin(siyu, sync.CUSTOMERS)
    assert await report(siyu, job) == wanted
    store = siyu.store()
    found = [await store.relations.find(each.external_userid, each.userid) for each in (stays, returns, leaves, noted)]
    assert [(each.status, each.adds) for each in found] == [("active", 1), ("active", 2), ("removed", 1), ("active", 1)]
    assert found[3].remark == "周女士"
    assert await siyu.reasons("sync", leaves) == [("repaired", "sync_gone")]
    assert await siyu.reasons("sync", returns) == [("repaired", "sync_found")]
    assert await report(siyu, await begin(siyu, sync.CUSTOMERS, repair=False)) == {}


async def test_who_left_and_was_removed_unheard_is_lost_no_more(siyu):
    stays, leaves = siyu.add(name="留下"), siyu.add(name="离开")
    for relation in (stays, leaves):
        siyu.act(staff.tag, relation, put=[siyu.tag_id("VIP")])
        siyu.act(customers.leave, relation)
    await siyu.until(siyu.idle)
    siyu.push(60)
    siyu.fail("lose", ADDS)
    siyu.act(staff.remove, leaves)
    siyu.push(60)
    wanted = {("relation", "missing_there"): 1}
    only_told = await begin(siyu, sync.CUSTOMERS, repair=False)
    assert await report(siyu, only_told) == wanted
    assert await totals(siyu, only_told) == {"members": 30, "differing": 1, "there": 1, "here": 2}
    assert await report(siyu, await begin(siyu, sync.CUSTOMERS)) == wanted
    found = [await siyu.store().relations.find(each.external_userid, each.userid) for each in (stays, leaves)]
    assert [each.status for each in found] == ["lost", "removed"]
    assert await siyu.reasons("sync", leaves) == [("repaired", "sync_gone")]
    last = await begin(siyu, sync.CUSTOMERS, repair=False)
    assert await report(siyu, last) == {}
    assert await totals(siyu, last) == {"members": 30, "differing": 0, "there": 1, "here": 1}


async def quarrel(stage):
    """Let both sides drift apart while no callback comes; the two channels concerned."""
    stage.fail("lose", "*")
    corp = stage.corp
    one, two = await stage.channel(staff=stage.team[:2]), await stage.channel(name="北京门店", staff=stage.team[:2])
    way = corp.ways[one["config_id"]]
    way.users = stage.team[3:4]
    corp.ways["foreign"] = replace(way, config_id="foreign", state="theirs")
    del corp.ways[two["config_id"]]
    staff.resign(stage.simulator.world, corp, userid=stage.team[5])
    corp.directory.find(stage.team[6]).name = "新名字"
    corp.tags.rename(corp.tags.tags[stage.tag_id("VIP")], "贵宾")
    stage.add()
    return one, two


async def test_everything_is_compared_and_brought_in_step(siyu):
    one, two = await quarrel(siyu)
    begun = await siyu.post("sync", {})
    assert [each["kind"] for each in begun["jobs"]] == list(sync.KINDS)
    reports = await siyu.until(lambda: ended(siyu), 60)
    assert found(reports) == {
        ("staff", "different", 1, 1), ("staff", "missing_there", 1, 1), ("tag", "different", 1, 1),
        ("customer", "missing_here", 1, 1), ("relation", "missing_here", 1, 1),
        ("way", "different", 1, 1), ("way", "missing_there", 1, 1), ("way", "missing_here", 1, 0),
    }  # fmt: skip
    await siyu.until(siyu.idle)
    assert sorted(siyu.corp.ways[one["config_id"]].users) == sorted(siyu.team[:2])
    remade = await siyu.get(f"channels/{two['id']}")
    assert (remade["status"], siyu.corp.ways[remade["config_id"]].state) == ("live", two["state"])
    ways = next(each for each in reports if each["kind"] == sync.WAYS)
    page = await siyu.get(f"drift/{ways['job_id']}/differences", limit=2)
    rest = await siyu.get(f"drift/{ways['job_id']}/differences", after=page["next"])
    listed = [*page["items"], *rest["items"]]
    assert {each["key"] for each in listed} == {one["config_id"], two["config_id"], "foreign"}

    await siyu.post("sync", {"repair": False})
    again = await siyu.until(lambda: ended(siyu, after=reports), 60)
    assert found(again) == {("way", "missing_here", 1, 0)}
    proof = next(each for each in again if each["kind"] == sync.CUSTOMERS)
    assert proof["proof"] == {"members": 29, "differing": 0, "there": 1, "here": 1}
    counts = await siyu.get(f"drift/{proof['job_id']}/members", limit=200)
    assert {each["user_id"]: each["here"] for each in counts["items"] if each["there"]} == {siyu.rep: 1}


async def ended(stage, after=()):
    """The reports of all kinds, once their jobs are done."""
    reports = (await stage.get("drift"))["reports"]
    fresh = {each["job_id"] for each in reports}.isdisjoint(each["job_id"] for each in after)
    done = fresh and len(reports) == len(sync.KINDS) and all(each["status"] == "done" for each in reports)
    return reports if done else None


def found(reports):
    return {
        (each["kind"], each["what"], each["count"], each["repaired"]) for report in reports for each in report["drifts"]
    }
