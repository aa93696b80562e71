"""The contact policy as people meet it: written over the API, kept by every message that reaches WeCom."""

from datetime import timedelta

from simulator import Kind
from sop.deliveries import Content, Message
from sop.policy import Asking, judge
from sop.slots import SHANGHAI
from storage.deliveries.lists import Which
from tests.stage import read

HOUR = 3600
MAKING = "externalcontact/add_msg_template"
TOPICS = [{"key": "marketing", "zh": "营销", "en": "Marketing"}]


async def befriend(stage, count):
    """Customers who have just come, as callbacks tell."""
    people = [stage.add().external_userid for _ in range(count)]

    async def known():
        standings = await stage.store().policy.standings("single", [(each, stage.rep) for each in people])
        return all(each.active for each in standings.values())

    await stage.until(known)
    return people


async def put(stage, path, body):
    """Write something as an operator."""
    answer = await stage.api.put(f"{stage.base}/api/v1{path}", json=body)
    assert answer.is_success, answer.text


async def ask(stage, people, *, text, transactional=False):
    """A flow wants each of them told something now: what passes the gate is planned."""
    store, now = stage.store(), stage.now()
    policy = await store.policy.current()
    standings = await store.policy.standings("single", [(each, "") for each in people], policy)
    asking, judged = Asking(origin="flow", origin_id=7, transactional=transactional), []
    for each in people:
        standing = standings[each, ""]
        about = {"origin": "flow", "origin_id": 7, "transactional": transactional, "due_at": now}
        message = Message(
            kind="single", subject=each, user_id=stage.rep, content=Content(text=text), effect=f"{text}:{each}", **about
        )
        judged.append((message, judge(asking, standing, policy, now), standing.ordinal + 1))
    store.deliveries.plan(judged)
    await store.commit()


async def told(stage, count):
    """Who was put into tasks at WeCom, by text, once there are so many tasks."""
    await stage.until(lambda: len(stage.calls(MAKING, code=0)) == count)
    return {call["text"]["content"]: sorted(call["external_userid"]) for call in map(read, stage.calls(MAKING, code=0))}


async def test_the_night_is_kept_and_who_opts_out_in_it_is_not_written_to_in_the_morning(siyu):
    people = await befriend(siyu, 3)
    local = siyu.now().astimezone(SHANGHAI)
    night = {"from": f"{local - timedelta(hours=1):%H:%M}", "to": f"{local + timedelta(hours=2):%H:%M}"}
    policy = {"version": 0, "topics": TOPICS, "quiet": [night]}
    await put(siyu, "/policy", policy)
    await ask(siyu, people, text="新品到店")
    await ask(siyu, people[:1], text="您的订单已发货", transactional=True)
    siyu.push(10)
    assert await told(siyu, 1) == {"您的订单已发货": people[:1]}  # the receipt does not wait
    await put(siyu, f"/customers/{people[1]}/consents/marketing", {"given": False})
    siyu.push(2 * HOUR + 60)
    assert await told(siyu, 2) == {"您的订单已发货": people[:1], "新品到店": sorted([people[0], people[2]])}


async def test_who_opts_out_while_their_task_waits_for_wecom_is_not_in_it(siyu):
    people = await befriend(siyu, 3)
    siyu.fail(Kind.REFUSE, MAKING, code=-1, count=3)
    await ask(siyu, people, text="新品到店")
    await siyu.until(lambda: siyu.calls(MAKING, code=-1))
    for customer, topic in zip(people, ("marketing", "*"), strict=False):
        await put(siyu, f"/customers/{customer}/consents/{topic}", {"given": False})
    (call,) = await siyu.until(lambda: siyu.calls(MAKING, code=0))
    assert read(call)["external_userid"] == people[2:]
    await siyu.until(siyu.idle)
    assert await fates(siyu, people) == [("cancelled", "opted_out"), ("cancelled", "blocked"), ("tasked", "")]


async def test_a_task_of_those_who_have_all_opted_out_meanwhile_is_not_made(siyu):
    people = await befriend(siyu, 1)
    siyu.fail(Kind.REFUSE, MAKING, code=-1, count=3)
    await ask(siyu, people, text="新品到店")
    await siyu.until(lambda: siyu.calls(MAKING, code=-1))
    await put(siyu, f"/customers/{people[0]}/consents/marketing", {"given": False})
    await siyu.until(siyu.idle)
    assert await fates(siyu, people) == [("cancelled", "opted_out")]
    assert siyu.calls(MAKING, code=0) == []
    (mailing,) = await siyu.store().deliveries.mailings.page()
    assert mailing.status == "cancelled"


async def fates(stage, people):
    """What became of the message to each of them."""
    found = [await stage.store().deliveries.lists.page(Which(subject=each)) for each in people]
    return [(one.status, one.reason) for (one,) in found]
