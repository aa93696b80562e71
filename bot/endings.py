"""How the end of an intent is told: to the handlers that wait for it, else to whoever asks why."""

from datetime import datetime

from sop import events as own
from sop import reasons
from sop.events import Outcome, Settled
from storage.database import Database
from storage.engine.sql import Unit
from storage.inbox import Arrival
from storage.outbox import Ending, Order
from storage.scope import Hands, Scope
from storage.store import SOON, Store
from storage.values import decode, encode


def late(reason: str, *, doubtful: bool, code: int = 0) -> Ending:
    """The end of what had no time left; `doubtful` when an attempt may have been performed all the same."""
    return Ending(outcome=Outcome.LATE, code=code, reason=reason, result={"doubtful": True} if doubtful else None)


def scope(
    order: Order,
    *,
    database: Database,
    now: datetime,
    handler: str,
    unit: Unit,
    hands: Hands[Order] | None = None,
) -> Scope:
    """For whom a handler of the end works: what it does still comes of the event that wanted the intent."""
    return Scope(
        database=database,
        corp_id=order.corp_id,
        app=order.app,
        now=now,
        event_id=order.event_id,
        handler=handler,
        unit=unit,
        hands=hands,
    )


def explain(unit: Unit, order: Order, ending: Ending, *, database: Database, now: datetime) -> None:
    """A bad end that no handler waits for has its reason, too."""
    about = {"intent_id": order.id, "code": ending.code, "said": ending.reason}
    here = scope(order, database=database, now=now, handler=order.handler, unit=unit)
    Store(here).decide(order.kind, ending.outcome.value, reasons.NOT_DELIVERED, **about)


def event(order: Order, ending: Ending, *, now: datetime) -> Settled:
    """The end as handlers are told of it."""
    return Settled(
        corp_id=order.corp_id,
        at=now,
        intent_id=order.id,
        intent_kind=order.kind,
        body=order.body,
        outcome=ending.outcome,
        code=ending.code,
        reason=ending.reason,
        result=decode(encode(ending.result or {})),  # of the same plain values as if it had been stored
        lane=order.lane.partition("/")[2],
    )


def tell(order: Order, event: Settled, *, now: datetime) -> Arrival:
    """The same to be stored, and handled in its turn."""
    return Arrival(
        corp_id=order.corp_id,
        app=order.app,
        kind=event.route,
        lane=event.key,
        body=own.dump(event),
        origin="courier",
        occurred_at=now,
        received_at=now,
        deadline_at=now + SOON,
    )
