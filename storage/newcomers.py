"""Newcomers: who came by which acquisition link to whom, from which source, and whether they write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from storage import sight
from storage.engine.sql import Row, Statement
from storage.schema.acquisition import acquisition_customers
from storage.scope import Scope
from storage.values import from_ms, maybe_moment, to_ms

_PAIR = "corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id"
# An add is newer than all that was known of an earlier one; told again, it changes nothing.
_COME = Statement("""
    INSERT INTO acquisition_customers (corp_id, external_user_id, user_id, link, source, chat, came_at)
    VALUES (:corp_id, :external_user_id, :user_id, :link, :source, 0, :at)
    ON CONFLICT (corp_id, external_user_id, user_id) DO UPDATE
    SET link = excluded.link, source = excluded.source, came_at = excluded.came_at, left_at = NULL
    WHERE excluded.came_at > acquisition_customers.came_at
""")
# A list at WeCom says neither when somebody came nor what was told meanwhile.
_MEET = Statement("""
    INSERT INTO acquisition_customers (corp_id, external_user_id, user_id, link, source, chat, came_at)
    VALUES (:corp_id, :external_user_id, :user_id, :link, :source, :chat,
            COALESCE((SELECT r.added_at FROM relations AS r WHERE r.corp_id = :corp_id
                      AND r.external_user_id = :external_user_id AND r.user_id = :user_id), CAST(:at AS BIGINT)))
    ON CONFLICT (corp_id, external_user_id, user_id) DO UPDATE
    SET link = excluded.link,
        source = CASE WHEN excluded.source = '' THEN acquisition_customers.source ELSE excluded.source END,
        chat = CASE WHEN acquisition_customers.chat = 1 OR excluded.chat = 2 THEN acquisition_customers.chat
                    ELSE excluded.chat END
    WHERE excluded.link <> acquisition_customers.link
       OR excluded.source NOT IN ('', acquisition_customers.source)
       OR (acquisition_customers.chat <> 1 AND excluded.chat NOT IN (2, acquisition_customers.chat))
""")
_WRITE = Statement(f"""
    UPDATE acquisition_customers
    SET chat = 1, messages = CASE WHEN messages < :count THEN :count ELSE messages END,
        wrote_at = CASE WHEN COALESCE(wrote_at, 0) < :at THEN :at ELSE wrote_at END
    WHERE {_PAIR}
""")
_LEAVE = Statement(f"UPDATE acquisition_customers SET left_at = :at WHERE {_PAIR} AND came_at <= :at")
_FIND = Statement(f"""
    SELECT external_user_id, user_id, link, source, chat, messages, came_at, wrote_at, left_at
    FROM acquisition_customers WHERE {_PAIR}
""")
_VISIT = Statement("""
    INSERT INTO acquisition_visits (corp_id, link, source, day, opened, requested)
    VALUES (:corp_id, :link, :source, :day, :opened, :requested)
    ON CONFLICT (corp_id, link, source, day) DO UPDATE
    SET opened = acquisition_visits.opened + excluded.opened,
        requested = acquisition_visits.requested + excluded.requested
""")
_VISITS = Statement("""
    SELECT source, CAST(SUM(opened) AS BIGINT) AS opened, CAST(SUM(requested) AS BIGINT) AS requested
    FROM acquisition_visits WHERE corp_id = :corp_id AND link = :link
    GROUP BY source ORDER BY opened DESC, source LIMIT 200
""")
_SOURCES = Statement(f"""
    SELECT source, COUNT(*) AS customers, COUNT(CASE WHEN chat = 1 THEN 1 END) AS chatting,
           COUNT(left_at) AS lost
    FROM acquisition_customers WHERE corp_id = :corp_id AND link = :link AND {sight.MEANT}
    GROUP BY source ORDER BY customers DESC, source LIMIT 200
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Who came; `chat` is 0 no message yet, 1 has written, 2 unknown, `link` our id of the link."""

    external_user_id: str
    user_id: str
    link: int
    source: str
    chat: int
    messages: int
    came_at: datetime
    wrote_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often the addresses of a source were opened and led to a request, how many came, wrote, and left."""

    source: str
    opened: int = 0
    requested: int = 0
    customers: int = 0
    chatting: int = 0
    lost: int = 0


class Newcomers:
    """The customers of a corp's links."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def come(self, external_user_id: str, user_id: str, *, link: int, source: str, at: datetime) -> None:
        """Store an add by a link."""
        about = {"external_user_id": external_user_id, "user_id": user_id, "link": link, "source": source}
        self._scope.write(_COME, **about, at=to_ms(at))

    def meet(self, external_user_id: str, user_id: str, *, link: int, source: str, chat: int) -> None:
        """Store what WeCom's list says; who was unknown came when the two met, else just now."""
        about = {"external_user_id": external_user_id, "user_id": user_id, "link": link, "source": source}
        self._scope.write(_MEET, **about, chat=chat, at=self._scope.at)

    def write(self, external_user_id: str, user_id: str, *, count: int, at: datetime) -> None:
        """Store that the customer had sent so many messages by then."""
        self._scope.write(_WRITE, external_user_id=external_user_id, user_id=user_id, count=count, at=to_ms(at))

    def leave(self, external_user_id: str, user_id: str, *, at: datetime) -> None:
        """Store that the customer has removed the member."""
        self._scope.write(_LEAVE, external_user_id=external_user_id, user_id=user_id, at=to_ms(at))

    async def find(self, external_user_id: str, user_id: str) -> Newcomer | None:
        """How the two met, if by a link."""
        rows = await self._scope.fetch(_FIND, external_user_id=external_user_id, user_id=user_id)
        return next(map(_newcomer, rows), None)

    async def page(
        self, link: int, *, staff: sight.Staff = None, limit: int, after: tuple[int, str, str] | None = None
    ) -> list[tuple[Newcomer, int]]:
        """Who came by a link, newest first; each with the stored moment that its place is made of."""
        own = acquisition_customers.c
        query = select(acquisition_customers).where(own.corp_id == self._scope.corp_id, own.link == link)
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        order: tuple[Any, ...] = (own.came_at, own.external_user_id, own.user_id)
        if after is not None:
            query = query.where(tuple_(*order) < tuple_(*after))
        statement = Statement(query.order_by(*(each.desc() for each in order)).limit(limit))
        rows: Sequence[Row] = await self._scope.database.fetch(statement)
        return [(_newcomer(row), row["came_at"]) for row in rows]

    def visit(self, link: int, source: str, *, day: str, opened: int = 0, requested: int = 0) -> None:
        """Count what somebody whom WeCom does not name has done by a link."""
        self._scope.write(_VISIT, link=link, source=source, day=day, opened=opened, requested=requested)

    async def sources(self, link: int, *, staff: sight.Staff = None) -> tuple[Tally, ...]:
        """What each source of a link has brought, the largest first, at most 200; visits are nobody's in particular."""
        found = {
            row["source"]: Tally(**{name: row[name] for name in ("source", "customers", "chatting", "lost")})
            for row in await self._scope.fetch(_SOURCES, link=link, staff=sight.name(staff))
        }
        for row in await self._scope.fetch(_VISITS, link=link) if staff is None else ():
            tally = found.get(row["source"]) or Tally(source=row["source"])
            found[tally.source] = replace(tally, opened=row["opened"], requested=row["requested"])
        return tuple(found.values())


def _newcomer(row: Row) -> Newcomer:
    return Newcomer(
        external_user_id=row["external_user_id"],
        user_id=row["user_id"],
        link=row["link"],
        source=row["source"],
        chat=row["chat"],
        messages=row["messages"],
        came_at=from_ms(row["came_at"]),
        wrote_at=maybe_moment(row["wrote_at"]),
        left_at=maybe_moment(row["left_at"]),
    )
