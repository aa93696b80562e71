"""A sync in a living corp: callbacks meanwhile win, in whatever order they come, and both sides end up the same."""

from random import Random

from simulator.actions import customers, staff
from sop import sync
from tests.scenarios.test_sync import begin, report, totals

EVENTS = "change_external_contact/*"


def live(stage, came, chance):
    """What people do with each other meanwhile."""
    for relation in chance.sample(came, 24):
        match chance.randrange(4):
            case 0:
                stage.act(staff.remove, relation)
            case 1:
                stage.act(customers.leave, relation)
            case 2:
                stage.act(staff.note, relation, remark=f"备注{chance.randrange(9)}")
            case _:
                stage.add(chance.choice(stage.team))


async def test_callbacks_during_a_sync_win_however_late_they_come(siyu):
    chance = Random(5)
    came = [siyu.add(userid) for userid in siyu.team for _ in range(5)]
    await siyu.until(siyu.idle, 60)
    siyu.simulator.platform.latency = 0.1
    siyu.fail("reorder", EVENTS, probability=0.5, seconds=4.0)
    siyu.fail("duplicate", EVENTS, probability=0.2)
    siyu.fail("lose", EVENTS, probability=0.1)
    siyu.push(120)
    (begun,) = (await siyu.post("sync", {"kinds": [sync.CUSTOMERS]}))["jobs"]
    live(siyu, came, chance)
    assert await siyu.until(lambda: over(siyu, int(begun["job_id"])), 60) == "done"
    siyu.simulator.platform.latency = 0
    siyu.simulator.faults.clear()
    siyu.push(10)
    await siyu.until(siyu.idle, 60)
    siyu.push(60)
    await begin(siyu, sync.CUSTOMERS)
    last = await begin(siyu, sync.CUSTOMERS, repair=False)
    assert await report(siyu, last) == {}
    proof = await totals(siyu, last)
    assert (proof["differing"], proof["there"]) == (0, sum(1 for one in siyu.corp.contacts if one.visible))


async def over(stage, job_id):
    """How a job has ended."""
    job = await stage.store().jobs.get(job_id)
    return None if job.status == "running" else job.status
