"""What customers, and members, make of moments: each like and comment once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, tuple_

from storage import sight
from storage.engine.many import bulk
from storage.engine.sql import Row, Statement
from storage.history import Fact, History
from storage.schema.moments import moment_reactions
from storage.scope import Scope
from storage.values import FOREVER, from_ms, to_ms

What = Literal["liked", "commented"]
START = (FOREVER, "", "", "")  # of a list that begins with the newest
_ADD = bulk(
    """
    INSERT INTO moment_reactions (moment_id, user_id, what, by_id, at, corp_id, staff)
    SELECT CAST(:moment_id AS BIGINT), CAST(:user_id AS TEXT), r.what, r.by_id, r.at, CAST(:corp_id AS TEXT),
           r.staff = 1
    FROM {rows} AS r WHERE TRUE ON CONFLICT (moment_id, user_id, what, by_id, at) DO NOTHING
    """,
    what="TEXT",
    by_id="TEXT",
    at="BIGINT",
    staff="BIGINT",
)
_KNOWN = Statement("""
    SELECT * FROM moment_reactions WHERE corp_id = :corp_id AND moment_id = :moment_id AND user_id = :user_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A like or a comment to what `user_id` published; by a customer, or by a member of staff."""

    user_id: str
    what: What
    by_id: str
    at: datetime
    staff: bool = False

    @property
    def mark(self) -> tuple[str, str, int]:
        """What tells it from others of the same member: one likes once, and may comment again."""
        return self.what, self.by_id, to_ms(self.at) if self.what == "commented" else 0


class Reactions:
    """Likes and comments."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def hear(self, moment_id: int, user_id: str, told: Sequence[Reaction], *, name: str) -> int:
        """Note those that are new, and write them into the timelines of customers; how many were new."""
        rows = await self._scope.fetch(_KNOWN, moment_id=moment_id, user_id=user_id) if told else ()
        known = {_reaction(row).mark for row in rows}
        fresh = list({one.mark: one for one in told if one.mark not in known}.values())
        if not fresh:
            return 0
        columns = {
            "what": [one.what for one in fresh],
            "by_id": [one.by_id for one in fresh],
            "at": [to_ms(one.at) for one in fresh],
            "staff": [int(one.staff) for one in fresh],
        }
        self._scope.write(_ADD, moment_id=moment_id, user_id=user_id, **columns)
        facts = [
            Fact(
                what=f"moment_{one.what}",
                external_user_id=one.by_id,
                user_id=user_id,
                effect=":".join(map(str, (f"moment_{one.what}", moment_id, user_id, *one.mark[1:]))),
                facts={"moment": str(moment_id), "name": name},
                at=one.at,
            )
            for one in fresh
            if not one.staff
        ]
        History(self._scope).extend(facts)
        return len(fresh)

    async def page(
        self,
        moment_id: int,
        *,
        staff: Collection[str] | None = None,
        after: tuple[int, str, str, str] = START,
        most: int = 50,
    ) -> tuple[Reaction, ...]:
        """Reactions, newest first, to what these members published; `after`: at, what, by and to whom of the last."""
        own = moment_reactions.c
        query = select(moment_reactions).where(own.corp_id == self._scope.corp_id, own.moment_id == moment_id)
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        at, *rest = after
        later = (own.at == at) & (tuple_(own.what, own.by_id, own.user_id) > tuple_(*rest))
        query = query.where((own.at < at) | later).order_by(own.at.desc(), own.what, own.by_id, own.user_id)
        return tuple(map(_reaction, await self._scope.database.fetch(Statement(query.limit(most)))))


def _reaction(row: Row) -> Reaction:
    return Reaction(
        user_id=row["user_id"],
        what=row["what"],
        by_id=row["by_id"],
        at=from_ms(row["at"]),
        staff=bool(row["staff"]),
    )
