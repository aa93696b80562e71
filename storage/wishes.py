"""Wishes: how an intent gets into the outbox, once per effect."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine.sql import Answer, Statement, Unit
from storage.outbox import Order
from storage.scope import Hands
from storage.values import new_id, to_ms

_COLUMNS = (
    "id", "corp_id", "app", "kind", "effect", "lane", "body", "status",
    "created_at", "deadline_at", "due_at", "event_id", "handler",
)  # fmt: skip
_NAMES, _VALUES = ", ".join(_COLUMNS), ", ".join(f":{name}" for name in _COLUMNS)
_INTEND = Statement(f"INSERT INTO intents ({_NAMES}) VALUES ({_VALUES}) ON CONFLICT (corp_id, effect) DO NOTHING")
# Born in the hands of the process that writes it, unless another of its lane is there before it.
_FREE = "(NOT EXISTS (SELECT 1 FROM intents AS o WHERE o.lane = :lane AND o.open))"
_INTEND_HELD = Statement(f"""
    INSERT INTO intents ({_NAMES}, attempt, fence, lease_until)
    VALUES ({_VALUES}, CASE WHEN {_FREE} THEN 1 ELSE 0 END, CASE WHEN {_FREE} THEN 1 ELSE 0 END,
            CASE WHEN {_FREE} THEN CAST(:until AS BIGINT) ELSE 0 END)
    ON CONFLICT (corp_id, effect) DO NOTHING RETURNING id, lease_until
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An intent on its way into the outbox, with who wants it and until when it makes sense."""

    corp_id: str
    app: str
    kind: str
    effect: str
    lane: str
    body: str
    created_at: datetime
    deadline_at: datetime
    due_at: datetime | None = None
    event_id: int | None = None
    handler: str = ""


def intend(unit: Unit, wish: Wish, hands: Hands[Order] | None = None) -> int:
    """Put an intent into a unit; the id it gets unless its effect is wanted or done already.

    `hands` that have room begin with it when the unit is committed; else it is claimed.
    """
    identity = new_id()
    created = to_ms(wish.created_at)
    values = {
        "id": identity,
        "corp_id": wish.corp_id,
        "app": wish.app,
        "kind": wish.kind,
        "effect": wish.effect,
        "lane": f"{wish.corp_id}/{wish.lane}",
        "body": wish.body,
        "status": "open",
        "created_at": created,
        "deadline_at": to_ms(wish.deadline_at),
        "due_at": created if wish.due_at is None else to_ms(wish.due_at),
        "event_id": wish.event_id,
        "handler": wish.handler,
    }
    until = hands.offer() if hands and wish.due_at is None else None
    if hands is None or until is None:
        unit.stirs.add("intents")
        unit.add(_INTEND, values)
    else:
        unit.ask(_INTEND_HELD, {**values, "until": to_ms(until)}, lambda rows: _give(hands, wish, rows))
    return identity


def _give(hands: Hands[Order], wish: Wish, rows: Answer) -> None:
    """What was born held goes into the hands; of an effect that was there already nothing is to be done."""
    for row in rows:
        if not row["lease_until"]:
            hands.wait(f"{wish.corp_id}/{wish.lane}")
            continue
        hands.take(
            Order(
                id=row["id"],
                corp_id=wish.corp_id,
                app=wish.app,
                kind=wish.kind,
                effect=wish.effect,
                lane=f"{wish.corp_id}/{wish.lane}",
                body=wish.body,
                created_at=wish.created_at,
                deadline_at=wish.deadline_at,
                attempt=1,
                doubtful=False,
                fence=1,
                event_id=wish.event_id,
                handler=wish.handler,
            )
        )
