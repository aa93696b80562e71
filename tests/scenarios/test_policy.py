"""The contact policy as people meet it: written over the API, kept by every message that reaches WeCom."""

from datetime import timedelta

from sop.deliveries import Content, Message
from sop.policy import Asking, judge
from sop.slots import SHANGHAI
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
