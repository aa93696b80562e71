from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sop import tasks
from sop.staff import Member
from sop.tasks import Give, Status
from storage.customers import Customer
from storage.due import TASKS
from storage.engine.sql import Statement
from storage.errors import LostLease
from storage.scope import Scope
from storage.store import Store
from storage.tasks.lists import Numbers, TaskFilter
from storage.values import decode, to_ms

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
LATER = START + timedelta(hours=5)
_EVENTS = Statement("SELECT kind, body FROM events WHERE corp_id = :corp_id ORDER BY id")


def store(database, now=START) -> Store:
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=now, event_id=42))


def wanted(effect: str = "a", **more) -> Give:
    about = {"user_id": "chen", "external_user_id": "wm1", "what": "call", "title": "回访", "text": "您好"}
    return Give(**{**about, "effect": effect, "due_at": LATER, **more})


async def give(database, *many: Give) -> list[int]:
    one = store(database)
    ids = [one.tasks.give(each) for each in many]
    await one.commit()
    return ids


async def change(database, *many, now=START):
    one = store(database, now)
    one.tasks.change(*many)
    await one.commit()


async def told(database, kind: str) -> list[dict]:
    rows = await store(database).scope.fetch(_EVENTS)
    return [decode(row["body"]) for row in rows if row["kind"] == kind]


async def test_tasks_are_open_until_done(database):
    await give(database, wanted("b"), wanted("a", due_at=START), wanted("a", due_at=START, title="again"))
    first, second = await store(database).tasks.open("chen")
    assert (first.due_at, second.due_at, first.title) == (START, LATER, "回访")
    assert await store(database).tasks.open("chen", before=LATER) == (first,)
    assert await store(database).tasks.count("chen") == 2
    await change(database, tasks.finish(first, "chen", now=START))
    assert await store(database).tasks.open("chen") == (second,)
    assert await store(database).tasks.open("lin") == ()
    done = await store(database).tasks.get(first.id)
    assert (done.status, done.ended_at, done.ended_by, done.moves) == (Status.DONE, START, "chen", 1)


async def test_everything_that_is_given_comes_back(database):
    span = timedelta(hours=2)
    given = {"origin": "flow", "origin_id": 7, "node": "call", "enrolment_id": 9, "escalate_after": span}
    await give(database, wanted(**given))
    (task,) = await store(database).tasks.of_enrolments([9, 10])
    assert {name: getattr(task, name) for name in given} == given
    assert await store(database).tasks.of_enrolments([10]) == ()
    assert await store(database).tasks.of_enrolments([]) == ()


async def test_a_thousand_are_given_at_once_and_each_only_once(database):
    many = [wanted(str(number % 1000), external_user_id=f"wm{number}") for number in range(1200)]
    one = store(database)
    assert len(one.tasks.give_all(many)) == 1200
    await one.commit()
    assert await store(database).tasks.count("chen") == 1000


async def test_many_are_changed_at_once_or_none(database):
    await give(database, wanted("a"), wanted("b"), wanted("c"))
    found = await store(database).tasks.open("chen")
    await change(database, *(tasks.show(each, now=START) for each in found))
    shown = await store(database).tasks.open("chen")
    assert [each.shown_at for each in shown] == [START] * 3
    assert shown[0].look_at == LATER
    with pytest.raises(LostLease):
        await change(database, *(tasks.finish(each, "chen", now=START) for each in (*shown[:2], found[2])))
    with pytest.raises(LostLease):
        await change(database, tasks.finish(found[0], "chen", now=START))
    assert await store(database).tasks.open("chen") == shown


async def test_a_task_is_looked_at_when_it_is_to_be_shown_and_not_before(database):
    late = START + timedelta(minutes=3, seconds=20)
    await give(database, wanted("a", show_at=late), wanted("b", show_at=late, carded=True))
    assert await store(database, late - timedelta(seconds=1)).tasks.due(most=9) == ()
    assert len(await store(database, late).tasks.due(most=9)) == 1
    assert len(await store(database, LATER).tasks.due(most=9)) == 2
    assert [row["corp_id"] for row in await database.fetch(TASKS.find, now=to_ms(late), most=9)] == ["ww1"]
    assert not await database.fetch(TASKS.find, now=to_ms(START), most=9)


async def test_what_is_due_comes_with_the_names_of_those_it_is_about(database):
    one = store(database)
    one.staff.put(Member(user_id="lin", name="林乔", active=False), at=START)
    one.customers.put(Customer(external_user_id="wm1", name="小周", created_at=START, changed_at=START))
    one.tasks.give(wanted("a", user_id="lin"))
    one.tasks.give(wanted("b", external_user_id=""))
    await one.commit()
    first, second = await store(database).tasks.due(most=9)
    assert (first.customer, first.staff, first.here) == ("小周", "林乔", False)
    assert (second.customer, second.staff, second.here) == ("", "chen", True)


async def test_who_gave_it_and_the_customers_history_hear_of_the_end(database):
    await give(database, wanted("a", origin="flow", origin_id=7, enrolment_id=9), wanted("b"), wanted("c", origin="x"))
    first, second, third = await store(database).tasks.open("chen")
    await change(
        database,
        tasks.finish(first, "boss", now=START),
        tasks.finish(second, "chen", now=START),
        tasks.cancel(third, "gone", now=START),
    )
    ended = [(each["origin"], each["enrolment_id"], each["status"]) for each in await told(database, "task_ended")]
    assert ended == [("flow", 9, "done"), ("x", None, "cancelled")]
    entries = await store(database).history.timeline("wm1")
    assert [(entry.what, entry.facts["by"]) for entry in entries] == [("task_done", "chen"), ("task_done", "boss")]


async def test_who_leaves_a_flow_leaves_no_task_behind(database):
    await give(database, wanted("a", enrolment_id=9), wanted("b", enrolment_id=8))
    one = store(database)
    await one.tasks.cancel_of([9], "exited")
    await one.commit()
    (left,) = await store(database).tasks.open("chen")
    assert left.enrolment_id == 8


async def test_what_a_member_who_left_had_to_do_is_due_at_once(database):
    await give(database, *(wanted(str(number), show_at=LATER) for number in range(3)))
    first, second, third = await store(database).tasks.open("chen")
    await change(database, tasks.escalate(first), tasks.finish(second, "chen", now=START))
    one = store(database)
    one.tasks.wake("chen")
    await one.commit()
    assert [each.task.id for each in await store(database).tasks.due(most=9)] == [third.id]


async def test_tasks_are_paged_by_due_time_and_filtered(database):
    await give(database, *(wanted(str(number), due_at=START + timedelta(minutes=number // 2)) for number in range(5)))
    lists = store(database).tasks
    page = await lists.page(TaskFilter(), most=3)
    last = page[-1]
    rest = await lists.page(TaskFilter(), most=3, after=(int(last.due_at.timestamp() * 1000), last.id))
    assert len({each.id for each in (*page, *rest)}) == 5
    await change(database, tasks.finish(page[0], "chen", now=START))
    for which, count in [
        (TaskFilter(status="done"), 1),
        (TaskFilter(pending=True), 4),
        (TaskFilter(pending=False), 1),
        (TaskFilter(staff={"lin"}), 0),
        (TaskFilter(staff={"chen"}, customer="wm1", what="call"), 5),
        (TaskFilter(origin="flow"), 0),
    ]:
        assert len(await lists.page(which, most=9)) == count, which


async def test_the_day_of_members_is_read_at_once_and_keeps_to_it(database):
    await give(
        database,
        *(wanted(str(number), due_at=START + timedelta(hours=number)) for number in range(5)),
        wanted("x", user_id="lin"),
    )
    first, second, *_ = await store(database).tasks.open("chen")
    await change(database, tasks.remind(first, now=START), tasks.finish(second, "chen", now=START))
    found = await store(database).tasks.agendas(["chen", "lin", "zhao"], before=LATER, most=2)
    assert (found["chen"].pending, found["chen"].late, len(found["chen"].tasks)) == (4, 1, 2)
    assert found["chen"].tasks[0].id == first.id
    assert set(found) == {"chen"}  # lin's is due later


async def test_new_customers_are_counted_by_member_and_once_each(database):
    one = store(database)
    for user_id, customer, what, hours in [
        ("chen", "wm1", "added", 0), ("chen", "wm1", "returned", 1), ("chen", "wm2", "half_added", 2),
        ("chen", "wm3", "added", -1), ("chen", "wm4", "lost", 1), ("lin", "wm5", "added", 5),
    ]:  # fmt: skip
        one.history.append(what, customer, user_id=user_id, at=START + timedelta(hours=hours))
    await one.commit()
    found = await store(database).history.newcomers(["chen", "lin"], since=START, until=LATER)
    assert found == {"chen": 2}


async def test_a_member_is_told_in_numbers(database):
    await give(database, *(wanted(str(number)) for number in range(5)))
    first, second, third, *_ = await store(database).tasks.open("chen")
    late = LATER + timedelta(hours=1)
    await change(database, tasks.finish(first, "chen", now=START), tasks.escalate(third))
    await change(database, tasks.finish(second, "chen", now=late), now=late)
    numbers = (await store(database, late).tasks.numbers(["chen", "lin"], since=START))["chen"]
    assert numbers == Numbers(pending=3, late=1, escalated=1, done=2, in_time=1, cancelled=0)
    numbers = (await store(database, late).tasks.numbers(["chen"], since=late))["chen"]
    assert numbers == replace(numbers, done=1, in_time=0)
