"""Broadcasts run by hand: who gets what from whom, once, and what is left out with its reason."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handlers.broadcasts import runs as running
from handlers.broadcasts.runs import FROZEN, PAGE
from sop.broadcasts.states import RunStatus
from sop.deliveries import Content, Message
from sop.events import RunDue, StepDue
from sop.policy import Cap, Policy, Send
from sop.relations import Deed
from storage.broadcasts import steering
from storage.errors import Conflict, LostLease
from tests.handlers.broadcasting import Loop, befriend, due, get, rows, run, runs, start, told
from tests.handlers.desk import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CROWD = f"""
    INSERT INTO customers (corp_id, external_user_id, created_at, changed_at)
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {FROZEN})
    SELECT 'ww1', 'wm' || i, 0, 0 FROM n
"""
FRIENDS = """
    INSERT INTO relations (corp_id, external_user_id, user_id, status, first_added_at, added_at, changed_at)
    SELECT corp_id, external_user_id, 'chen', 'active', 0, 0, 0 FROM customers
"""
TWO = [{"name": "a", "text": "a"}, {"name": "b", "text": "b"}]


async def test_everybody_in_contact_gets_one_message_that_wecom_gives_to_whom_they_chatted_with(desk):
    await befriend(desk, "anna", "bob")
    await befriend(desk, "anna", user_id="wu")
    await desk.record(Deed.LOST, START + HOUR, external_user_id="bob", user_id="chen")
    card = await start(desk)
    await run(desk)
    assert await told(desk) == [("anna", "", "planned")]
    (one,) = await runs(desk, card)
    assert (one.status, one.size, one.number) == (RunStatus.SENDING, 1, 1)
    assert (await get(desk, card)).status == "running"


async def test_a_list_alone_says_of_everybody_on_it_what_became_of_them(desk):
    await befriend(desk, "anna", "bob")
    await desk.record(Deed.LOST, START + HOUR, external_user_id="bob", user_id="chen")
    await start(desk, audience={"subjects": ["anna", "bob", "stranger"]})
    await run(desk)
    assert await told(desk) == [
        ("anna", "", "planned"), ("bob", "", "not_in_contact"), ("stranger", "", "not_in_contact")
    ]  # fmt: skip


async def test_nothing_goes_out_before_all_is_planned(desk):
    await befriend(desk, "anna")
    await start(desk)
    loop = Loop(desk)
    while not await rows(desk):
        await loop.step()
    assert not await desk.store().deliveries.gathering.origins()
    await loop.run()
    assert len(await desk.store().deliveries.gathering.origins()) == 1


async def test_each_page_of_the_audience_is_planned_once_whatever_is_told_again(desk):
    await desk.sql(CROWD)
    await desk.sql(FRIENDS)
    card = await start(desk)
    for _ in range(2):
        await run(desk)
    found = Counter(subject for subject, *_ in await told(desk))
    assert (len(found), set(found.values())) == (FROZEN + 1, {1})
    (one,) = await runs(desk, card)
    assert (one.size, one.pages) == (FROZEN + 1, FROZEN // PAGE + 1)


async def test_who_comes_into_the_audience_after_the_start_is_not_in_the_run(desk):
    await befriend(desk, "anna")
    await start(desk)
    loop = Loop(desk)
    while (await loop.step()) is not None and not (await desk.store().broadcasts.runs.read(await _run_id(desk), 0)):
        pass
    await befriend(desk, "bob")
    await loop.run()
    assert [subject for subject, *_ in await told(desk)] == ["anna"]


async def _run_id(desk) -> int:
    found = await desk.store().broadcasts.page()
    all_runs = await desk.store().broadcasts.runs.page(found[0].id)
    return all_runs[0].id if all_runs else 0


async def test_a_customer_who_is_over_the_cap_is_left_out_with_the_reason(desk):
    await befriend(desk, "anna", "bob")
    await desk.apply(lambda store: store.policy.put(Policy(caps=(Cap(count=1, days=1),)), by="lin"))
    await _send(desk, "anna")
    await start(desk)
    await run(desk)
    assert await told(desk) == [("anna", "", "global_cap"), ("bob", "", "planned")]


async def test_who_got_another_broadcast_can_be_excluded_and_a_run_for_nobody_ends_at_once(desk):
    await befriend(desk, "anna", "bob")
    first = await start(desk)
    await run(desk)
    again = await start(desk, audience={"everyone": True, "exclude": {"broadcasts": [str(first.id)]}})
    await run(desk)
    (one,) = await runs(desk, again)
    assert (one.size, one.status) == (0, RunStatus.DONE)
    assert (await get(desk, again)).status == "done"


async def _send(desk, subject, ordinal=1):
    message = Message(
        kind="single", subject=subject, content=Content(text="x"), origin="flow", origin_id=1,
        effect=f"x:{subject}:{ordinal}", due_at=desk.now,
    )  # fmt: skip
    await desk.apply(lambda store: store.deliveries.plan([(message, Send(), ordinal)]))


async def test_a_step_that_met_another_planner_is_judged_anew(desk):
    await befriend(desk, "anna")
    card = await start(desk)
    loop = Loop(desk)
    event = None
    while not (isinstance(event, StepDue) and event.part == 1):
        event = (await desk.announced(loop.done))[0]
        if not (isinstance(event, StepDue) and event.part == 1):
            await loop.step()
    store = desk.store()
    await running.step(event, store)
    await _send(desk, "anna")
    with pytest.raises(Conflict):
        await store.commit()
    await loop.run()
    assert [(row["subject"], row["ordinal"]) for row in await rows(desk)] == [("anna", 2)]
    assert (await runs(desk, card))[0].size == 1


async def test_what_is_planned_while_it_is_called_off_is_not_written(desk):
    await befriend(desk, "anna")
    card = await start(desk)
    loop = Loop(desk)
    while not (isinstance((await desk.announced(loop.done))[0], StepDue) and await _frozen(desk, card)):
        await loop.step()
    store = desk.store()
    await running.step((await desk.announced(loop.done))[0], store)
    now = await get(desk, card)
    await desk.apply(lambda other: steering.cancel(other, now))
    with pytest.raises(LostLease):
        await store.commit()
    await loop.run()
    assert await rows(desk) == []
    assert (await runs(desk, card))[0].status == RunStatus.CANCELLED


async def _frozen(desk, card) -> bool:
    return any(one.status is RunStatus.PLANNING for one in await runs(desk, card))


async def test_a_paused_run_stands_still_and_goes_on_where_it_was(desk):
    await befriend(desk, "anna", "bob")
    card = await start(desk)
    loop = Loop(desk)
    while not await _frozen(desk, card):
        await loop.step()
    now = await get(desk, card)
    await desk.apply(lambda store: steering.pause(store, now))
    await loop.run()
    assert await rows(desk) == []
    now = await get(desk, card)
    assert now.status == "paused"
    await desk.apply(lambda store: steering.resume(store, now))
    await loop.run()
    assert [subject for subject, *_ in await told(desk)] == ["anna", "bob"]
    assert await desk.store().deliveries.gathering.origins()


async def test_paused_after_it_was_planned_it_is_held_until_it_goes_on(desk):
    await befriend(desk, "anna")
    card = await start(desk)
    await run(desk)
    now = await get(desk, card)
    await desk.apply(lambda store: steering.pause(store, now))
    assert not await desk.store().deliveries.gathering.origins()
    now = await get(desk, card)
    await desk.apply(lambda store: steering.resume(store, now))
    assert await desk.store().deliveries.gathering.origins()
    assert (await get(desk, card)).status == "running"


async def test_a_cancelled_broadcast_leaves_nothing_planned(desk):
    await befriend(desk, "anna")
    card = await start(desk, cron={"expression": "0 9 * * *"})
    await due(desk, card, card.next.at)
    now = await get(desk, card)
    await desk.apply(lambda store: steering.cancel(store, now))
    found = await get(desk, card)
    assert (found.status, found.next) == ("cancelled", None)
    assert [event["origin"] for event in await desk.events("cancel_due")] == ["broadcast"]
    assert await desk.store().broadcasts.runs.read((await runs(desk, card))[0].id, 0) == ()


async def test_a_recurring_broadcast_has_a_run_for_each_time_and_catches_up_with_the_latest(desk):
    await befriend(desk, "anna")
    card = await start(desk, cron={"expression": "0 9 * * *"})
    assert card.next.at - desk.now == 17 * HOUR
    await due(desk, card, card.next.at)
    await befriend(desk, "bob", at=desk.now)
    await due(desk, card, card.next.at + DAY)
    late = card.next.at + 4 * DAY + HOUR
    await due(desk, card, late)
    found = [(one.number, one.status.value, one.reason, one.size) for one in await runs(desk, card)]
    assert found == [
        (5, "sending", "", 2), (4, "skipped", "overtaken", 0), (3, "skipped", "overtaken", 0),
        (2, "sending", "", 2), (1, "sending", "", 1),
    ]  # fmt: skip
    assert (await get(desk, card)).next.at == card.next.at + 5 * DAY


async def test_a_series_caps_itself_across_its_runs(desk):
    await befriend(desk, "anna")
    card = await start(desk, cron={"expression": "0 9 * * *"}, cap={"count": 1, "days": 7})
    await due(desk, card, card.next.at)
    await due(desk, card, card.next.at + DAY)
    assert [reason for *_, reason in await told(desk)] == ["planned", "flow_cap"]


async def test_every_follower_sends_and_the_owner_by_rule_is_one_of_them(desk):
    await befriend(desk, "anna", user_id="chen")
    await befriend(desk, "anna", user_id="wu", at=START + HOUR)
    await start(desk, sender={"by": "every"})
    await start(desk, sender={"by": "owner", "rule": "first"})
    await start(desk, sender={"by": "owner", "rule": "members", "members": ["zhao"]})
    await run(desk)
    found = Counter((user_id, reason) for _, user_id, reason in await told(desk))
    assert found == {("chen", "planned"): 2, ("wu", "planned"): 1, ("", "no_sender"): 1}
    assert sorted(row["ordinal"] or 0 for row in await rows(desk)) == [0, 1, 2, 3]


async def test_a_text_with_a_name_is_filled_in_for_each(desk):
    await befriend(desk, "anna", "bob")
    await start(desk, contents=[{"text": "{customer}你好，{date}"}])
    await run(desk)
    assert [row["text"] for row in await rows(desk)] == ["Anna你好，2025-10-09", "Bob你好，2025-10-09"]


async def test_the_sample_goes_first_and_the_rest_gets_what_is_decided(desk):
    people = [f"wm{number}" for number in range(40)]
    await befriend(desk, *people)
    trial = {"share": 50, "default": "b", "hours": 2, "metric": "replied"}
    card = await start(desk, contents=TWO, trial=trial)
    await run(desk)
    sample = await told(desk)
    (one,) = await runs(desk, card)
    assert (one.status, one.decide_at) == (RunStatus.TRYING, START + 2 * HOUR)
    assert 0 < len(sample) < 40
    await befriend(desk, "late")
    desk.now = one.decide_at
    store = desk.store()
    store.announce(RunDue(corp_id="ww1", at=desk.now, run_id=one.id, what="decide"))
    await store.commit()
    await run(desk)
    found = await rows(desk)
    assert sorted(row["subject"] for row in found) == sorted(people)
    asked = {subject for subject, *_ in sample}
    assert {row["arm"] for row in found if row["subject"] not in asked} == {"b"}
    assert {row["arm"] for row in found if row["subject"] in asked} == {"a", "b"}
    (one,) = await runs(desk, card)
    assert (one.status, one.winner, one.won_by) == (RunStatus.SENDING, "b", "trial_default")


async def test_the_run_ends_with_its_last_message_and_the_broadcast_with_the_run(desk):
    await befriend(desk, "anna")
    card = await start(desk)
    await run(desk)
    await desk.sql("UPDATE deliveries SET status = 'sent'")
    (one,) = await runs(desk, card)
    await desk.apply(lambda store: steering.finish(store, one))
    (one,) = await runs(desk, card)
    assert (one.status, one.ended_at) == (RunStatus.DONE, desk.now)
    assert (await get(desk, card)).status == "done"
    assert await desk.store().broadcasts.runs.read(one.id, 0) == ()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(["step", "step", "double", "step", "again", "crash"], 2)
@given(
    st.lists(st.sampled_from(["step", "again", "crash", "double", "pause", "resume"]), max_size=30), st.integers(1, 4)
)
async def test_nobody_gets_one_broadcast_twice_whatever_is_retried(desk, deeds, followers):
    await desk.sql("DELETE FROM deliveries")
    await desk.sql("DELETE FROM events")
    for number in range(followers):
        await befriend(desk, "anna", "bob", user_id=f"user{number}")
    card = await start(desk, sender={"by": "owner"})
    loop = Loop(desk)
    for deed in deeds:
        await _do(desk, card, loop, deed)
    now = await get(desk, card)
    if now.status == "paused":
        await desk.apply(lambda store: steering.resume(store, now))
    await loop.run()
    await loop.run()
    if (await get(desk, card)).status == "scheduled":
        await due(desk, card, desk.now)
    assert sorted(subject for subject, *_ in await told(desk)) == ["anna", "bob"]


async def _do(desk, card, loop, deed):
    now = await get(desk, card)
    if deed == "step":
        await loop.step()
    elif deed == "again":
        loop.done = max(loop.done - 1, 0)  # told again
    elif deed == "crash":
        await _crash(desk, loop)
    elif deed == "double":
        await _double(desk, card)
    elif deed == "resume" and now.status == "paused":
        await desk.apply(lambda store: steering.resume(store, now))
    elif deed == "pause" and now.status in ("scheduled", "running"):
        await desk.apply(lambda store: steering.pause(store, now))


async def _double(desk, card):
    """The same pages are planned by another job as well."""
    for one in await runs(desk, card):
        if one.status is RunStatus.PLANNING:
            store = desk.store()
            store.jobs.start(steering.JOB, steering.parts(one), body={"run": str(one.id)}, width=2)
            await store.commit()


async def _crash(desk, loop):
    """A handler does its work, and the process dies before the commit."""
    for event in (await desk.announced(loop.done))[:1]:
        for row in loop.router.reactions(event.route):
            await row.run(event, desk.store())
