"""Gathering: what is due of one content and one sender goes into one task, as few as may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop.deliveries import Kind, Origin
from sop.deliveries.mailings import MAKE, MOST
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import from_ms, new_id

_DAY = 86_400_000  # milliseconds
_ORIGINS = Statement("""
    SELECT origin, origin_id FROM delivery_origins
    WHERE corp_id = :corp_id AND NOT held AND stopped_at IS NULL ORDER BY origin, origin_id
""")
# In the order of its index, so that the first few are found without reading all; "+" keeps it to that index.
_ALIKE = Statement(
    """
    SELECT kind, content_id, user_id, COUNT(*) AS count FROM deliveries
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'planned'
      AND +due_at <= :now
    GROUP BY kind, content_id, user_id ORDER BY kind, content_id, user_id LIMIT :most
    """,
    patient=True,
)
_NEXT = Statement("""
    SELECT due_at FROM deliveries
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'planned'
      AND due_at > :now
    ORDER BY due_at LIMIT 1
""")
_OPEN = insert(
    "mailings",
    ("id", "corp_id", "app", "kind", "user_id", "content_id", "origin", "origin_id", "count", "status", "created_at",
     "asked_at", "poll_at"),
)  # fmt: skip
_TAKE = Statement(
    """
    UPDATE deliveries SET status = 'tasked', mailing_id = :mailing_id
    WHERE status = 'planned' AND id IN (
        SELECT id FROM deliveries
        WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND kind = :kind
          AND content_id = :content_id AND user_id = :user_id AND status = 'planned' AND +due_at <= :now
        ORDER BY due_at LIMIT :most)
    """,
    patient=True,
)
_REST = Statement("""
    DELETE FROM delivery_origins
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND at < :before
      AND NOT held AND stopped_at IS NULL
""")  # what is planned meanwhile has moved `at`


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Deliveries that are due and go into the same task, as far as there is room in one."""

    origin: Origin
    origin_id: int
    kind: Kind
    content_id: int
    user_id: str
    count: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many go into each of the tasks that they need."""
        most = MOST[self.kind]
        full, rest = divmod(self.count, most)
        return (most,) * full + ((rest,) if rest else ())


class Gathering:
    """What is due of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def origins(self) -> Sequence[tuple[Origin, int]]:
        """The flows and broadcasts of which something may be planned, but for those that are paused."""
        return [(row["origin"], row["origin_id"]) for row in await self._scope.fetch(_ORIGINS)]

    async def alike(self, origin: Origin, origin_id: int, *, most: int) -> Sequence[Alike]:
        """What is due of one of them, put together."""
        rows = await self._scope.fetch(_ALIKE, origin=origin, origin_id=origin_id, now=self._scope.at, most=most)
        return [_alike(origin, origin_id, row) for row in rows]

    async def next_due(self, origin: Origin, origin_id: int) -> datetime | None:
        """When the first of what is planned of one of them, and not due yet, will be."""
        rows = await self._scope.fetch(_NEXT, origin=origin, origin_id=origin_id, now=self._scope.at)
        return from_ms(rows[0]["due_at"]) if rows else None

    def take(self, alike: Alike, size: int) -> int:
        """Put as many into a new mailing; its id."""
        mailing_id, scope = new_id(), self._scope
        about = {
            "origin": alike.origin,
            "origin_id": alike.origin_id,
            "kind": alike.kind,
            "content_id": alike.content_id,
            "user_id": alike.user_id,
        }
        over = scope.at + int((MAKE + timedelta(hours=1)).total_seconds() * 1000)  # looked after if it was lost by then
        moments = {"created_at": scope.at, "asked_at": scope.at, "poll_at": over}
        scope.write(_OPEN, id=mailing_id, app=scope.app, count=size, status="making", **moments, **about)
        scope.write(_TAKE, mailing_id=mailing_id, now=scope.at, most=size, **about)
        return mailing_id

    def rest(self, origin: Origin, origin_id: int) -> None:
        """Forget one of which nothing is planned, unless something was lately."""
        self._scope.write(_REST, origin=origin, origin_id=origin_id, before=self._scope.at - _DAY)


def _alike(origin: Origin, origin_id: int, row: Row) -> Alike:
    names = ("kind", "content_id", "user_id", "count")
    return Alike(origin=origin, origin_id=origin_id, **{name: row[name] for name in names})
