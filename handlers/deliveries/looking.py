"""A mailing is looked at: what became of it at WeCom is read until all is known, and who has not confirmed is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from handlers.deliveries import finding, nudging, steps
from handlers.reader import Reader
from handlers.router import Router
from sop.deliveries import Status as Delivered
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import Mailing, Pace, Status
from sop.events import MailingDue
from sop.intents import CancelMailing
from storage.deliveries.results import Result
from storage.store import Store
from wecom.broadcasts import Delivery, DeliveryStatus
from wecom.errors import Refused, TryLater
from wecom.ids import UserId

PAGES = 10  # of results, a thousand each, that are read in a turn
_FATES = {
    DeliveryStatus.SENT: (Delivered.SENT, ""),
    DeliveryStatus.NOT_A_FRIEND: (Delivered.FAILED, rules.NOT_FRIEND),
    DeliveryStatus.CAPPED: (Delivered.FAILED, rules.OVER_CAP),
}
router = Router()


@router.on(MailingDue)
async def look(event: MailingDue, store: Store, reader: Reader) -> None:
    """Look for one of which no answer came, read the results of one that is there."""
    mailing = await store.deliveries.mailings.get(event.mailing_id)
    if mailing is None or not mailing.open:
        return
    pace = await steps.pace(store)
    try:
        if mailing.status is Status.MADE:
            await _read(event, mailing, store, reader=reader, pace=pace)
        elif mailing.status is Status.UNKNOWN or (mailing.poll_at and mailing.poll_at <= store.now):
            await finding.find(mailing, store, reader, pace=pace)
    except (TryLater, Refused) as error:
        later = replace(mailing, looks=mailing.looks + 1, code=error.code)
        plan = rules.next_poll if mailing.status is Status.MADE else rules.next_look
        pause = error.after if isinstance(error, TryLater) else 0.0
        steps.look_at(later, store, due_at=max(plan(later, store.now, pace), store.now + timedelta(seconds=pause)))


async def _read(event: MailingDue, mailing: Mailing, store: Store, *, reader: Reader, pace: Pace) -> None:
    """Read results from where the last turn stopped; when all are read, decide what comes next."""
    turn = _Turn(mailing, store, reader)
    rest = await turn.read(event)
    changed = event.changed or bool(turn.ended)
    if rest:
        user_id, cursor, whole = rest
        store.announce(replace(event, at=store.now, user_id=user_id, cursor=cursor, whole=whole, changed=changed))
        return
    looked = replace(mailing, looks=mailing.looks + 1, polled_at=store.now, code=0)
    counts = await store.deliveries.results.counts(mailing.id)
    left = sum(count for status, _, count in counts if status == Delivered.TASKED) - turn.ended
    if left <= 0:
        await steps.give_up(looked, store, status=Status.ENDED, reason="", said="")
    elif event.final:
        cancelled = mailing.ending == "cancelled"
        status, reason = (Status.CANCELLED, rules.STOPPED) if cancelled else (Status.ENDED, rules.NOT_SENT)
        await steps.give_up(looked, store, status=status, reason=reason, said="")
    else:
        if changed:
            steps.tell(mailing, store)
        await _go_on(event, looked, store, pace=pace)


async def _go_on(event: MailingDue, mailing: Mailing, store: Store, *, pace: Pace) -> None:
    """Stop it where its time is over or somebody has called it off, else nudge who has not confirmed, and wait."""
    ending = mailing.ending
    if not ending and store.now >= rules.ends_at(mailing, pace):
        ending = "unsent"
        store.deliveries.mailings.want_end(mailing.id, ending)
    if ending:
        store.intend(CancelMailing(mailing_id=mailing.id, msg_id=mailing.msg_id, turn=mailing.looks))
        store.deliveries.mailings.move(replace(mailing, poll_at=store.now))
        return
    nudged = await nudging.nudge(mailing, store, pace=pace, wanted=event.remind)
    steps.look_at(nudged, store, due_at=rules.next_poll(nudged, store.now, pace))


@dataclass
class _Turn:
    """One turn of reading, a few pages long."""

    mailing: Mailing
    store: Store
    reader: Reader
    ended: int = 0
    pages: int = field(default=0, init=False)

    async def read(self, event: MailingDue) -> tuple[str, str, bool] | None:
        """Read what is new; where to go on when there is more than fits into a turn."""
        if event.user_id:
            names: Sequence[str] = await self.store.deliveries.results.to_read(self.mailing.id, after=event.user_id)
            names = (event.user_id, *names)
        else:
            names = await self._confirmed()
        cursor, whole = event.cursor, event.whole
        for name in names:
            while True:
                if self.pages >= PAGES:
                    return name, cursor, whole
                cursor, known = await self._page(name, cursor)
                whole = whole and known
                if not cursor:
                    break
            if whole:
                self.store.deliveries.results.close(self.mailing.id, name)
            whole = True
        return None

    async def _confirmed(self) -> Sequence[str]:
        """Who has confirmed by now, without those of whose recipients all is known."""
        found: dict[str, datetime | None] = {}
        cursor = ""
        while True:
            page = await self.reader.broadcast_tasks(self.mailing.msg_id, cursor)
            for task in page.items:
                found[task.user_id] = (task.sent_at or self.store.now) if task.confirmed else None
            cursor = page.cursor
            if not cursor:
                break
        results = self.store.deliveries.results
        results.meet(self.mailing.id, found)
        known = {member.user_id: member for member in await results.members(self.mailing.id, most=len(found) + 1)}
        return sorted(name for name, at in found.items() if at and not (name in known and not known[name].open))

    async def _page(self, name: str, cursor: str) -> tuple[str, bool]:
        """Read a page of a member's results: where the next begins, and whether all on it are known."""
        self.pages += 1
        page = await self.reader.broadcast_results(self.mailing.msg_id, UserId(name), cursor)
        told: dict[str, Delivery] = {one.external_user_id or one.chat_id: one for one in page.items}
        known = {subject: one for subject, one in told.items() if one.status in _FATES}
        waiting = await self.store.deliveries.results.waiting(self.mailing.id, sorted(known))
        self.store.deliveries.results.end(
            self.mailing.id, [self._result(subject, known[subject], name) for subject in sorted(waiting)]
        )
        self.ended += len(waiting)
        return page.cursor, len(known) == len(told)

    def _result(self, subject: str, one: Delivery, name: str) -> Result:
        status, reason = _FATES[one.status]
        if reason == rules.NOT_FRIEND and self.mailing.kind == "group":
            reason = rules.NOT_OWNED
        return Result(subject, status.value, reason, name, one.sent_at or self.store.now)
