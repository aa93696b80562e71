"""What is called off: planned rows in batches, tasks at WeCom one by one, with a last look at what was sent."""

from typing import cast

from handlers.deliveries import steps
from handlers.router import Router
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import Status
from sop.events import CancelDue, DeliveriesEnded, MailingDue, Outcome, Settled
from sop.intents import CancelMailing, RemindMailing
from storage.store import Store

ROWS = 20_000  # planned deliveries in a batch
MAILINGS = 300
router = Router()


@router.on(CancelDue)
async def cancel(event: CancelDue, store: Store) -> None:
    """Call off the next of what is planned, then each task that goes on."""
    which, stopping = (event.origin, event.origin_id), store.deliveries.stopping
    until = await stopping.until(*which)
    if until is None:
        return
    more = await stopping.cancel(*which, until=until, most=ROWS) == ROWS
    found = () if more else await store.deliveries.mailings.open_of(*which, most=MAILINGS)
    for mailing in found:
        store.deliveries.mailings.want_end(mailing.id, "cancelled")
        store.announce(MailingDue(corp_id=event.corp_id, at=store.now, mailing_id=mailing.id))
    if more or len(found) == MAILINGS:
        store.announce(CancelDue(corp_id=event.corp_id, at=store.now, origin=event.origin, origin_id=event.origin_id))
        return
    stopping.go_on(*which, until=until)
    store.deliveries.ring(store.now)
    store.announce(
        DeliveriesEnded(
            corp_id=event.corp_id, at=store.now, origin=event.origin, origin_id=event.origin_id, mailing_id=0
        )
    )


@router.on(Settled, of=CancelMailing)
async def stopped(event: Settled, store: Store) -> None:
    """Nothing more of it is sent: read for the last time what was."""
    mailing = await store.deliveries.mailings.get(cast(CancelMailing, event.intent).mailing_id)
    if mailing is None or mailing.status is not Status.MADE:
        return
    if event.outcome is not Outcome.DONE:
        about = {"intent_id": event.intent_id, "said": event.said, **steps.about(mailing)}
        store.decide("mailing", event.outcome.value, rules.NOT_STOPPED, **about)
    store.announce(MailingDue(corp_id=event.corp_id, at=store.now, mailing_id=mailing.id, final=True))


@router.on(Settled, of=RemindMailing)
async def reminded(event: Settled, store: Store) -> None:
    """Note what came of a reminder; one too many is not tried again."""
    mailing = await store.deliveries.mailings.get(cast(RemindMailing, event.intent).mailing_id)
    if mailing is None or event.outcome is Outcome.DONE:
        return
    reason = rules.REMIND_FULL if event.code == rules.TOO_MANY_REMINDERS else rules.NOT_REMINDED
    store.decide("mailing", event.outcome.value, reason, intent_id=event.intent_id, **steps.about(mailing))
