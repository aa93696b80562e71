"""Moments take one step at a time, however often it is rung, and no step that may have been taken is taken again."""

from datetime import timedelta

import pytest

from handlers.moments.posting import advance, cancelled, posted, uploaded
from handlers.reader import Reader
from simulator import Simulator
from sop.events import MomentDue, Outcome
from sop.intents import Attachment, CancelMoment, PostMoment, UploadForMoment
from sop.moments import LATE, Draft, Part, Status
from storage.moments import Moment
from tests.handlers.desk import START, Desk, reach

DRAFT = Draft(name="上新", text="春季上新", users=("chen.yu",))


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request) -> str:
    return request.param


@pytest.fixture
async def table(desk: Desk):
    """A desk whose questions are answered by a virtual WeCom."""
    desk.simulator = simulator = Simulator(seed=7)
    client = reach(simulator, simulator.found_company())
    desk.world = Reader(client)
    yield desk
    await client.aclose()


async def begin(desk: Desk, draft: Draft = DRAFT, status: Status = Status.APPROVED, **values) -> Moment:
    store = desk.store()
    moment = store.moments.add(draft, author="token:1", status=Status.APPROVED)
    await store.commit()
    if status is not Status.APPROVED or values:
        await desk.apply(lambda store: store.moments.move(moment, status, **values))
    return await now(desk, moment)


async def now(desk: Desk, moment: Moment) -> Moment:
    found = await desk.store().moments.get(moment.id)
    assert found
    return found


async def ring(desk: Desk, moment: Moment) -> Moment:
    await desk.run(advance, MomentDue(corp_id="ww1", at=desk.now, moment_id=moment.id))
    return await now(desk, moment)


async def test_however_often_it_is_rung_it_is_wanted_once(table):
    moment = await begin(table)
    for _ in range(3):
        await ring(table, moment)
    assert await table.intents(PostMoment) == [PostMoment(row=moment.id, attempt=1)]


async def test_before_its_time_it_waits_and_long_after_it_is_given_up(table):
    moment = await begin(table, Draft(name="a", text="a", due_at=START + timedelta(hours=1)))
    assert (await ring(table, moment)).status is Status.APPROVED
    assert await table.timers() == [(f"moment:{moment.id}", "moment_due")]
    table.now = START + timedelta(hours=1) + LATE
    assert (await ring(table, moment)).status is Status.FAILED
    assert await table.intents(PostMoment) == []
    assert await table.decisions() == [("moment", "skipped", "moment_too_late")]


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ({"outcome": Outcome.DONE, "result": {"job_id": "j1"}}, Status.MAKING),
        ({"outcome": Outcome.UNKNOWN, "reason": "unknown_not_repeated"}, Status.UNKNOWN),
        ({"outcome": Outcome.DEAD, "reason": "taken over too often"}, Status.UNKNOWN),
        ({"outcome": Outcome.LATE, "result": {"doubtful": True}}, Status.UNKNOWN),
        ({"outcome": Outcome.LATE}, Status.FAILED),
        ({"outcome": Outcome.REFUSED, "code": 40201}, Status.REFUSED),
        ({"outcome": Outcome.CANCELLED}, Status.FAILED),
    ],
)
async def test_what_may_have_been_performed_is_unknown_and_nothing_else_is(table, ending, status):
    moment = await ring(table, await begin(table))
    await table.settle(posted, PostMoment(row=moment.id, attempt=1), **ending)
    assert (await now(table, moment)).status is status


async def test_the_end_of_an_earlier_posting_changes_nothing(table):
    moment = await begin(table, status=Status.POSTING, attempt=2)
    await table.settle(posted, PostMoment(row=moment.id, attempt=1), outcome=Outcome.DEAD)
    assert (await now(table, moment)).status is Status.POSTING


async def test_an_unknown_one_is_asked_about_and_never_wanted_again(table):
    moment = await begin(table, status=Status.UNKNOWN, attempt=1, asked_at=START)
    while moment.status is Status.UNKNOWN:
        moment = await ring(table, moment)
        table.now += timedelta(minutes=20)
    assert (moment.status, moment.reason) == (Status.FAILED, "moment_absent")
    assert table.now - START > timedelta(hours=2)
    assert await table.intents(PostMoment) == []


async def test_where_wecom_does_not_show_what_it_has_it_stays_unknown(table):
    table.simulator.fail("refuse", "externalcontact/get_moment_list", code=60011)
    moment = await begin(table, status=Status.UNKNOWN, attempt=1, asked_at=START - timedelta(days=1))
    assert (await ring(table, moment)).status is Status.UNKNOWN
    assert await table.timers() == [(f"moment:{moment.id}", "moment_due")]
    table.simulator.faults.clear()
    assert (await ring(table, moment)).status is Status.FAILED


async def test_materials_are_uploaded_first_once_for_all(table):
    store = table.store()
    material = await store.materials.add("image", "a.png", content=b"\x89PNG" + b"0" * 20)
    await store.commit()
    picture = Attachment(kind="image", material=str(material.id))
    moment = await begin(table, Draft(name="a", attachments=(picture,) * 2))
    for _ in range(3):
        await ring(table, moment)
    (upload,) = await table.intents(UploadForMoment)
    assert (await now(table, moment)).status is Status.APPROVED
    await table.settle(uploaded, upload, result={"media_id": "M1"})
    assert (await ring(table, moment)).status is Status.POSTING


async def test_a_material_that_is_gone_ends_it(table):
    moment = await begin(table, Draft(name="a", attachments=(Attachment(kind="image", material="12"),)))
    moment = await ring(table, moment)
    assert (moment.status, moment.reason) == (Status.FAILED, "moment_no_material")


async def test_a_refused_cancel_leaves_it_running(table):
    moment = await begin(table, status=Status.LIVE, moment_id="mom1", cancelling=True)
    cancel = CancelMoment(row=moment.id, moment_id="mom1")
    await table.settle(cancelled, cancel, outcome=Outcome.REFUSED, code=41060, reason="no such moment")
    moment = await now(table, moment)
    assert (moment.status, moment.cancelling) == (Status.LIVE, False)
    await table.settle(cancelled, cancel)
    assert (await now(table, moment)).status is Status.CANCELLED
    assert (await table.store().moments.parts.numbers(moment.id)).states == {Part.CANCELLED: 1}
