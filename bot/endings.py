"""How the end of an intent is told: to the handlers that wait for it, else to whoever asks why."""

from datetime import datetime

from sop import events as own
from sop import reasons
from sop.events import Outcome, Settled
from storage.database import Database
from storage.inbox import Arrival
from storage.outbox import Ending, Order
from storage.scope import Scope
from storage.sql import Unit
from storage.store import SOON, Store


def late(reason: str, *, doubtful: bool, code: int = 0) -> Ending:
    """The end of what had no time left; `doubtful` when an attempt may have been performed all the same."""
    return Ending(outcome=Outcome.LATE, code=code, reason=reason, result={"doubtful": True} if doubtful else None)


def explain(unit: Unit, order: Order, ending: Ending, *, database: Database, now: datetime) -> None:
    """A bad end that no handler waits for has its reason, too."""
    scope = Scope(
        database=database,
        corp_id=order.corp_id,
        app=order.app,
        now=now,
        event_id=order.event_id,
        handler=order.handler,
        unit=unit,
    )
    about = {"intent_id": order.id, "code": ending.code, "said": ending.reason}
    Store(scope).decide(order.kind, ending.outcome.value, reasons.NOT_DELIVERED, **about)


def tell(order: Order, ending: Ending, kind: str, now: datetime) -> Arrival:
    """The event that tells of the end, for the handlers of its kind."""
    event = Settled(
        corp_id=order.corp_id,
        at=now,
        intent_id=order.id,
        intent_kind=order.kind,
        body=order.body,
        outcome=ending.outcome,
        code=ending.code,
        reason=ending.reason,
        result=dict(ending.result or {}),
        lane=order.lane.partition("/")[2],
    )
    return Arrival(
        corp_id=order.corp_id,
        app=order.app,
        kind=kind,
        lane=event.key,
        body=own.dump(event),
        origin="courier",
        occurred_at=now,
        received_at=now,
        deadline_at=now + SOON,
    )
