"""A mailing is looked for: what fits is adopted, what may be another's left alone, what is not there made anew."""

from dataclasses import dataclass, field

import pytest

from handlers.deliveries import finding, gathering, looking, making
from sop.deliveries import Content, Message
from sop.deliveries.mailings import Status
from sop.events import MailingDue, MailingsDue, Outcome
from sop.intents import MakeMailing
from sop.policy import Send
from storage.engine.sql import Statement
from tests.handlers.desk import START, after
from wecom.broadcasts import Delivery, DeliveryStatus, Record, Task, Text
from wecom.pages import Page

HELLO = Content(text="你好")


@dataclass
class Wecom:
    """The mass messages that WeCom lists, each with its members and their customers."""

    records: list[Record] = field(default_factory=list)
    shares: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    status: DeliveryStatus = DeliveryStatus.UNSENT

    def have(self, msg_id, at, shares, *, text="你好"):
        self.records.append(Record(msg_id=msg_id, created_at=at, text=Text(text)))
        self.shares[msg_id] = shares

    async def broadcasts(self, _kind, start, end, _cursor):
        return Page(tuple(each for each in self.records if start <= each.created_at <= end), "")

    async def broadcast_tasks(self, msg_id, _cursor):
        confirmed = 2 if self.status else 0
        return Page(tuple(Task(user_id=user_id, status=confirmed) for user_id in self.shares[msg_id]), "")

    async def broadcast_results(self, msg_id, user_id, _cursor):
        rows = (
            Delivery(user_id=user_id, external_user_id=one, status=self.status) for one in self.shares[msg_id][user_id]
        )
        return Page(tuple(rows), "")


@pytest.fixture
def wecom(desk):
    desk.world = Wecom()
    yield desk.world
    finding._SENDERS.clear()


async def mail(desk, *customers, user_id="chen", origin_id=1, content=HELLO):
    """A mailing to these that is on its way."""
    store = desk.store()
    judged = [
        (
            Message(
                kind="single", subject=one, user_id=user_id, content=content, origin="flow", origin_id=origin_id,
                effect=f"{origin_id}:{one}", due_at=desk.now,
            ),
            Send(),
            origin_id,
        )
        for one in customers
    ]  # fmt: skip
    store.deliveries.plan(judged)
    await store.commit()
    for _ in range(2):  # first they find their place, then it is made
        await desk.run(gathering.gather, MailingsDue(corp_id="ww1", at=desk.now))
    (mailing,) = await desk.store().deliveries.mailings.page(origin_id=origin_id)
    return mailing


async def lose(desk, mailing, **ending):
    """No answer came."""
    ending = {"outcome": Outcome.UNKNOWN, "reason": "unknown_not_repeated", **ending}
    await desk.settle(making.settled, MakeMailing(mailing_id=mailing.id, turn=mailing.tries), **ending)


async def look(desk, mailing, **span):
    desk.now = after(**span)
    await desk.run(looking.look, MailingDue(corp_id="ww1", at=desk.now, mailing_id=mailing.id))
    return await desk.store().deliveries.mailings.get(mailing.id)


async def test_what_fits_is_adopted_and_whom_it_leaves_out_was_not_reached(desk, wecom):
    mailing = await mail(desk, "wm1", "wm2", "wm3")
    await lose(desk, mailing)
    wecom.have("m1", START, {"chen": ["wm1", "wm3"]})
    found = await look(desk, mailing, seconds=30)
    assert (found.status, found.msg_id, found.made_at, found.failed) == (Status.MADE, "m1", START, 1)
    counts = await desk.store().deliveries.results.counts(mailing.id)
    assert sorted(counts) == [("failed", "not_reached", 1), ("tasked", "", 2)]


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ({"li": ["wm1"]}, "你好"),  # another member's
        ({"chen": ["wm1", "wm9"]}, "你好"),  # to somebody we did not mean
        ({"chen": ["wm1"]}, "您好"),  # says something else
    ],
)
async def test_what_does_not_fit_is_not_ours_and_after_a_time_it_is_made_anew(desk, wecom, shares, text):
    mailing = await mail(desk, "wm1", "wm2")
    await lose(desk, mailing)
    wecom.have("m1", START, shares, text=text)
    assert (await look(desk, mailing, minutes=5)).status is Status.UNKNOWN
    found = await look(desk, mailing, minutes=10)
    assert (found.status, found.tries) == (Status.MAKING, 1)
    assert [intent.turn for intent in await desk.intents(MakeMailing)] == [0, 1]
    await desk.settle(making.settled, MakeMailing(mailing_id=mailing.id), result={"msg_id": "m0", "count": 2})
    again = await look(desk, mailing, minutes=11)
    assert again == found  # the end of the first try, told late, says nothing of the second


async def test_what_is_known_as_ours_is_not_adopted_again(desk, wecom):
    first = await mail(desk, "wm1", "wm2")
    await desk.settle(making.settled, MakeMailing(mailing_id=first.id), result={"msg_id": "m1", "count": 2})
    second = await mail(desk, "wm1", "wm2", origin_id=2)
    await lose(desk, second)
    wecom.have("m1", START, {"chen": ["wm1", "wm2"]})
    assert (await look(desk, second, minutes=10)).status is Status.MAKING


async def test_what_may_as_well_be_anothers_stays_unknown_and_is_told_once(desk, wecom):
    await desk.apply(lambda store: store.settings.put("alarm.receivers", ["boss"]))
    first, second = await mail(desk, "wm1", "wm2"), await mail(desk, "wm1", "wm2", origin_id=2)
    for mailing in (first, second):
        await lose(desk, mailing)
    wecom.have("m1", START, {"chen": ["wm1", "wm2"]})
    for minutes in (10, 20, 90):
        for mailing in (first, second):
            assert (await look(desk, mailing, minutes=minutes)).status is Status.UNKNOWN
    assert len(await desk.intents(MakeMailing)) == 2
    alarms = [decision for decision in await desk.decisions() if decision[0] == "alert"]
    assert alarms == [("alert", "sent", "mailing_unknown")] * 2
    found = await look(desk, first, days=8)
    assert (found.status, found.reason) == (Status.ENDED, "mailing_unknown")
    assert await desk.store().deliveries.results.counts(first.id) == [("failed", "mailing_unknown", 2)]


async def test_late_or_dead_without_a_doubt_comes_to_an_end_with_the_reason(desk, wecom):
    mailing = await mail(desk, "wm1")
    await lose(desk, mailing, outcome=Outcome.LATE, reason="deadline_passed")
    assert await desk.store().deliveries.results.counts(mailing.id) == [("failed", "mailing_late", 1)]
    doubtful = await mail(desk, "wm2", origin_id=2)
    await lose(desk, doubtful, outcome=Outcome.LATE, reason="deadline_passed", result={"doubtful": True})
    assert (await desk.store().deliveries.mailings.get(doubtful.id)).status is Status.UNKNOWN


async def test_what_an_operator_can_mend_is_tried_again_and_the_rest_is_not(desk, wecom):
    mailing = await mail(desk, "wm1")
    await lose(desk, mailing, outcome=Outcome.REFUSED, code=60020, reason="ip not trusted")
    found = await desk.store().deliveries.mailings.get(mailing.id)
    assert (found.status, found.tries) == (Status.MAKING, 1)
    await lose(desk, found, outcome=Outcome.REFUSED, code=41048, reason="nobody")
    found = await desk.store().deliveries.mailings.get(mailing.id)
    assert (found.status, found.code) == (Status.REFUSED, 41048)
    assert await desk.store().deliveries.results.counts(mailing.id) == [("failed", "no_recipient", 1)]


async def test_an_end_that_is_told_twice_changes_nothing(desk, wecom):
    mailing = await mail(desk, "wm1")
    for _ in range(2):
        await desk.settle(making.settled, MakeMailing(mailing_id=mailing.id), result={"msg_id": "m1", "count": 1})
    wecom.shares["m1"] = {"chen": ["wm1"]}
    wecom.status = DeliveryStatus.SENT
    for minutes in (1, 2):
        found = await look(desk, mailing, minutes=minutes)
    assert (found.status, await desk.timeline("wm1")) == (Status.ENDED, ["messaged"])
    assert [body["mailing_id"] for body in await desk.events("deliveries_ended")] == [mailing.id]


async def test_who_uses_many_words_needs_many_mailings_in_several_batches(desk):
    contents = [Content(text=f"你好 {number}") for number in range(7)]
    store = desk.store()
    about = {"kind": "single", "user_id": "chen", "origin": "flow", "origin_id": 1, "due_at": desk.now}
    store.deliveries.plan(
        [
            (Message(subject=f"wm{number}", content=content, effect=str(number), **about), Send(), 1)
            for number, content in enumerate(contents)
        ]
    )
    await store.commit()
    due = await desk.store().deliveries.gathering.due("flow", 1, most=100)
    store = desk.store()
    assert await store.deliveries.gathering.place("flow", 1, due, mailings=3) == 3
    await store.commit()
    rows = await desk.database.fetch(Statement("SELECT COUNT(*) AS count FROM mailings WHERE count = 1"))
    assert rows[0]["count"] == 3
