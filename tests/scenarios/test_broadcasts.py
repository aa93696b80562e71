"""Broadcasts as operators, members and customers live them: approved, sent, confirmed or not, paused, repeated."""

from collections import Counter
from datetime import timedelta

import pytest

from simulator.actions import broadcasts, groups
from sop.policy import Cap, Policy
from storage.engine.sql import Statement
from storage.tokens import Tokens
from tests.stage import read

MINUTE, HOUR, DAY = 60, 3600, 86_400
MAKING = "externalcontact/add_msg_template"
REMINDING = "externalcontact/remind_groupmsg_send"
CANCELLING = "externalcontact/cancel_groupmsg_send"
DUE = Statement("SELECT 1 FROM timers WHERE due_at <= :now")


async def morning(stage, hour=10):
    """Let the next day come, until an hour in Shanghai."""
    stage.push(-stage.simulator.clock.now() % DAY + (hour - 8) * HOUR)
    await calm(stage)


async def calm(stage):
    """Wait until all that is due is done."""

    async def still():
        now = int(stage.simulator.clock.now() * 1000)
        return not await stage.database.fetch(DUE, now=now) and await stage.idle()

    await stage.until(still, 60)


async def live(stage, seconds):
    """Let time pass until all that is due then is done."""
    stage.push(seconds)
    await calm(stage)


async def customers(stage, counts):
    """Customers of members, known to the service."""
    relations = {userid: [stage.add(userid) for _ in range(count)] for userid, count in counts.items()}
    await stage.until(stage.quiet)
    return relations


async def write(stage, **about):
    document = {"name": "新品", "audience": {"everyone": True}, "contents": [{"text": "新品到店"}], **about}
    return await stage.post("broadcasts", {"document": document})


async def approve(stage, card, name):
    """Somebody else with the right to do so approves it."""
    token = await Tokens(stage.database).create("reviewer", name=name, now=stage.now())
    answer = await stage.api.post(
        f"{stage.base}/api/v1/broadcasts/{card['id']}/approve",
        json={"edition": card["edition"]},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.is_success, answer.text
    return answer.json()


async def do(stage, card, deed, **body):
    return await stage.post(f"broadcasts/{card['id']}/{deed}", body)


async def numbers(stage, card, number=1):
    return await stage.get(f"broadcasts/{card['id']}/runs/{number}")


async def status(stage, card, wanted):
    """Wait until the broadcast stands so."""

    async def stands():
        found = await stage.get(f"broadcasts/{card['id']}")
        return found if found["status"] == wanted else None

    return await stage.until(stands, 60)


async def made(stage, count):
    """The mass messages at WeCom, once there are so many."""

    async def there():
        found = list(stage.corp.broadcasts.by_id.values())
        return found if len(found) == count else None

    return await stage.until(there, 60)


def confirm(stage, userid, broadcast):
    broadcasts.confirm(stage.simulator.world, stage.corp, userid=userid, msgid=broadcast.msgid)


async def refuses(stage, card, deed):
    answer = await stage.api.post(f"{stage.base}/api/v1/broadcasts/{card['id']}/{deed}", json={})
    return answer.status_code == 409


async def test_nothing_goes_out_before_two_others_have_approved_it(siyu):
    await morning(siyu)
    await customers(siyu, {siyu.rep: 2})
    answer = await siyu.api.put(f"{siyu.base}/api/v1/broadcasts/approval", json={"above": 2, "approvers": 2})
    assert answer.is_success
    card = await write(siyu)
    assert await refuses(siyu, card, "start")
    assert (await do(siyu, card, "submit"))["status"] == "waiting"
    assert (await approve(siyu, card, "法务"))["status"] == "waiting"
    assert await refuses(siyu, card, "start")
    assert (await approve(siyu, card, "店长"))["status"] == "approved"
    assert not siyu.corp.broadcasts.by_id
    await do(siyu, card, "start")
    await live(siyu, 10)
    await made(siyu, 1)
    acts = (await siyu.get(f"broadcasts/{card['id']}"))["acts"]
    assert [act["what"] for act in acts] == ["created", "submitted", "approved", "approved", "started"]
    assert len({act["who"] for act in acts}) == 3


@pytest.fixture
async def sent(siyu):
    """A broadcast to the customers of two members, one of whom has had another that day already."""
    await morning(siyu)
    one, other = siyu.team[:2]
    relations = await customers(siyu, {one: 3, other: 2})
    people = {userid: [each.external_userid for each in found] for userid, found in relations.items()}
    store = siyu.store()
    store.policy.put(Policy(caps=(Cap(count=1, days=1),)), by="lin")
    await store.commit()
    first = await write(siyu, audience={"subjects": people[one][:1]}, contents=[{"text": "先到先得"}])
    await do(siyu, first, "start")
    await live(siyu, 10)
    await made(siyu, 1)
    card = await write(siyu, sender={"by": "owner"}, expires="P1D")
    await do(siyu, card, "start")
    await live(siyu, 10)
    await made(siyu, 3)
    return card, people


async def test_one_task_for_each_member_and_who_is_over_the_cap_is_left_out(siyu, sent):
    card, people = sent
    one, other = people
    calls = [call for call in map(read, siyu.calls(MAKING, code=0)) if "sender" in call]
    assert {call["sender"]: sorted(call["external_userid"]) for call in calls} == {
        one: sorted(people[one][1:]), other: sorted(people[other]),
    }  # fmt: skip
    run = await numbers(siyu, card)
    assert (run["funnel"]["targeted"], run["funnel"]["tasked"]) == (5, 4)
    assert [(each["reason"]["code"], each["count"]) for each in run["left_out"]] == [("global_cap", 1)]


async def test_who_confirms_and_who_does_not_is_known_to_the_end(siyu, sent):
    card, people = sent
    one, other = people
    await live(siyu, 5)
    tasks = list(siyu.corp.broadcasts.by_id.values())
    confirm(siyu, one, next(each for each in tasks if one in each.tasks and len(each.tasks[one].recipients) == 2))
    await live(siyu, 5 * MINUTE)
    funnel = (await numbers(siyu, card))["funnel"]
    assert (funnel["confirmed"], funnel["delivered"]) == (2, 2)
    assert (await do(siyu, card, "remind"))["mailings"] == 1
    await siyu.until(lambda: siyu.calls(REMINDING, code=0))
    for _ in range(2):
        await live(siyu, DAY)
    await status(siyu, card, "done")
    run = await numbers(siyu, card)
    found = {(each["status"], each["reason"]["code"]): each["count"] for each in run["left_out"]}
    assert found == {("skipped", "global_cap"): 1, ("unsent", "not_confirmed"): 2}
    members = (await siyu.get(f"broadcasts/{card['id']}/runs/1/members"))["items"]
    assert {each["user_id"]: (each["sent"], each["unsent"], each["skipped"]) for each in members} == {
        one: (2, 0, 1), other: (0, 2, 0),
    }  # fmt: skip
    messages = (await siyu.get(f"broadcasts/{card['id']}/runs/1/messages", status="sent"))["items"]
    assert sorted(each["subject"] for each in messages) == sorted(people[one][1:])


async def test_paused_before_its_time_it_waits_and_goes_out_when_it_is_resumed(siyu):
    await morning(siyu)
    await customers(siyu, {siyu.rep: 3})
    card = await write(siyu, once={"at": (siyu.now() + timedelta(hours=1)).isoformat()})
    await do(siyu, card, "start")
    siyu.push(HOUR - MINUTE)
    await status(siyu, card, "running")

    async def planned():
        return (await numbers(siyu, card))["status"] == "sending"

    await siyu.until(planned)
    assert (await numbers(siyu, card))["funnel"]["planned"] == 3
    await do(siyu, card, "pause")
    await live(siyu, 5 * MINUTE)
    assert not siyu.corp.broadcasts.by_id
    await do(siyu, card, "resume")
    await live(siyu, 10)
    (task,) = await made(siyu, 1)
    await live(siyu, 5)
    confirm(siyu, siyu.rep, task)
    await live(siyu, 5 * MINUTE)
    await status(siyu, card, "done")
    assert (await numbers(siyu, card))["funnel"]["delivered"] == 3


async def test_a_recurring_broadcast_goes_to_whoever_is_there_each_time(siyu):
    await morning(siyu)
    (before,) = (await customers(siyu, {siyu.rep: 1}))[siyu.rep]
    card = await write(siyu, cron={"expression": "0 9 * * *"})
    await do(siyu, card, "start")
    await morning(siyu, 9)
    await live(siyu, 10)
    (first,) = await made(siyu, 1)
    await live(siyu, 5)
    confirm(siyu, siyu.rep, first)
    await live(siyu, 5 * MINUTE)
    await status(siyu, card, "scheduled")
    (after,) = (await customers(siyu, {siyu.rep: 1}))[siyu.rep]
    await morning(siyu, 9)
    await live(siyu, 10)
    await made(siyu, 2)
    sizes = [(await numbers(siyu, card, number))["size"] for number in (1, 2)]
    assert sizes == [1, 2]
    told = [sorted(call["external_userid"]) for call in map(read, siyu.calls(MAKING, code=0))]
    assert told == [[before.external_userid], sorted([before.external_userid, after.external_userid])]
    assert (await siyu.get(f"broadcasts/{card['id']}"))["runs"] == 2


async def test_called_off_it_is_stopped_at_wecom_and_what_was_sent_stays(siyu):
    await morning(siyu)
    one, other = siyu.team[:2]
    await customers(siyu, {one: 2, other: 1})
    card = await write(siyu, sender={"by": "owner"})
    await do(siyu, card, "start")
    await live(siyu, 10)
    tasks = await made(siyu, 2)
    await live(siyu, 5)
    confirm(siyu, one, next(each for each in tasks if one in each.tasks))
    await do(siyu, card, "cancel", note="改期")
    await live(siyu, 5 * MINUTE)
    assert len(siyu.calls(CANCELLING, code=0)) >= 1
    run = await numbers(siyu, card)
    assert run["status"] == "cancelled"
    assert (run["funnel"]["delivered"], [each["count"] for each in run["left_out"]]) == (2, [1])


async def test_groups_get_it_from_their_owners(siyu):
    await morning(siyu)
    one, other = siyu.team[:2]
    chats = [
        groups.found_group(siyu.simulator.world, siyu.corp, owner=owner, name=name)
        for owner, name in ((one, "上海一群"), (other, "上海二群"), (other, "北京群"))
    ]
    await siyu.until(siyu.quiet, 60)
    card = await write(
        siyu, kind="groups", audience={"chats": {"words": "上海"}}, contents=[{"text": "{staff}：周末活动"}]
    )
    await do(siyu, card, "start")
    await live(siyu, 10)
    tasks = await made(siyu, 2)
    await live(siyu, 5)
    for each in tasks:
        (owner,) = each.tasks
        confirm(siyu, owner, each)
    await live(siyu, 5 * MINUTE)
    await status(siyu, card, "done")
    run = await numbers(siyu, card)
    assert (run["size"], run["funnel"]["delivered"]) == (2, 2)
    assert Counter(len(chat.received) for chat in chats) == {1: 2, 0: 1}


@pytest.mark.parametrize("promoted", [False, True])
async def test_a_sample_first_then_the_rest_by_rule_or_by_a_person(siyu, promoted):
    await morning(siyu)
    await customers(siyu, {siyu.rep: 12})
    contents = [{"name": "甲", "text": "甲文案"}, {"name": "乙", "text": "乙文案"}]
    trial = {"share": 50, "hours": 2, "default": "乙", "by": "person", "metric": "delivered"}
    card = await write(siyu, contents=contents, trial=trial)
    await do(siyu, card, "start")
    await live(siyu, 10)
    run = await numbers(siyu, card)
    assert (run["status"], run["size"]) == ("trying", 12)
    sample = run["funnel"]["targeted"]
    assert 0 < sample < 12
    if promoted:
        await do(siyu, card, "runs/1/promote", variant="甲")
        await calm(siyu)
    else:
        await live(siyu, 2 * HOUR)
    await live(siyu, 10)
    run = await numbers(siyu, card)
    assert (run["status"], run["funnel"]["targeted"]) == ("sending", 12)
    assert (run["winner"], run["won_by"]["code"]) == (("甲", "trial_promoted") if promoted else ("乙", "trial_default"))
    messages = (await siyu.get(f"broadcasts/{card['id']}/runs/1/messages", limit=50))["items"]
    assert len({each["subject"] for each in messages}) == 12
