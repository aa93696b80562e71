"""Workload: what each member has to confirm now, has confirmed today, and will have to confirm day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sop.deliveries.workload import tasks
from storage import sight
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import to_ms

_OPEN = Statement(
    f"""
    SELECT user_id, COUNT(*) AS count FROM mailing_members
    WHERE corp_id = :corp_id AND open AND confirmed_at IS NULL AND {sight.MEANT}
    GROUP BY user_id ORDER BY user_id
    """,
    patient=True,
)
_CONFIRMED = Statement(
    f"""
    SELECT user_id, COUNT(*) AS count FROM mailing_members
    WHERE corp_id = :corp_id AND confirmed_at >= :since AND {sight.MEANT}
    GROUP BY user_id ORDER BY user_id
    """,
    patient=True,
)
# What is paused counts too: it will be confirmed some day.
_PLANNED = Statement(
    f"""
    SELECT user_id, kind, day, SUM(count) AS count, COUNT(*) AS messages FROM (
        SELECT d.user_id, d.kind, d.content_id, d.origin, d.origin_id, COUNT(*) AS count,
               (CASE WHEN d.due_at < :since THEN CAST(:since AS BIGINT) ELSE d.due_at END - CAST(:since AS BIGINT))
                   / 86400000 AS day
        FROM delivery_origins AS o
        JOIN deliveries AS d ON d.corp_id = o.corp_id AND d.origin = o.origin AND d.origin_id = o.origin_id
             AND d.status = 'planned' AND d.due_at < :until
        WHERE o.corp_id = :corp_id
        GROUP BY d.user_id, d.kind, d.content_id, d.origin, d.origin_id, day
    ) AS alike
    WHERE {sight.MEANT}
    GROUP BY user_id, kind, day ORDER BY user_id, day, kind
    """,
    patient=True,
)
_OVERDUE = Statement("""
    SELECT w.user_id, COUNT(*) AS count FROM mailings AS m
    JOIN mailing_members AS w ON w.mailing_id = m.id AND w.open AND w.confirmed_at IS NULL
    WHERE m.corp_id = :corp_id AND m.origin = :origin AND m.origin_id = :origin_id AND m.status = 'made'
      AND m.made_at <= :before
    GROUP BY w.user_id ORDER BY w.user_id
""")
_ESCALATED = Statement("""
    UPDATE mailings SET escalated_at = :at
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'made'
      AND made_at <= :before AND escalated_at IS NULL
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A member's day: confirmations at least so many, for so many recipients.

    `user_id` is empty for what WeCom gives to whoever chatted last. A day's messages of the same content, sender and
    origin that become due at different moments may need more tasks than one.
    """

    user_id: str
    day: date
    confirmations: int
    recipients: int


class Workload:
    """The work of a corp's staff with messages."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def open(self, staff: sight.Staff = None) -> dict[str, int]:
        """How many tasks each member has not confirmed."""
        rows = await self._scope.fetch(_OPEN, staff=sight.name(staff))
        return {row["user_id"]: row["count"] for row in rows}

    async def confirmed(self, since: datetime, staff: sight.Staff = None) -> dict[str, int]:
        """How many each has confirmed since a moment."""
        rows = await self._scope.fetch(_CONFIRMED, since=to_ms(since), staff=sight.name(staff))
        return {row["user_id"]: row["count"] for row in rows}

    async def planned(self, days: int, zone: ZoneInfo, staff: sight.Staff = None) -> Sequence[Load]:
        """What is planned for today, with what is overdue, and the days after it, as the corp's clocks count them."""
        first = self._scope.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        span = {"since": to_ms(first), "until": to_ms(first + timedelta(days=days))}
        found: dict[tuple[str, int], tuple[int, int]] = {}
        for row in await self._scope.fetch(_PLANNED, staff=sight.name(staff), **span):
            key, count = (row["user_id"], int(row["day"])), int(row["count"])
            confirmations, recipients = found.get(key, (0, 0))
            wanted = max(row["messages"], tasks(count, row["kind"]))
            found[key] = (confirmations + wanted, recipients + count)
        return [
            Load(user_id=user_id, day=first.date() + timedelta(days=day), confirmations=wanted, recipients=count)
            for (user_id, day), (wanted, count) in found.items()
        ]

    async def overdue(self, origin: str, origin_id: int, *, before: datetime) -> dict[str, int]:
        """How many tasks of a flow or broadcast, made before a moment, each member has not confirmed."""
        about = {"origin": origin, "origin_id": origin_id, "before": to_ms(before)}
        return {row["user_id"]: row["count"] for row in await self._scope.fetch(_OVERDUE, **about)}

    def escalated(self, origin: str, origin_id: int, *, before: datetime) -> None:
        """Note that the leads have been told of these."""
        about = {"origin": origin, "origin_id": origin_id, "before": to_ms(before)}
        self._scope.write(_ESCALATED, at=self._scope.at, **about)
