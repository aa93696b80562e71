"""What is due together goes into as few mailings as may be, in batches that announce the next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.deliveries.late import rejudge
from handlers.router import Router
from sop.deliveries.mailings import MAKE
from sop.events import MailingDue, MailingsDue
from sop.intents import MakeMailing
from storage.store import Store

ROWS = 20_000  # deliveries in a batch
MAILINGS = 300  # that a batch begins, or has made
FORGOTTEN = timedelta(hours=1)  # after which a mailing is looked at whose timer was lost
router = Router()


@router.on(MailingsDue)
async def gather(event: MailingsDue, store: Store) -> None:
    """Put what is due into mailings, then have them made; look again when the next is due."""
    if await store.policy.consents.enforce():  # first without those who opted out while it was planned
        store.announce(MailingsDue(corp_id=event.corp_id, at=store.now))
        return
    gathering = store.deliveries.gathering
    waits: list[datetime] = []
    for origin, origin_id in await gathering.origins():
        if await rejudge(origin, origin_id, store):
            store.announce(MailingsDue(corp_id=event.corp_id, at=store.now))
            return
        due = await gathering.due(origin, origin_id, most=ROWS)
        placed = await gathering.place(origin, origin_id, due, mailings=MAILINGS) if due else 0
        filled = () if due else await gathering.filled(origin, origin_id, most=MAILINGS)
        _make(filled, store)
        if placed or len(filled) == MAILINGS:
            store.announce(MailingsDue(corp_id=event.corp_id, at=store.now))
            return
        later = await gathering.next_due(origin, origin_id)
        if later:
            waits.append(later)
        elif not filled:
            gathering.rest(origin, origin_id)
    if waits:
        store.deliveries.ring(min(waits))


@router.on(MailingsDue)
async def sweep(event: MailingsDue, store: Store) -> None:
    """Look at mailings that nobody has looked at for long: something has gone wrong with them."""
    for mailing in await store.deliveries.mailings.forgotten(since=FORGOTTEN):
        due = MailingDue(corp_id=event.corp_id, at=store.now, mailing_id=mailing.id)
        store.schedule(due, name=f"mailing:{mailing.id}", due_at=store.now)


def _make(mailing_ids: Sequence[int], store: Store) -> None:
    """Claimed, not begun at the commit: hundreds at once would be in the way of what is urgent."""
    store.deliveries.gathering.make(mailing_ids)
    for mailing_id in mailing_ids:
        store.intend(MakeMailing(mailing_id=mailing_id), deadline=store.now + MAKE, due_at=store.now)
