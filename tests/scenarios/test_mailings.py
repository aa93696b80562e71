"""Messages to customers and groups: planned, gathered, made at WeCom, confirmed by members, known to their end."""

from collections import Counter
from datetime import timedelta

import pytest

from simulator import Kind
from simulator.actions import broadcasts, customers, groups
from simulator.world.contacts import Relation, Standing
from sop.deliveries import Content, Message
from sop.intents import Attachment
from sop.policy import Delay, Send
from storage.deliveries import Judged
from storage.engine.sql import Statement
from tests.stage import read

MINUTE, HOUR, DAY = 60, 3600, 86_400
MAKING = "externalcontact/add_msg_template"
LISTING = "externalcontact/get_groupmsg_list_v2"
REMINDING = "externalcontact/remind_groupmsg_send"
CANCELLING = "externalcontact/cancel_groupmsg_send"
DUE = Statement("SELECT 1 FROM timers WHERE due_at <= :now")
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 100
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
    store, taken = stage.store(), Counter(row["subject"] for row in await rows(stage))
    judged: list[Judged] = []
    for message in messages:
        taken[message.subject] += 1
        judged.append((message, Send(), taken[message.subject]))
    store.deliveries.plan(judged)
    await store.commit()
    stage.push(10)


async def rows(stage):
    """How every delivery stands."""
    return [dict(row) for row in await stage.database.fetch(ROWS)]


async def states(stage):
    return Counter((row["status"], row["reason"]) for row in await rows(stage))


async def live(stage, hours):
    """Let time pass until all that is due then is done."""
    stage.push(hours * HOUR)

    async def calm():
        now = int(stage.simulator.clock.now() * 1000)
        due = await stage.database.fetch(DUE, now=now)
        return not due and await stage.idle()

    await stage.until(calm)


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
    await plan(siyu, *(word(siyu, each.external_userid, user_id=siyu.rep) for each in friends))
    (broadcast,) = await made(siyu)
    await siyu.until(siyu.idle)
    siyu.act(customers.leave, friends[2])
    confirm(siyu, siyu.rep, broadcast)
    siyu.push(2 * MINUTE)
    await settled(siyu, sent=2, failed=1)
    assert (await states(siyu))["failed", "not_a_friend"] == 1
    (mailing,) = await siyu.store().deliveries.mailings.page()
    assert (mailing.status, mailing.failed) == ("ended", 0)
    for each, what in zip(friends, ("messaged", "messaged", "message_failed"), strict=True):
        told = [entry for entry in await siyu.store().history.timeline(each.external_userid) if "messag" in entry.what]
        assert [(entry.what, entry.user_id, entry.facts["origin_id"]) for entry in told] == [(what, siyu.rep, "7")]
    assert [event.kind for event in await siyu.events("deliveries_ended")] == ["deliveries_ended"]
    asked = len(siyu.calls("externalcontact/get_groupmsg_task"))
    siyu.push(DAY)
    await siyu.until(siyu.idle)
    assert len(siyu.calls("externalcontact/get_groupmsg_task")) == asked


async def test_whom_wecom_cannot_reach_is_known_at_once_with_the_reason(siyu):
    friends = befriend(siyu, siyu.rep, 2)
    await plan(siyu, *(word(siyu, who, user_id=siyu.rep) for who in (friends[0].external_userid, "wmstranger")))
    await made(siyu)
    await settled(siyu, tasked=1, failed=1)
    assert (await states(siyu))["failed", "not_reached"] == 1


async def test_nobody_chosen_is_the_one_who_chatted_last(siyu):
    one, other = siyu.team[:2]
    friends = [*befriend(siyu, one, 2), *befriend(siyu, other, 1)]
    await plan(siyu, *(word(siyu, each.external_userid, user_id="") for each in friends))
    (broadcast,) = await made(siyu)
    assert "sender" not in read(siyu.calls(MAKING, code=0)[0])
    await siyu.until(siyu.idle)
    confirm(siyu, other, broadcast)
    siyu.push(2 * MINUTE)
    await settled(siyu, tasked=2, sent=1)
    confirm(siyu, one, broadcast)
    siyu.push(DAY)
    await settled(siyu, sent=3)
    assert {row["subject"]: row["user_id"] for row in await rows(siyu)} == {
        each.external_userid: each.userid for each in friends
    }


@pytest.mark.parametrize("fault", [Kind.RESET_AFTER, Kind.GATEWAY, Kind.RESET_BEFORE])
async def test_a_task_of_which_no_answer_came_is_looked_for_and_never_made_twice(siyu, fault):
    friends = befriend(siyu, siyu.rep, 3)
    siyu.fail(fault, MAKING, count=1, **({"code": 502} if fault is Kind.GATEWAY else {}))
    await plan(siyu, *(word(siyu, each.external_userid, user_id=siyu.rep) for each in friends))
    await siyu.until(lambda: siyu.intents("make_mailing", "unknown"), 60)
    await siyu.until(siyu.idle)
    siyu.push(11 * MINUTE)
    await made(siyu, 1)
    await siyu.until(siyu.idle)
    await siyu.until(lambda: is_made(siyu))
    reason = "mailing_adopted" if fault is Kind.RESET_AFTER else "mailing_anew"
    assert reason in {reason for _, reason in await siyu.reasons("mailing")}
    (mailing,) = await siyu.store().deliveries.mailings.page()
    assert (mailing.status, mailing.msg_id) == ("made", next(iter(siyu.corp.broadcasts.by_id)))
    assert (await siyu.get("overview"))["backlog"]["dead_intents"] == 0


async def test_of_two_with_the_same_words_each_finds_its_own(siyu):
    friends = befriend(siyu, siyu.rep, 6)
    siyu.fail(Kind.RESET_AFTER, MAKING, count=2)
    for number in (1, 2):
        chosen = friends[3 * number - 3 : 3 * number]
        messages = (word(siyu, each.external_userid, user_id=siyu.rep, origin_id=number) for each in chosen)
        await plan(siyu, *messages)
    await siyu.until(lambda: is_count(siyu.intents("make_mailing", "unknown"), 2))
    siyu.push(11 * MINUTE)

    async def adopted():
        found = await siyu.store().deliveries.mailings.page(status="made")
        return found if len(found) == 2 else None

    for mailing in await siyu.until(adopted):
        (task,) = siyu.corp.broadcasts.by_id[mailing.msg_id].tasks.values()
        theirs = {row["subject"] for row in await rows(siyu) if row["mailing_id"] == mailing.id}
        assert {one.id for one in task.recipients} == theirs
    assert len(siyu.corp.broadcasts.by_id) == 2


async def is_made(stage):
    return await stage.store().deliveries.mailings.page(status="made")


async def is_count(found, count):
    return len(await found) == count


async def test_members_are_reminded_then_their_leads_told_then_nobody_waits_any_longer(siyu):
    siyu.push(-siyu.simulator.clock.now() % DAY + 2 * HOUR)  # ten o'clock in Shanghai
    friends = befriend(siyu, siyu.rep, 2)
    await plan(siyu, *(word(siyu, each.external_userid, user_id=siyu.rep) for each in friends))
    (broadcast,) = await made(siyu)
    await siyu.until(siyu.idle)
    for hours in (1, 4, 20, 24, 24):
        await live(siyu, hours)
    assert len(siyu.calls(REMINDING, code=0)) == 3
    await siyu.until(lambda: any("群发待确认" in str(one) for one in siyu.inbox(siyu.lead)))
    for _ in range(5):
        await live(siyu, 24)
    siyu.push(60)
    await settled(siyu, unsent=2)
    assert broadcast.cancelled
    assert (await states(siyu))["unsent", "not_confirmed"] == 2
    assert sum("群发待确认" in str(one) for one in siyu.inbox(siyu.lead)) == 1


async def test_what_is_called_off_is_not_sent_and_what_was_sent_counts(siyu):
    one, other = siyu.team[:2]
    friends = [*befriend(siyu, one, 2), *befriend(siyu, other, 2)]
    await plan(siyu, *(word(siyu, each.external_userid, user_id=each.userid) for each in friends))
    broadcast = next(each for each in await made(siyu, 2) if one in each.tasks)
    await siyu.until(siyu.idle)
    siyu.push(5)
    confirm(siyu, one, broadcast)
    store = siyu.store()
    later = word(siyu, friends[0].external_userid, user_id=one, text="明天")
    store.deliveries.plan([(later, Delay(siyu.now() + timedelta(days=1), "quiet_hours"), 2)])
    await store.commit()
    store = siyu.store()
    store.deliveries.cancel("flow", 7)
    await store.commit()
    await settled(siyu, sent=2, cancelled=3)
    assert [each.cancelled for each in siyu.corp.broadcasts.by_id.values() if other in each.tasks] == [True]
    await live(siyu, 48)
    assert len(siyu.corp.broadcasts.by_id) == 2


async def test_what_is_paused_waits_and_goes_when_it_is_resumed(siyu):
    friends = [siyu.add(), siyu.add()]  # judged anew when it is resumed: the service knows them
    await siyu.until(siyu.quiet)
    store = siyu.store()
    store.deliveries.hold("flow", 7)
    await store.commit()
    await plan(siyu, *(word(siyu, each.external_userid, user_id=siyu.rep) for each in friends))
    await siyu.until(siyu.idle)
    siyu.push(HOUR)
    await siyu.until(siyu.idle)
    await settled(siyu, planned=2)
    store = siyu.store()
    store.deliveries.release("flow", 7)
    await store.commit()
    siyu.push(10)
    await made(siyu, 1)
    await settled(siyu, tasked=2)


async def test_a_picture_whose_media_id_has_died_is_uploaded_anew_before_it_is_sent(siyu):
    (friend,) = befriend(siyu, siyu.rep, 1)
    store = siyu.store()
    material = await store.materials.add("image", "a.png", content=PICTURE)
    await store.commit()
    await siyu.until(lambda: siyu.calls("media/upload", code=0))
    await siyu.until(siyu.idle)
    siyu.corp.media.files.clear()
    picture = Content(text="看图", attachments=(Attachment(kind="image", material=str(material.id)),))
    await plan(siyu, word(siyu, friend.external_userid, user_id=siyu.rep, content=picture))
    await siyu.until(lambda: siyu.calls(MAKING, code=40007))
    await siyu.until(lambda: len(siyu.calls("media/upload", code=0)) == 2)
    siyu.push(2 * MINUTE)
    (broadcast,) = await made(siyu)
    assert broadcast.content["attachments"]
    await settled(siyu, tasked=1)


async def test_words_that_wecom_blocks_end_with_the_reason_and_an_alarm(siyu):
    (friend,) = befriend(siyu, siyu.rep, 1)
    store = siyu.store()
    store.settings.put("alarm.receivers", [siyu.lead])
    await store.commit()
    siyu.corp.blocked_words = frozenset({"违禁"})
    await plan(siyu, word(siyu, friend.external_userid, user_id=siyu.rep, text="违禁词"))
    await settled(siyu, failed=1)
    assert (await states(siyu))["failed", "content_blocked"] == 1
    await siyu.until(lambda: any("群发任务未能创建" in str(one) for one in siyu.inbox(siyu.lead)))


async def test_groups_are_sent_to_by_their_owner_and_stay_open_until_then(siyu):
    owner = siyu.rep
    world, corp = siyu.simulator.world, siyu.corp
    (friend,) = befriend(siyu, owner, 1)
    about = {"owner": owner, "customers": [friend.external_userid]}
    mine = [groups.found_group(world, corp, name=f"群{number}", **about) for number in range(3)]
    await siyu.until(siyu.idle)
    await plan(siyu, *(word(siyu, each.chat_id, user_id=owner, kind="group", text="群公告") for each in mine))
    (broadcast,) = await made(siyu)
    call = read(siyu.calls(MAKING, code=0)[0])
    assert (call["chat_type"], call["sender"], len(call["chat_id_list"])) == ("group", owner, 3)
    await live(siyu, 1)
    await settled(siyu, tasked=3)
    groups.dismiss_group(world, corp, chat_id=mine[0].chat_id)
    confirm(siyu, owner, broadcast)
    await live(siyu, 1)
    await settled(siyu, sent=2, failed=1)
    assert (await states(siyu))["failed", "group_not_owned"] == 1
    assert len(mine[1].received) == 1
