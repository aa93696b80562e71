from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.jobs import conclude
from handlers.tasks.digests import BATCH, begin, step
from sop.events import DigestDue, PartEnded, StepDue
from sop.intents import Prompt
from sop.policy import Policy
from sop.policy.holidays import Days
from sop.policy.quiet import Quiet
from sop.prompts import Voice
from sop.relations import Deed
from sop.slots import SHANGHAI
from sop.staff import Member
from sop.tasks import Give, Task, agenda
from tests.handlers.desk import START, Desk

MORNING = datetime(2025, 10, 10, 1, tzinfo=UTC)  # a Friday, 9 o'clock in Shanghai
HOUR = timedelta(hours=1)


@pytest.fixture
async def team(desk: Desk) -> Desk:
    store = desk.store()
    for user_id in ("chen", "lin", "zhao"):
        store.staff.put(Member(user_id=user_id, name=user_id, active=user_id != "zhao"), at=START)
    store.settings.put(agenda.ENABLED, True)
    for user_id in ("chen", "zhao"):
        store.tasks.give(Give(user_id=user_id, what="call", title="回访", effect=user_id, due_at=MORNING + 5 * HOUR))
    await store.commit()
    desk.now = MORNING
    return desk


async def ring(team: Desk, at: datetime | None = None) -> int:
    """Let it be an hour; how many mornings have begun so far."""
    team.now = at or team.now
    await team.run(begin, DigestDue(corp_id="ww1", at=team.now))
    return len(await team.events("step_due:digest"))


async def walk(team: Desk) -> None:
    """All steps of the morning that has begun."""
    number = 0
    while True:
        job = (await team.store().jobs.page(kind="digest", most=1))[0]
        part = await team.store().jobs.part(job.id, 0)
        if part is None or part.status != "open":
            await team.run(conclude, PartEnded(corp_id="ww1", at=team.now, job_id=job.id))
            return
        event = StepDue(corp_id="ww1", at=team.now, job="digest", job_id=job.id, part=0, lane=0, round=part.round)
        await team.run(step, event)
        number += 1
        assert number < 9


async def test_a_morning_tells_who_has_something_to_do_and_nobody_else(team):
    await ring(team)
    await walk(team)
    (digest,) = await team.intents(Prompt)
    assert digest.users == ("chen",)
    assert digest.text.splitlines() == [
        "早上好！10-10 的安排：",
        "待办：1",
        "· 回访（10-10 14:00）",
        '<a href="http://siyu/sidebar/tasks">打开待办</a>',
    ]
    assert ("digest", "sent", agenda.TOLD) in await team.decisions()


async def test_yesterdays_new_customers_are_told(team):
    await team.record(Deed.ADDED, MORNING - 20 * HOUR, user_id="lin")
    await team.record(Deed.ADDED, MORNING - HOUR, user_id="lin", external_user_id="wm2")  # today
    await ring(team)
    await walk(team)
    digests = {prompt.users[0]: prompt.text for prompt in await team.intents(Prompt)}
    assert "昨日新增客户：1\n待办：0" in digests["lin"]


async def test_a_day_is_told_once_whatever_happens(team):
    for minutes in (0, 0, 30, 60, 120):
        await ring(team, MORNING + timedelta(minutes=minutes))
        await walk(team)
    assert len(await team.intents(Prompt)) == 1
    assert len(await team.store().jobs.page(kind="digest", most=9)) == 1
    await ring(team, MORNING + timedelta(days=3))
    await walk(team)
    assert len(await team.intents(Prompt)) == 2


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        (MORNING - timedelta(minutes=1), False),
        (MORNING + 2 * HOUR, True),  # the machine was down
        (MORNING + 3 * HOUR, False),
        (MORNING + timedelta(days=2), False),  # Sunday
        (datetime(2025, 10, 7, 1, tzinfo=UTC), False),  # a Tuesday of the National Day holidays
        (datetime(2025, 10, 11, 1, tzinfo=UTC), True),  # a Saturday that makes up for one of them
    ],
)
async def test_it_comes_on_the_mornings_of_working_days(team, at, begins):
    assert (await ring(team, at) == 1) is begins


async def test_days_that_operators_name_count(team):
    rested = Policy(quiet=Quiet(days=Days(rest=(MORNING.date(),))))
    await team.apply(lambda store: store.policy.put(rested, by="test"))
    assert await ring(team) == 0


async def test_nobody_is_told_unless_it_was_asked_for(team):
    await team.apply(lambda store: store.settings.put(agenda.ENABLED, False))
    assert await ring(team) == 0


async def test_the_hour_is_the_operators_to_choose(team):
    await team.apply(lambda store: store.settings.put(agenda.AT, 11))
    assert await ring(team) == 0
    assert await ring(team, MORNING + 2 * HOUR) == 1


async def test_many_members_are_told_a_few_at_a_time(team):
    store = team.store()
    for number in range(BATCH):
        user_id = f"rep{number:03}"
        store.staff.put(Member(user_id=user_id, name=user_id), at=START)
        store.tasks.give(Give(user_id=user_id, what="call", title="回访", effect=user_id, due_at=MORNING))
    await store.commit()
    await ring(team)
    job = (await team.store().jobs.page(kind="digest", most=1))[0]
    await team.run(step, StepDue(corp_id="ww1", at=team.now, job="digest", job_id=job.id, part=0, lane=0, round=0))
    assert len(await team.intents(Prompt)) == BATCH - 1  # chen is one of them, lin has nothing to do
    assert [kind for _, kind in await team.timers()] == ["step_due:digest"]
    await walk(team)
    assert len(await team.intents(Prompt)) == BATCH + 1


def test_a_day_ends_at_midnight_even_when_the_clocks_change():
    berlin = Voice(zone=ZoneInfo("Europe/Berlin"))
    long_day = datetime(2025, 10, 26, 12, tzinfo=UTC)
    assert agenda.ends(long_day, berlin).astimezone(UTC) - agenda.begins(long_day, berlin).astimezone(UTC) == 25 * HOUR
    assert agenda.begins(MORNING, Voice(zone=SHANGHAI)) == datetime(2025, 10, 9, 16, tzinfo=UTC)


def test_a_name_opens_no_link_of_its_own():
    task = Task(id=1, user_id="chen", what="call", title="<a href=x>", due_at=MORNING, created_at=MORNING)
    text = "\n".join(agenda.lines(agenda.Agenda(pending=1, tasks=(task,)), Voice(zone=SHANGHAI), url="http://siyu"))
    assert "<a href=x>" not in text
