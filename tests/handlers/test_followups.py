from datetime import datetime, timedelta

import pytest

from handlers.followups import judge, plan
from sop import followups, reasons
from sop.events import FollowupDue
from sop.followups import Action, Draft, Unless
from sop.intents import MarkTags, Prompt
from sop.relations import Deed
from sop.staff import Member
from storage.engine.sql import Statement
from storage.tags import Binding
from storage.values import from_ms
from tests.handlers.desk import PAIR, START, Desk, after
from wecom.events import ContactAdded

HOUR = timedelta(hours=1)
TIMERS = Statement("SELECT kind, due_at FROM timers WHERE corp_id = :corp_id")
ADDED = ContactAdded(corp_id="ww1", at=START, **PAIR)
PROMPT = Action(kind="prompt", text="请联系{customer}")


async def rule(desk: Desk, **more) -> followups.Rule:
    store = desk.store()
    written = store.followups.add(Draft(**{"name": "未回复", "after": HOUR, "action": PROMPT, **more}))
    await store.commit()
    return written


async def change(desk: Desk, known: followups.Rule, **more) -> followups.Rule:
    store = desk.store()
    changed = store.followups.change(known, Draft(**{"name": "未回复", "after": HOUR, "action": PROMPT, **more}))
    await store.commit()
    return changed


async def due(desk: Desk, known: followups.Rule, now=None) -> None:
    """Let the follow-up of the add at the start fall due."""
    desk.now = now or START + known.after
    event = FollowupDue(corp_id="ww1", at=desk.now, followup_id=known.id, version=1, added_at=START, **PAIR)
    await desk.run(judge, event)


async def timers(desk: Desk) -> list[tuple[str, datetime]]:
    return [(row["kind"], from_ms(row["due_at"])) for row in await desk.store().scope.fetch(TIMERS)]


async def last(desk: Desk) -> tuple[str, str]:
    (_, verdict, reason) = (await desk.decisions())[-1]
    return verdict, reason


async def test_an_add_sets_one_timer_per_rule_however_often_it_is_told(desk):
    channel = await desk.channel()
    everyone, scanned = await rule(desk), await rule(desk, channels=(channel.id,))
    await rule(desk, enabled=False)
    for _ in range(2):
        await desk.run(plan, ADDED)
    assert [name.split(":")[1] for name, _ in await desk.timers()] == [str(everyone.id)]
    await desk.run(plan, ContactAdded(corp_id="ww1", at=after(days=1), state=channel.state, **PAIR))
    assert sorted(name.split(":")[1] for name, _ in await desk.timers()) == sorted(
        map(str, [everyone.id, everyone.id, scanned.id])
    )


async def test_the_timer_rings_when_the_rule_says_counted_from_the_add(desk):
    await rule(desk)
    desk.now = after(minutes=30)
    await desk.run(plan, ADDED)
    assert await timers(desk) == [(FollowupDue.kind, after(hours=1))]


async def test_a_due_prompt_reaches_the_member_once_with_a_task(desk):
    await desk.record(Deed.ADDED)
    await desk.know("小周")
    written = await rule(desk)
    await due(desk, written)
    await due(desk, written)
    (prompt,) = await desk.intents(Prompt)
    assert (prompt.users, prompt.title, prompt.text) == (("chen",), "未回复", "请联系小周")
    assert [task.text for task in await desk.store().tasks.open("chen")] == ["请联系小周"]
    assert await last(desk) == ("sent", reasons.FOLLOWUP_DUE)


async def test_a_due_tag_is_marked_once_with_its_rule(desk):
    await desk.record(Deed.ADDED)
    written = await rule(desk, action=Action(kind="tag", tags=("et1",)))
    await due(desk, written)
    await due(desk, written)
    (marking,) = await desk.intents(MarkTags)
    assert (marking.add, marking.rule) == (("et1",), f"followup:{written.id}@1")


async def test_a_prompt_for_a_member_who_has_left_reaches_the_lead_and_the_task_waits_for_who_takes_over(desk):
    await desk.record(Deed.ADDED)
    store = desk.store()
    store.staff.put(Member(user_id="chen", name="陈宇", leader="boss"), at=START)
    store.staff.put(Member(user_id="boss", name="赵敏"), at=START)
    await store.commit()
    await desk.apply(lambda store: store.staff.leave("chen"))
    await due(desk, await rule(desk))
    (prompt,) = await desk.intents(Prompt)
    assert prompt.users == ("boss",)
    assert await last(desk) == ("sent", reasons.FOLLOWUP_DUE)
    assert len(await desk.store().tasks.open("chen")) == 1


async def test_a_due_alert_reaches_the_lead_and_without_one_is_skipped(desk):
    await desk.record(Deed.ADDED)
    written = await rule(desk, action=Action(kind="alert", text="无人跟进"))
    await due(desk, written)
    assert await last(desk) == ("skipped", reasons.NO_LEAD)
    store = desk.store()
    store.staff.put(Member(user_id="boss"), at=START)
    store.staff.put(Member(user_id="chen", name="陈宇", leader="boss"), at=START)
    await store.commit()
    await due(desk, written)
    (alert,) = await desk.intents(Prompt)
    assert alert.users == ("boss",)
    assert await desk.store().tasks.open("boss") == ()


async def test_a_reply_makes_it_needless_only_where_the_rule_says_so(desk):
    await desk.record(Deed.ADDED)
    await desk.record(Deed.REPLIED, after(minutes=5))
    await due(desk, await rule(desk, unless=Unless(replied=True)))
    assert await last(desk) == ("skipped", reasons.REPLIED)
    await due(desk, await rule(desk))
    assert await last(desk) == ("sent", reasons.FOLLOWUP_DUE)


async def test_a_tag_makes_it_needless_only_if_the_rule_names_it(desk):
    await desk.record(Deed.ADDED)
    store = desk.store()
    store.tags.bind("wm1", "chen", bindings=[Binding(tag_id="et1", source="staff", at=START)])
    await store.commit()
    await due(desk, await rule(desk, unless=Unless(tags=("et1", "et2"))))
    assert await last(desk) == ("skipped", reasons.TAGGED)
    await due(desk, await rule(desk, unless=Unless(tags=("et2",))))
    assert await last(desk) == ("sent", reasons.FOLLOWUP_DUE)


@pytest.mark.parametrize("deed", [Deed.LOST, Deed.REMOVED, Deed.MOVED])
async def test_a_relation_that_ended_is_not_followed_up(desk, deed):
    await desk.record(Deed.ADDED)
    await desk.record(deed, after(minutes=5))
    await due(desk, await rule(desk))
    assert await last(desk) == ("skipped", reasons.RELATION_ENDED)


async def test_a_customer_who_came_back_is_followed_up_from_then_on(desk):
    await desk.record(Deed.ADDED)
    await desk.record(Deed.LOST, after(minutes=5))
    await desk.record(Deed.ADDED, after(minutes=10))
    await due(desk, await rule(desk))
    assert await last(desk) == ("skipped", reasons.READDED)


async def test_the_rule_of_today_judges(desk):
    await desk.record(Deed.ADDED)
    written = await rule(desk)
    await change(desk, written, action=Action(kind="prompt", text="新的说法"))
    await due(desk, written)
    assert [prompt.text for prompt in await desk.intents(Prompt)] == ["新的说法"]


async def test_a_rule_that_now_waits_longer_is_asked_again_then(desk):
    await desk.record(Deed.ADDED)
    written = await rule(desk)
    await change(desk, written, after=timedelta(hours=3))
    await due(desk, written)
    assert await last(desk) == ("delayed", reasons.FOLLOWUP_LATER)
    assert await desk.intents(Prompt) == []
    assert await timers(desk) == [(FollowupDue.kind, after(hours=3))]
    await due(desk, written, now=after(hours=3))
    assert await last(desk) == ("sent", reasons.FOLLOWUP_DUE)


async def test_a_disabled_or_removed_rule_does_nothing(desk):
    await desk.record(Deed.ADDED)
    written = await rule(desk)
    await change(desk, written, enabled=False)
    await due(desk, written)
    assert await last(desk) == ("skipped", reasons.FOLLOWUP_GONE)
    store = desk.store()
    store.followups.remove(written.id)
    await store.commit()
    await due(desk, written)
    assert await last(desk) == ("skipped", reasons.FOLLOWUP_GONE)
