"""Fields of many customers: a table is noted in steps, and a field that is given up goes with all its values."""

import pytest

from handlers import fields, jobs
from sop.events import PartEnded, StepDue
from sop.fields import DROP, TAKEN, Change, Field, Value
from sop.fields.tables import JOB
from sop.jobs import Plan
from storage.fields import tables
from tests.handlers.desk import START, Desk
from wecom.events import ContactEdited


@pytest.fixture
async def customers(desk: Desk) -> Desk:
    for number in range(7):
        await desk.know(f"客户{number}", f"wm{number}")
    await desk.apply(lambda store: store.fields.define(Field(name="phone", kind="text", zh="手机号", unique=True)))
    return desk


async def work(desk: Desk, handler, kind: str, skip: int = 0) -> None:
    """Take steps until there are none left."""
    done = skip
    while True:
        steps = [event for event in await desk.announced(0) if isinstance(event, StepDue) and event.job == kind]
        if len(steps) <= done:
            break
        await desk.run(handler, steps[done])
        done += 1
    for event in await desk.announced(0):
        if isinstance(event, PartEnded):
            await desk.run(jobs.conclude, event)


async def test_a_table_is_noted_and_what_another_customer_has_is_refused_alone(customers: Desk):
    put = lambda store: store.fields.put([Change(external_user_id="wm0", name="phone", value=Value("138"))])  # noqa: E731
    await customers.apply(put)
    store = customers.store()
    table = await tables.plan(store, "客户,stage,手机号\nwm1,won,139\nwm2,lost,138\nwm9,won,1\n")
    job_id = tables.begin(store, table)
    await store.commit()
    await work(customers, fields.note, JOB)
    found = await customers.store().fields.read(["stage", "phone"], ["wm1", "wm2"])
    assert found == {"wm1": {"stage": Value("won"), "phone": Value("139")}, "wm2": {"stage": Value("lost")}}
    assert ("field", "refused", TAKEN) in await customers.decisions()
    assert "field_changed" in await customers.timeline("wm1")
    job = await customers.store().jobs.get(job_id)
    assert (job.status, job.done, job.failed) == ("done", 1, 1)


async def test_a_step_that_is_taken_again_changes_nothing(customers: Desk):
    store = customers.store()
    tables.begin(store, await tables.plan(store, "客户,score\nwm1,5\n"))
    await store.commit()
    (step,) = [event for event in await customers.announced(0) if isinstance(event, StepDue)]
    await customers.run(fields.note, step)
    await customers.run(fields.note, step)
    assert (await customers.timeline("wm1")).count("field_changed") == 1


async def test_a_field_goes_with_all_its_values_in_steps(customers: Desk):
    many = fields.AT_ONCE + 1
    some = [Change(external_user_id=f"wx{number}", name="phone", value=Value(f"{number}")) for number in range(many)]
    await customers.apply(lambda store: store.fields.put(some))
    store = customers.store()
    store.fields.end("phone")
    store.jobs.start(DROP, [Plan(name="phone")], body={"field": "phone"})
    await store.commit()
    await work(customers, fields.drop, DROP)
    assert await customers.store().fields.holders("phone", most=1) == []
    assert not await customers.store().fields.ending("phone")
    (job,) = await customers.store().jobs.page(kind=DROP)
    assert (job.status, job.done) == ("done", many)


async def test_the_number_that_a_member_notes_at_wecom_tells_the_customer(customers: Desk):
    edited = ContactEdited(corp_id="ww1", at=START, user_id="chen", external_user_id="wm1")
    customers.world.show("客户1", mobiles=())
    await customers.run(fields.learn, edited)
    assert await customers.store().fields.of("wm1") == {}
    customers.world.show("客户1", mobiles=("138 0013 8000", "139"))
    await customers.run(fields.learn, edited)
    assert await customers.store().fields.of("wm1") == {"phone": Value("138 0013 8000")}
    customers.world.show("客户1", mobiles=("139",))
    await customers.run(fields.learn, edited)  # what is noted here stays
    assert await customers.store().fields.of("wm1") == {"phone": Value("138 0013 8000")}
    customers.world.show("客户2", "wm2", mobiles=("13800138000",))
    await customers.run(fields.learn, ContactEdited(corp_id="ww1", at=START, user_id="chen", external_user_id="wm2"))
    assert await customers.store().fields.of("wm2") == {}
    assert ("field", "refused", TAKEN) in await customers.decisions()


async def test_where_there_is_no_such_field_wecom_is_not_asked(desk: Desk):
    desk.world.profiles["wm1"] = RuntimeError("asked")
    await desk.run(fields.learn, ContactEdited(corp_id="ww1", at=START, user_id="chen", external_user_id="wm1"))
