"""Whoever opts out between gathering and the call is left out of the mailing, and their delivery says why."""

from bot.performers import PERFORMERS, Attempt
from handlers.deliveries import making
from sop.intents import MakeMailing
from sop.policy import ANY_CONTACT, MARKETING
from storage.engine.sql import Statement
from tests.handlers.test_mailings import look, lose, mail, wecom
from wecom.broadcasts import Created

__all__ = ["wecom"]


class _Tools:
    """An app whose calls are only written down."""

    def __init__(self, database):
        self.database, self.client, self.broadcasts, self.asked = database, self, self, []
        self.corp_id, self.app, self.name = "ww1", self, "scrm"

    def at(self, _pace):
        return self

    async def create(self, broadcast):
        self.asked.append(broadcast.customers)
        return Created(msg_id="m1", left_out=())


async def make(desk, mailing):
    tools = _Tools(desk.store().scope.database)
    attempt = Attempt(now=desk.now, created_at=desk.now, within=1, timeout=1, urgent=False, doubtful=False)
    intent = MakeMailing(mailing_id=mailing.id, turn=mailing.tries)
    result = await PERFORMERS[MakeMailing](intent, tools, attempt)
    await desk.settle(making.settled, intent, result=result)
    return tools.asked


async def refuse(desk, **topics):
    for customer, topic in topics.items():
        store = desk.store()
        await store.policy.consents.say(customer, topic, given=False, by="customer")
        await store.commit()


async def fates(desk):
    sql = Statement("SELECT subject, status, reason FROM deliveries ORDER BY subject")
    rows = await desk.store().scope.database.fetch(sql)
    return {row["subject"]: (row["status"], row["reason"]) for row in rows}


async def test_who_opts_out_before_the_call_is_left_out_of_it(desk):
    mailing = await mail(desk, "wm1", "wm2", "wm3", "wm4")
    await refuse(desk, wm1=MARKETING, wm2=ANY_CONTACT, wm3="another")
    assert await make(desk, mailing) == [("wm3", "wm4")]
    assert await fates(desk) == {
        "wm1": ("cancelled", "opted_out"),
        "wm2": ("cancelled", "blocked"),
        "wm3": ("tasked", ""),
        "wm4": ("tasked", ""),
    }


async def test_where_all_have_opted_out_nothing_is_called(desk):
    mailing = await mail(desk, "wm1")
    await refuse(desk, wm1=MARKETING)
    assert await make(desk, mailing) == []
    assert await fates(desk) == {"wm1": ("cancelled", "opted_out")}


async def test_who_was_left_out_of_a_call_without_answer_has_opted_out_and_did_not_fail(desk, wecom):
    mailing = await mail(desk, "wm1", "wm2")
    await refuse(desk, wm1=MARKETING)
    await lose(desk, mailing)
    wecom.have("m1", desk.now, {"chen": ["wm2"]})
    await look(desk, mailing, seconds=30)
    assert await fates(desk) == {"wm1": ("cancelled", "opted_out"), "wm2": ("tasked", "")}
