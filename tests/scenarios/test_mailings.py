"""Messages to customers and groups: planned, gathered, made at WeCom, confirmed by members, known to their end."""

from collections import Counter

import pytest

from simulator import Kind
from simulator.actions import broadcasts, customers
from simulator.world.contacts import Relation, Standing
from sop.deliveries import Content, Message
from sop.intents import Attachment
from sop.policy import Send
from storage.deliveries import Judged
from storage.engine.sql import Statement
from tests.stage import read

MINUTE, HOUR, DAY = 60, 3600, 86_400
MAKING = "externalcontact/add_msg_template"
LISTING = "externalcontact/get_groupmsg_list_v2"
REMINDING = "externalcontact/remind_groupmsg_send"
CANCELLING = "externalcontact/cancel_groupmsg_send"
ROWS = Statement("SELECT subject, user_id, status, reason, mailing_id FROM deliveries ORDER BY subject")


def befriend(stage, userid, count):
    """Customers of long ago, at WeCom."""
    begun = stage.simulator.clock.now() - 30 * DAY
    made = []
    for number in range(count):
        customer = customers.meet(stage.simulator.world, stage.corp, name=f"客户{number}")
        relation = Relation(userid, customer.external_userid, begun, Standing.MUTUAL, greeted=True)
        made.append(stage.corp.contacts.relate(relation))
    return made


def word(stage, subject, *, user_id, text="新品到店", kind="single", **about):
    """A message of a flow that may go out now."""
    about = {"content": Content(text=text), "origin": "flow", "origin_id": 7, **about}
    effect = f"{about['origin_id']}:{subject}:{text}"
    return Message(kind=kind, subject=subject, user_id=user_id, effect=effect, due_at=stage.now(), **about)


async def plan(stage, *messages: Message):
    """Let them pass the policy."""
    store = stage.store()
    judged: list[Judged] = [(message, Send(), 1) for message in messages]
    store.deliveries.plan(judged)
    await store.commit()
    stage.push(10)


async def rows(stage):
    """How every delivery stands."""
    return [dict(row) for row in await stage.database.fetch(ROWS)]


async def states(stage):
    return Counter((row["status"], row["reason"]) for row in await rows(stage))


async def made(stage, count=1):
    """The mass messages at WeCom, once there are so many."""
    return await stage.until(lambda: found if len(found := list(stage.corp.broadcasts.by_id.values())) == count else 0)


async def settled(stage, **wanted):
    """Wait until so many deliveries stand like this."""

    async def reached():
        found = Counter(row["status"] for row in await rows(stage))
        return found if found == Counter(wanted) else None

    return await stage.until(reached)


def confirm(stage, userid, broadcast, **how):
    broadcasts.confirm(stage.simulator.world, stage.corp, userid=userid, msgid=broadcast.msgid, **how)


async def test_what_is_due_together_goes_in_one_task_for_each_member_and_content(siyu):
    one, other = siyu.team[:2]
    mine, theirs = befriend(siyu, one, 5), befriend(siyu, other, 3)
    await plan(
        siyu,
        *(word(siyu, each.external_userid, user_id=one) for each in mine),
        *(word(siyu, each.external_userid, user_id=other) for each in theirs),
        *(word(siyu, each.external_userid, user_id=one, text="第二条", origin_id=8) for each in mine[:2]),
    )
    await made(siyu, 3)
    told = [(call["sender"], len(call["external_userid"])) for call in map(read, siyu.calls(MAKING, code=0))]
    assert sorted(told) == sorted([(one, 5), (other, 3), (one, 2)])
    await settled(siyu, tasked=10)


async def test_results_are_read_soon_after_members_confirm_and_stand_in_the_history(siyu):
    friends = befriend(siyu, siyu.rep, 3)
    siyu.corp.contacts.remove(friends[2]) if hasattr(siyu.corp.contacts, "remove") else None
    await plan(siyu, *(word(siyu, each.external_userid, user_id=siyu.rep) for each in friends))
    (broadcast,) = await made(siyu)
    confirm(siyu, siyu.rep, broadcast)
    siyu.push(2 * MINUTE)
    await siyu.until(siyu.idle)
    print(await states(siyu))
