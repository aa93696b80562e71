"""Alerts: who is told when something needs a hand, and that each alert goes out once."""

from collections.abc import Iterable

from handlers.removals import RECEIVERS
from sop import alerts, reasons
from sop.alerts import Alert
from storage.store import Store


async def alert(
    told: Alert, store: Store, *, cause: str, reason: str, staff: Iterable[str] = (), **facts: object
) -> bool:
    """Tell the leads of `staff`, and those whom the setting `alarm.receivers` names; whether there is anybody."""
    users: dict[str, None] = {}
    for user_id in staff:
        users |= dict.fromkeys(await store.staff.leads(user_id))
    users |= dict.fromkeys(await store.settings.get(RECEIVERS, list[str]()))
    if not users:
        store.decide("alert", "skipped", reasons.NO_LEAD, cause=cause)
        return False
    prompt = alerts.compose(told, await store.settings.voice(), users=tuple(users), cause=cause, **facts)
    store.decide("alert", "sent", reason, intent_id=store.intend(prompt), cause=cause)
    return True
