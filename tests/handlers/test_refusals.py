"""Whoever opted out right before a call of which no answer came was left out of it, and did not fail."""

from sop.policy import MARKETING
from storage.engine.sql import Statement
from tests.handlers.test_mailings import look, lose, mail, wecom

__all__ = ["wecom"]


async def fates(desk):
    sql = Statement("SELECT subject, status, reason FROM deliveries ORDER BY subject")
    rows = await desk.store().scope.database.fetch(sql)
    return {row["subject"]: (row["status"], row["reason"]) for row in rows}


async def test_who_was_left_out_of_a_call_without_answer_has_opted_out_and_did_not_fail(desk, wecom):
    mailing = await mail(desk, "wm1", "wm2")
    store = desk.store()
    await store.policy.consents.say("wm1", MARKETING, given=False, by="customer")
    await store.commit()
    await lose(desk, mailing)
    wecom.have("m1", desk.now, {"chen": ["wm2"]})
    await look(desk, mailing, seconds=30)
    assert await fates(desk) == {"wm1": ("cancelled", "opted_out"), "wm2": ("tasked", "")}
