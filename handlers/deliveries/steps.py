"""The steps of a mailing, whoever takes them: it waits, is made anew, is looked at later, comes to its end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sop.deliveries import Status as Delivered
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import SETTING, Mailing, Pace, Status, read_pace
from sop.events import DeliveriesEnded, MailingDue
from sop.intents import MakeMailing
from storage.store import Store

_FATES = {
    Status.CANCELLED: Delivered.CANCELLED,
    Status.REFUSED: Delivered.FAILED,
    Status.UNKNOWN: Delivered.FAILED,
    Status.ENDED: Delivered.UNSENT,
}


async def pace(store: Store) -> Pace:
    """When things are done, as operators have set it."""
    return read_pace(await store.settings.get(SETTING, dict[str, object]()))


def about(mailing: Mailing) -> dict[str, Any]:
    """What decisions about it say of it."""
    return {
        "rule": f"mailing:{mailing.id}",
        "user_id": mailing.user_id,
        "origin": f"{mailing.origin}:{mailing.origin_id}",
    }


async def follow(mailing: Mailing, store: Store, *, made_at: datetime, changed: bool) -> None:
    """WeCom has it: read its results from now on, or stop it where it is called off by now."""
    made = replace(mailing, status=Status.MADE, made_at=made_at, reason="", code=0, looks=0)
    if made.user_id:
        store.deliveries.results.meet(made.id, {made.user_id: None})
    if changed:
        tell(made, store)
    due_at = store.now if made.ending else rules.next_poll(made, store.now, await pace(store))
    look_at(made, store, due_at=due_at)


def look_at(mailing: Mailing, store: Store, *, due_at: datetime) -> None:
    """Note how it stands, and look at it then."""
    store.deliveries.mailings.move(replace(mailing, poll_at=due_at))
    due = MailingDue(corp_id=store.scope.corp_id, at=due_at, mailing_id=mailing.id)
    store.schedule(due, name=f"mailing:{mailing.id}", due_at=due_at)


def make_anew(mailing: Mailing, store: Store, *, after: timedelta, reason: str, said: str = "") -> None:
    """What WeCom surely has not made is tried once more."""
    again = replace(mailing, status=Status.MAKING, tries=mailing.tries + 1, reason=reason)
    store.deliveries.mailings.move(replace(again, poll_at=store.now + rules.MAKE + timedelta(hours=1)))
    intent = MakeMailing(mailing_id=mailing.id, turn=again.tries)
    deadline = max(mailing.created_at + rules.MAKE, store.now + timedelta(hours=1))
    intent_id = store.intend(intent, deadline=deadline, due_at=store.now + after)
    store.decide("mailing", "delayed", reason, intent_id=intent_id, said=said, tries=again.tries, **about(mailing))


async def give_up(mailing: Mailing, store: Store, *, status: Status, reason: str, said: str) -> None:
    """Nothing more is sent of it: what is still open has come to the end that belongs to its status."""
    store.deliveries.results.end_all(mailing.id, _FATES[status].value, reason)
    ended = Status.ENDED if status is Status.UNKNOWN else status
    store.deliveries.mailings.move(
        replace(mailing, status=ended, reason=reason, ended_at=store.now, poll_at=None, polled_at=store.now)
    )
    store.cancel(f"mailing:{mailing.id}")
    verdict = {Status.CANCELLED: "cancelled", Status.ENDED: "done"}.get(status, "failed")
    facts = {"code": mailing.code, "said": said, "count": mailing.count}
    store.decide("mailing", verdict, reason or rules.ENDED, **facts, **about(mailing))
    tell(mailing, store)


def tell(mailing: Mailing, store: Store) -> None:
    """Whoever wanted these messages hears that some have come to their end."""
    store.announce(
        DeliveriesEnded(
            corp_id=store.scope.corp_id,
            at=store.now,
            origin=mailing.origin,
            origin_id=mailing.origin_id,
            mailing_id=mailing.id,
        )
    )
