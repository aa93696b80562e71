"""All customers are read, whoever told of them or did not; both sides end up the same, and a report says so."""

from simulator.actions import customers, staff
from sop import sync

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


async def proof(stage, job):
    return await stage.store().drifts.totals(job.id)


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
    assert await proof(siyu, job) == {"members": 30, "differing": 0, "there": 300, "here": 300}

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
