"""What is told of a transfer, in whatever order and by whom, comes to one end, with one decision and one story."""

import itertools

import pytest

from handlers import customers, removals
from handlers.prompts import introduce
from handlers.transfers import takeovers
from handlers.transfers.orders import answered, conclude, wait
from handlers.transfers.unassigned import begin
from sop.events import JobEnded, Outcome, TakeoverDue, TransferTold, UnassignedDue
from sop.intents import MarkTags, Prompt, SetRemark, TransferCustomers
from sop.jobs import Plan
from sop.relations import Deed, Status
from sop.staff import Department, Member
from sop.tasks import Give
from sop.transfers import Draft as Transfer
from sop.transfers import State
from sop.transfers.takers import Given, LeftOut, Taker
from storage.relations import Relation
from storage.tags import Binding, Tag, TagGroup
from storage.transfers.candidates import Which
from tests.handlers.desk import PAIR, START, after
from tests.handlers.flowing import draft, happen, inside, publish
from wecom.events import ContactAdded, ContactRemoved, TransferFailed

TAKEN = after(days=2)
TAKER = {"user_id": "lin", "external_user_id": "wm1"}
ADDED = ContactAdded(corp_id="ww1", at=TAKEN, **TAKER)
REMOVED = ContactRemoved(corp_id="ww1", at=TAKEN, by_transfer=True, **PAIR)
REFUSED = TransferFailed(corp_id="ww1", at=TAKEN, reason="customer_refused", **TAKER)


@pytest.fixture
async def asked(desk):
    """Chen's customer, with tags and a remark, for whom WeCom was asked a day ago."""
    store = desk.store()
    members = [Member(user_id="chen", name="陈宇", departments=(1,)), Member(user_id="lin"), Member(user_id="lead")]
    await store.staff.replace(members, [Department(id=1, leaders=("lead",))], at=START)
    tags = (Tag(id="et1", name="VIP", group_id="g1"), Tag(id="et2", name="老客", group_id="g1"))
    await store.tags.replace([TagGroup(id="g1", name="等级", tags=tags)], at=START)
    await store.commit()
    await desk.know("小周")
    await desk.record(Deed.ADDED)
    store = desk.store()
    store.relations.describe(
        Relation(
            status=Status.ACTIVE, remark="周女士", description="秋冬新品", adds=1, first_added_at=START,
            added_at=START, changed_at=START, **PAIR,
        )
    )  # fmt: skip
    store.tags.bind("wm1", "chen", bindings=[Binding(tag_id="et1", source="staff", at=START)])
    rule = Binding(tag_id="et2", source="rule", rule="rule:7@2", at=START)
    store.tags.bind("wm1", "chen", bindings=[rule])
    store.tasks.give(
        Give(what="greet", user_id="chen", external_user_id="wm1", text="回电话", effect="call", due_at=START)
    )
    await store.commit()
    desk.now = after(days=1)
    store = desk.store()
    desk.transfer = store.transfers.add(Transfer(handover="chen", takers=(Taker(user_id="lin"),)), which=Which())
    store.rides.plan(desk.transfer, [Given("wm1", "lin")])
    store.rides.ask(desk.transfer.id, ["wm1"])
    await store.commit()
    desk.now = TAKEN
    desk.world.show("小周", user_id="lin", add_way=202, added_at=TAKEN)
    return desk


def told(desk, state, at=TAKEN, code=0):
    return TransferTold(
        corp_id="ww1", at=at, transfer_id=desk.transfer.id, what="customers", external_user_id="wm1",
        state=state.value, code=code,
    )  # fmt: skip


async def ride(desk):
    (found,) = await desk.store().rides.page(desk.transfer.id)
    return found


async def play(desk, which):
    """Let WeCom tell what it has to tell, as `which` says."""
    if which == "accepted":
        await desk.run(takeovers.learn, told(desk, State.WAITING, at=after(days=1)))
    elif which == "result":
        await desk.run(takeovers.learn, told(desk, State.DONE))
    elif which == "added":
        await desk.run(customers.relate, ADDED)
        await desk.run(takeovers.join, ADDED)
    else:
        await desk.run(removals.remove, REMOVED)
        await desk.run(takeovers.part, REMOVED)


async def test_a_customer_who_has_left_the_giver_is_handed_on_all_the_same(asked):
    await asked.record(Deed.LOST, at=after(days=1, hours=1))
    await play(asked, "result")
    statuses = {one.user_id: one.status for one in await asked.store().relations.of_customer("wm1")}
    assert statuses == {"chen": Status.MOVED, "lin": Status.ACTIVE}


@pytest.mark.parametrize("order", list(itertools.permutations(["accepted", "result", "added", "removed"])))
async def test_any_order_comes_to_one_end(asked, order):
    for which in (*order, *order):
        await play(asked, which)
    assert (await ride(asked)).state is State.DONE
    statuses = {one.user_id: one.status for one in await asked.store().relations.of_customer("wm1")}
    assert statuses == {"chen": Status.MOVED, "lin": Status.ACTIVE}
    assert [one[1] for one in await asked.decisions() if one[0] == "transfer"].count("done") == 1
    assert (await asked.timeline()).count("transferred") == 1
    marks = await asked.intents(MarkTags)
    assert [(mark.user_id, mark.add, mark.rule, mark.source) for mark in marks] == [
        ("lin", ("et1",), "", "staff"), ("lin", ("et2",), "rule:7@2", "rule"),
    ]  # fmt: skip
    (remark,) = await asked.intents(SetRemark)
    assert (remark.user_id, remark.remark, remark.description) == ("lin", "周女士", "秋冬新品")
    assert [task.text for task in await asked.store().tasks.open("lin")] == ["回电话"]
    assert await asked.store().tasks.open("chen") == ()


async def test_a_scan_of_the_takers_own_code_is_no_takeover(asked):
    asked.world.show("小周", user_id="lin", add_way=1, added_at=TAKEN)
    await asked.run(takeovers.join, ADDED)
    await asked.run(takeovers.join, ContactAdded(corp_id="ww1", at=TAKEN, state="door", **TAKER))
    assert (await ride(asked)).state is State.ASKED


async def test_what_happened_before_it_was_asked_for_belongs_to_something_else(asked):
    await asked.run(takeovers.miss, TransferFailed(corp_id="ww1", at=START, reason="customer_refused", **TAKER))
    assert (await ride(asked)).state is State.ASKED


async def test_a_refusal_is_one_and_told_in_the_summary_only(asked):
    for _ in range(2):
        for handler in (takeovers.miss, removals.fail, removals.report):
            await asked.run(handler, REFUSED)
    assert (await ride(asked)).state is State.REFUSED
    assert [what for what in await asked.timeline() if "transfer" in what] == ["transfer_refused"]
    assert await asked.intents(Prompt) == []
    assert ("alert", "skipped", "transfer_summed_up") in await asked.decisions()
    assert (await asked.store().relations.find("wm1", "chen")).status is Status.ACTIVE


async def test_the_taker_is_neither_introduced_nor_is_the_customer_new_to_flows(asked):
    await publish(asked, draft({"day": {"kind": "wait", "for": "P1D"}}))
    await asked.run(introduce, ADDED)
    await happen(asked, "added", ADDED.external_user_id, ADDED.user_id)
    assert await asked.intents(Prompt) == []
    assert await inside(asked) == []
    assert [reason for *_, reason in await asked.decisions()] == ["transfer_brought"]


async def test_the_takers_own_remark_stays(asked):
    await asked.record(Deed.ADDED, after(hours=1), user_id="lin")
    store = asked.store()
    about = {"adds": 1, "first_added_at": START, "added_at": START, "changed_at": START}
    store.relations.describe(Relation(status=Status.ACTIVE, remark="老周", description="有车", **about, **TAKER))
    await store.commit()
    await play(asked, "result")
    assert await asked.intents(SetRemark) == []


async def test_ends_are_told_together(asked):
    await play(asked, "result")
    due = TakeoverDue(corp_id="ww1", at=TAKEN, transfer_id=asked.transfer.id, user_id="lin")
    assert ("takeover_due") in [kind for _, kind in await asked.timers()]
    await asked.run(takeovers.report, due)
    await asked.run(takeovers.report, due)
    taker, lead = await asked.intents(Prompt)
    assert (taker.users, lead.users) == (("lin",), ("lead",))
    assert "陈宇 的 1 位客户已转接给你" in taker.text
    assert "成功：1" in lead.text


CALL = TransferCustomers(transfer_id=1, number=0, handover="chen", taker="lin", customers=("wm1", "wm2", "wm3"))


@pytest.mark.parametrize(
    ("ending", "states"),
    [
        ({"result": {"codes": {"wm1": 0, "wm2": 40128}}}, {"wm1": "waiting", "wm2": "failed"}),
        ({"result": {"codes": {"wm1": 40129, "wm2": 40099}, "doubtful": True}}, {"wm1": "waiting", "wm2": "limit"}),
        ({"outcome": Outcome.REFUSED, "code": 40205}, dict.fromkeys(CALL.customers, "failed")),
        ({"outcome": Outcome.REFUSED, "code": 40099}, dict.fromkeys(CALL.customers, "limit")),
        ({"outcome": Outcome.CANCELLED}, dict.fromkeys(CALL.customers, "failed")),
        ({"outcome": Outcome.DEAD}, {}),
        ({"outcome": Outcome.LATE, "result": {"doubtful": True}}, {}),
    ],
)
async def test_the_end_of_a_call_is_news_to_each_of_whom_it_says_anything(desk, ending, states):
    await desk.settle(answered, CALL, **ending)
    news = await desk.events("transfer_told")
    assert {one["external_user_id"]: one["state"] for one in news} == states
    assert [name for name, _ in await desk.timers()] == ["transfer:look:chen:lin:0"]


async def test_after_a_week_nobody_waits_any_longer(asked):
    body = {"handover": "chen", "taker": "lin", "resigned": False}
    store = asked.store()
    job_id = store.jobs.start("transfer_look", [Plan()], body=body)
    await store.commit()
    over = JobEnded(corp_id="ww1", at=TAKEN, job="transfer_look", job_id=job_id, status="done")
    await asked.run(wait, over)
    assert [name for name, _ in await asked.timers()] == ["transfer:look:chen:lin:0"]
    assert await asked.events("transfer_told") == []
    asked.now = after(days=9)
    await asked.run(wait, over)
    (news,) = await asked.events("transfer_told")
    assert news["state"] == "expired"


async def test_of_a_transfer_that_is_given_up_nobody_more_is_asked_for(asked):
    store = asked.store()
    store.rides.plan(asked.transfer, [Given("wm2", "lin")])
    store.jobs.end(await store.jobs.get(asked.transfer.job_id), "cancelled")
    await store.commit()
    over = JobEnded(corp_id="ww1", at=TAKEN, job="transfer", job_id=asked.transfer.job_id, status="cancelled")
    await asked.run(conclude, over)
    rides = await asked.store().rides.page(asked.transfer.id)
    assert [(one.subject, one.state, one.reason) for one in rides] == [
        ("wm1", State.ASKED, ""), ("wm2", State.FAILED, "cancelled"),
    ]  # fmt: skip


async def test_a_transfer_of_nobody_is_told_of_too(asked):
    store = asked.store()
    empty = store.transfers.add(Transfer(handover="chen", takers=(Taker(user_id="lin"),)), which=Which())
    store.rides.plan(empty, [LeftOut("wm5", "in_transfer")])
    await store.commit()
    over = JobEnded(corp_id="ww1", at=TAKEN, job="transfer", job_id=empty.job_id, status="done")
    await asked.run(conclude, over)
    await asked.run(takeovers.report, TakeoverDue(corp_id="ww1", at=TAKEN, transfer_id=empty.id, user_id=""))
    (summary,) = await asked.intents(Prompt)
    assert (summary.users, "未发起：1" in summary.text) == (("lead",), True)


async def test_news_that_comes_after_a_week_counts(asked):
    await asked.run(takeovers.learn, told(asked, State.EXPIRED))
    await play(asked, "removed")
    assert (await ride(asked)).state is State.DONE
    await asked.run(takeovers.miss, REFUSED)
    assert (await ride(asked)).state is State.DONE


async def test_a_look_at_the_unassigned_that_halted_goes_on(desk):
    due = UnassignedDue(corp_id="ww1", at=START)
    await desk.run(begin, due)
    await desk.run(begin, due)
    (job,) = await desk.store().jobs.page(kind="unassigned")
    await desk.apply(lambda store: store.jobs.end(job, "partial"))
    await desk.run(begin, due)
    (job,) = await desk.store().jobs.page(kind="unassigned")
    assert job.status == "running"
