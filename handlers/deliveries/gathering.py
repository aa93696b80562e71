"""What is due together goes into as few mailings as may be, in batches that announce the next."""

from datetime import datetime, timedelta

from handlers.router import Router
from sop.deliveries import Origin
from sop.deliveries.mailings import MAKE
from sop.events import MailingDue, MailingsDue
from sop.intents import MakeMailing
from storage.deliveries.gathering import Gathering
from storage.store import Store

ROWS = 50_000  # deliveries in a batch, and a mailing more
MAILINGS = 300  # in a batch
FORGOTTEN = timedelta(hours=1)  # after which a mailing is looked at whose timer was lost
router = Router()


@router.on(MailingsDue)
async def gather(event: MailingsDue, store: Store) -> None:
    """Put what is due into mailings and have them made; look again when the next is due."""
    gathering, batch = store.deliveries.gathering, _Batch(store)
    waits: list[datetime] = []
    for origin, origin_id in await gathering.origins():
        found = await batch.fill(origin, origin_id)
        if batch.full:
            store.announce(MailingsDue(corp_id=event.corp_id, at=store.now))
            return
        due = await gathering.next_due(origin, origin_id)
        if due:
            waits.append(due)
        elif not found:
            gathering.rest(origin, origin_id)
    if waits:
        store.deliveries.ring(min(waits))


@router.on(MailingsDue)
async def sweep(event: MailingsDue, store: Store) -> None:
    """Look at mailings that nobody has looked at for long: something has gone wrong with them."""
    for mailing in await store.deliveries.mailings.forgotten(since=FORGOTTEN):
        due = MailingDue(corp_id=event.corp_id, at=store.now, mailing_id=mailing.id)
        store.schedule(due, name=f"mailing:{mailing.id}", due_at=store.now)


class _Batch:
    """The mailings of one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._gathering: Gathering = store.deliveries.gathering
        self._rows = self._mailings = 0

    @property
    def full(self) -> bool:
        """Whether the rest is for the next."""
        return self._rows >= ROWS or self._mailings >= MAILINGS

    async def fill(self, origin: Origin, origin_id: int) -> bool:
        """Take what is due of a flow or broadcast, as far as there is room; whether anything was."""
        found = await self._gathering.alike(origin, origin_id, most=MAILINGS - self._mailings)
        for alike in found:
            for size in alike.sizes:
                if self.full:
                    return True
                mailing_id = self._gathering.take(alike, size)
                # Claimed, not begun at the commit: a thousand at once would be in the way of what is urgent.
                self._store.intend(
                    MakeMailing(mailing_id=mailing_id), deadline=self._store.now + MAKE, due_at=self._store.now
                )
                self._rows += size
                self._mailings += 1
        return bool(found)
