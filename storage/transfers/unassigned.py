"""Customers of members who have left, until somebody has taken them over."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select, tuple_

from storage import sight
from storage.engine.sql import Row, Statement
from storage.schema.people import customers
from storage.schema.transfers import unassigned
from storage.scope import Scope
from storage.values import from_ms, maybe_moment, to_ms

_COLUMNS = "handover, external_user_id, left_at, seen_at, placed_at"
_SEE = Statement(f"""
    INSERT INTO unassigned (corp_id, {_COLUMNS})
    VALUES (:corp_id, :handover, :external_user_id, :left_at, :seen_at, NULL)
    ON CONFLICT (corp_id, handover, external_user_id) DO UPDATE
    SET left_at = excluded.left_at, seen_at = excluded.seen_at, placed_at = NULL
    WHERE excluded.seen_at >= unassigned.seen_at
""")
_PLACE = Statement("""
    UPDATE unassigned SET placed_at = :at
    WHERE corp_id = :corp_id AND placed_at IS NULL AND seen_at < :since
""")
_PLACE_ONE = Statement("""
    UPDATE unassigned SET placed_at = :at
    WHERE corp_id = :corp_id AND handover = :handover AND external_user_id = :external_user_id AND placed_at IS NULL
""")
_COUNTS = Statement("""
    SELECT handover, COUNT(*) AS count, MIN(left_at) AS left_at FROM unassigned
    WHERE corp_id = :corp_id AND placed_at IS NULL AND seen_at >= :since
    GROUP BY handover ORDER BY handover
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A customer of a member who left at `left_at`."""

    handover: str
    external_user_id: str
    left_at: datetime
    seen_at: datetime
    placed_at: datetime | None = None
    name: str = ""  # of the customer, where it is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A member who has left, and how many of their customers are nobody's."""

    handover: str
    count: int
    left_at: datetime


class Unassigned:
    """The unassigned customers of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def see(self, orphans: Iterable[Orphan]) -> None:
        """WeCom lists them as nobody's."""
        for orphan in orphans:
            self._scope.write(
                _SEE,
                handover=orphan.handover,
                external_user_id=orphan.external_user_id,
                left_at=to_ms(orphan.left_at),
                seen_at=to_ms(orphan.seen_at),
            )

    def place(self, *, since: datetime) -> None:
        """A whole look that began at `since` has ended: whom it did not find has been placed."""
        self._scope.write(_PLACE, since=to_ms(since), at=self._scope.at)

    def place_one(self, handover: str, external_user_id: str) -> None:
        """Somebody has taken a customer over."""
        self._scope.write(_PLACE_ONE, handover=handover, external_user_id=external_user_id, at=self._scope.at)

    async def counts(self, *, since: datetime | None = None) -> tuple[Left, ...]:
        """Members who have left with customers that are nobody's (seen since a moment), by user id."""
        rows = await self._scope.fetch(_COUNTS, since=0 if since is None else to_ms(since))
        return tuple(
            Left(handover=row["handover"], count=row["count"], left_at=from_ms(row["left_at"])) for row in rows
        )

    async def page(
        self, *, staff: Collection[str] | None = None, after: tuple[str, str] = ("", ""), most: int = 50
    ) -> tuple[Orphan, ...]:
        """Customers (of these members) who are nobody's, by member and customer; `after` is the last one before."""
        own, person = unassigned.c, customers.c
        same = and_(person.corp_id == own.corp_id, person.external_user_id == own.external_user_id)
        rows = unassigned.outerjoin(customers, same)
        query = select(unassigned, func.coalesce(person.name, "").label("name")).select_from(rows)
        query = query.where(
            own.corp_id == self._scope.corp_id,
            own.placed_at.is_(None),
            tuple_(own.handover, own.external_user_id) > tuple_(*after),
        )
        if staff is not None:
            query = query.where(sight.among(own.handover, staff))
        query = query.order_by(own.handover, own.external_user_id).limit(most)
        return tuple(_orphan(row) for row in await self._scope.database.fetch(Statement(query)))


def _orphan(row: Row) -> Orphan:
    return Orphan(
        handover=row["handover"],
        external_user_id=row["external_user_id"],
        left_at=from_ms(row["left_at"]),
        seen_at=from_ms(row["seen_at"]),
        placed_at=maybe_moment(row["placed_at"]),
        name=row["name"],
    )
