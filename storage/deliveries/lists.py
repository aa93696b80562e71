"""Deliveries as they are looked at: of a customer or group, of a mailing, of a flow or broadcast."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sop.deliveries import Kind, Origin, Status
from storage.engine.sql import Row, Statement
from storage.schema.deliveries import deliveries
from storage.scope import Scope
from storage.sight import Staff, among
from storage.values import FOREVER, from_ms, maybe_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one customer or group, why it is on its way or is not, and what became of it."""

    id: int
    kind: Kind
    subject: str
    ordinal: int | None
    user_id: str
    content_id: int
    origin: Origin
    origin_id: int
    node: str
    version: int
    enrolment_id: int | None
    arm: str
    topic: str
    effect: str
    status: Status
    reason: str
    transactional: bool
    mailing_id: int | None
    due_at: datetime
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which deliveries: of one subject, one mailing, or one origin; narrowed by status and reason.

    `staff` are those who send them; None stands for all.
    """

    subject: str = ""
    mailing_id: int | None = None
    origin: str = ""
    origin_id: int | None = None
    status: str = ""
    reason: str = ""
    staff: Staff = None


_NAMES = tuple(field.name for field in fields(Delivery))
_GET = Statement(f"SELECT {', '.join(_NAMES)} FROM deliveries WHERE corp_id = :corp_id AND id = :id")
_COUNTS = Statement(
    """
    SELECT status, reason, COUNT(*) AS count FROM deliveries
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id
    GROUP BY status, reason ORDER BY status, reason
    """,
    patient=True,
)


class Lists:
    """The deliveries of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, delivery_id: int) -> Delivery | None:
        """One of them."""
        rows = await self._scope.fetch(_GET, id=delivery_id)
        return _delivery(rows[0]) if rows else None

    async def page(self, which: Which, *, before: int = FOREVER, most: int = 50) -> Sequence[Delivery]:
        """Those meant, the newest first."""
        own = deliveries.c
        query = select(*[own[name] for name in _NAMES]).where(own.corp_id == self._scope.corp_id, own.id < before)
        for name in ("subject", "mailing_id", "origin", "origin_id", "status", "reason"):
            if value := getattr(which, name):
                query = query.where(own[name] == value)
        if which.staff is not None:
            query = query.where(among(own.user_id, which.staff))
        rows = await self._scope.database.fetch(Statement(query.order_by(own.id.desc()).limit(most), patient=True))
        return tuple(map(_delivery, rows))

    async def counts(self, origin: str, origin_id: int) -> Sequence[tuple[str, str, int]]:
        """How many of a flow or broadcast stand how, and why: status, reason, count."""
        rows = await self._scope.fetch(_COUNTS, origin=origin, origin_id=origin_id)
        return [(row["status"], row["reason"], row["count"]) for row in rows]


def _delivery(row: Row) -> Delivery:
    values: dict[str, Any] = {name: row[name] for name in _NAMES}
    values |= {"due_at": from_ms(row["due_at"]), "at": from_ms(row["at"]), "ended_at": maybe_moment(row["ended_at"])}
    return Delivery(**values | {"status": Status(row["status"]), "transactional": bool(row["transactional"])})
