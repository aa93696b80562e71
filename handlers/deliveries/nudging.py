"""Members who have not confirmed are reminded, then their leads are told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.deliveries import steps
from handlers.removals import RECEIVERS
from sop import alerts
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import Mailing, Pace
from sop.intents import RemindMailing
from sop.prompts import Voice, join
from storage.store import Store

PATIENCE = timedelta(minutes=10)  # a reminder that WeCom puts off for longer is not worth another
NAMES = 10  # of members in one message


async def nudge(mailing: Mailing, store: Store, *, pace: Pace, wanted: bool) -> Mailing:
    """Remind members if it is time or somebody wants it, tell their leads if it is time; the mailing as it is then."""
    voice = await store.settings.voice()
    due = rules.wants_reminder(mailing, store.now, pace, zone=voice.zone)
    if (due or wanted) and await store.deliveries.results.unconfirmed(mailing.id, most=1):
        number = mailing.looks
        intent = RemindMailing(mailing_id=mailing.id, msg_id=mailing.msg_id, number=number)
        intent_id = store.intend(intent, deadline=store.now + PATIENCE)
        store.decide("mailing", "reminded", rules.REMINDED, intent_id=intent_id, **steps.about(mailing))
        mailing = replace(mailing, reminders=mailing.reminders + 1, reminded_at=store.now)
    if rules.wants_escalation(mailing, store.now, pace):
        await _escalate(mailing, store, voice, hours=pace.escalate_hours)
        mailing = replace(mailing, escalated_at=store.now)
    return mailing


async def _escalate(mailing: Mailing, store: Store, voice: Voice, *, hours: float) -> None:
    """Tell each lead in one message of all members who have not confirmed this flow's or broadcast's tasks."""
    before = store.now - timedelta(hours=hours)
    late = await store.deliveries.workload.overdue(mailing.origin, mailing.origin_id, before=before)
    told: dict[str, list[str]] = {}
    for user_id in late:
        for lead in await store.staff.leads(user_id):
            told.setdefault(lead, []).append(user_id)
    for receiver in await store.settings.get(RECEIVERS, list[str]()):
        told[receiver] = list(late)
    store.deliveries.workload.escalated(mailing.origin, mailing.origin_id, before=before)
    for lead, members in told.items():
        facts = {"count": sum(late[one] for one in members), "hours": f"{hours:g}"}
        cause = f"mailing:unconfirmed:{mailing.origin}:{mailing.origin_id}:{lead}:{store.now:%Y-%m-%d}"
        names = await _names(members, store, voice)
        prompt = alerts.compose(rules.UNCONFIRMED, voice, users=(lead,), cause=cause, names=names, **facts)
        about = {**steps.about(mailing), "lead": lead, **facts}
        store.decide("mailing", "escalated", rules.ESCALATED, intent_id=store.intend(prompt), **about)


async def _names(members: Sequence[str], store: Store, voice: Voice) -> str:
    shown = []
    for user_id in members[:NAMES]:
        member = await store.staff.find(user_id)
        shown.append(member.name if member else user_id)
    return join(tuple(shown), voice) + (" …" if len(members) > NAMES else "")
