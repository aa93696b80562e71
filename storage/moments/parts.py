"""The part of each member in a moment: asked to publish it, and whether they have."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from sop.moments import Part
from storage import sight
from storage.engine.many import bulk
from storage.engine.sql import Row, Statement
from storage.schema.moments import moment_parts, moments
from storage.scope import Scope
from storage.values import FOREVER, from_ms, maybe_moment

FIRST = (FOREVER, "")  # of a list that begins with the newest moment
_WANT = bulk(
    """
    INSERT INTO moment_parts (moment_id, user_id, corp_id, state, changed_at)
    SELECT CAST(:moment_id AS BIGINT), r.user_id, CAST(:corp_id AS TEXT), 'wanted', CAST(:at AS BIGINT)
    FROM {rows} AS r WHERE TRUE ON CONFLICT (moment_id, user_id) DO NOTHING
    """,
    user_id="TEXT",
)
_TELL = bulk(
    """
    INSERT INTO moment_parts (moment_id, user_id, corp_id, state, published_at, changed_at)
    SELECT CAST(:moment_id AS BIGINT), r.user_id, CAST(:corp_id AS TEXT), r.state,
           CASE WHEN r.state = 'published' THEN CAST(:at AS BIGINT) END, CAST(:at AS BIGINT)
    FROM {rows} AS r WHERE TRUE
    ON CONFLICT (moment_id, user_id) DO UPDATE
    SET state = excluded.state, changed_at = excluded.changed_at,
        published_at = COALESCE(moment_parts.published_at, excluded.published_at)
    WHERE moment_parts.state <> excluded.state AND moment_parts.state <> 'published'
    """,
    user_id="TEXT",
    state="TEXT",
)
_FORGET = Statement("DELETE FROM moment_parts WHERE corp_id = :corp_id AND moment_id = :moment_id")
_END = Statement("""
    UPDATE moment_parts SET state = :state, changed_at = :at
    WHERE corp_id = :corp_id AND moment_id = :moment_id AND state IN ('wanted', 'asked')
""")
_LEAVE_OUT = Statement("""
    UPDATE moment_parts SET state = 'left_out', changed_at = :at
    WHERE corp_id = :corp_id AND moment_id = :moment_id AND state = 'wanted'
""")
_NAMED = Statement("""
    SELECT user_id FROM moment_parts WHERE corp_id = :corp_id AND moment_id = :moment_id ORDER BY user_id
""")
_AFTER = Statement("""
    SELECT * FROM moment_parts
    WHERE corp_id = :corp_id AND moment_id = :moment_id AND state = :state AND user_id > :after
    ORDER BY user_id LIMIT :most
""")
_COUNTS = Statement("""
    SELECT state, COUNT(*) AS count, CAST(COALESCE(SUM(likes), 0) AS BIGINT) AS likes,
           CAST(COALESCE(SUM(comments), 0) AS BIGINT) AS comments,
           CAST(COALESCE(SUM(audience), 0) AS BIGINT) AS audience
    FROM moment_parts WHERE corp_id = :corp_id AND moment_id = :moment_id GROUP BY state
""")
_COUNT = Statement("""
    UPDATE moment_parts SET likes = :likes, comments = :comments,
        audience = COALESCE(CAST(:audience AS BIGINT), audience), changed_at = :at
    WHERE corp_id = :corp_id AND moment_id = :moment_id AND user_id = :user_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPart:
    """One member in a moment; `audience` is how many customers can see it, None while nobody has counted."""

    moment_id: int
    user_id: str
    state: Part
    published_at: datetime | None
    audience: int | None
    likes: int
    comments: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How many members stand how, and what customers have made of it."""

    states: Mapping[Part, int]
    audience: int = 0
    likes: int = 0
    comments: int = 0


class Parts:
    """The members of moments."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def want(self, moment_id: int, users: Sequence[str]) -> None:
        """Name members; who is named already stays."""
        if users:
            named = sorted(set(users))
            self._scope.write(_WANT, moment_id=moment_id, user_id=named, at=self._scope.at)

    async def rename(self, moment_id: int, users: Sequence[str]) -> None:
        """Name these and no others."""
        self.forget(moment_id)
        self.want(moment_id, users)

    def forget(self, moment_id: int) -> None:
        """Name nobody."""
        self._scope.write(_FORGET, moment_id=moment_id)

    async def named(self, moment_id: int) -> tuple[str, ...]:
        """The members of a moment."""
        return tuple(row["user_id"] for row in await self._scope.fetch(_NAMED, moment_id=moment_id))

    def tell(self, moment_id: int, states: Mapping[str, Part]) -> None:
        """Note what WeCom says of members, by user id; who has published stays so."""
        if states:
            users = sorted(states)
            told = {"user_id": users, "state": [states[user_id].value for user_id in users]}
            self._scope.write(_TELL, moment_id=moment_id, at=self._scope.at, **told)

    def leave_out(self, moment_id: int) -> None:
        """Whom WeCom does not know of, it does not ask."""
        self._scope.write(_LEAVE_OUT, moment_id=moment_id, at=self._scope.at)

    def end(self, moment_id: int, state: Part) -> None:
        """Whoever has not published will not."""
        self._scope.write(_END, moment_id=moment_id, state=state.value, at=self._scope.at)

    def count(self, part: MemberPart, *, likes: int, comments: int, audience: int | None) -> None:
        """Note how many there are by now; the audience only where it was counted."""
        counted = {"likes": likes, "comments": comments, "audience": audience}
        self._scope.write(_COUNT, moment_id=part.moment_id, user_id=part.user_id, at=self._scope.at, **counted)

    async def after(self, moment_id: int, state: Part, *, after: str = "", most: int) -> tuple[MemberPart, ...]:
        """Members in a state, by user id."""
        rows = await self._scope.fetch(_AFTER, moment_id=moment_id, state=state.value, after=after, most=most)
        return tuple(map(_part, rows))

    async def page(
        self,
        moment_id: int,
        *,
        state: Part | None = None,
        staff: Collection[str] | None = None,
        after: str = "",
        most: int = 50,
    ) -> tuple[MemberPart, ...]:
        """The members of a moment by user id, in a state, of these members."""
        own = moment_parts.c
        query = select(moment_parts).where(
            own.corp_id == self._scope.corp_id, own.moment_id == moment_id, own.user_id > after
        )
        if state is not None:
            query = query.where(own.state == state.value)
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        rows = await self._scope.database.fetch(Statement(query.order_by(own.user_id).limit(most)))
        return tuple(map(_part, rows))

    async def tasks(
        self,
        *,
        state: Part | None = None,
        staff: Collection[str] | None = None,
        before: tuple[int, str] = FIRST,
        most: int = 50,
    ) -> tuple[tuple[str, MemberPart], ...]:
        """What these members are, or were, asked to publish, with its name; the newest moment first."""
        own, of = moment_parts.c, moments.c
        query = select(moment_parts, of.name).join(moments, of.id == own.moment_id)
        later = (own.moment_id == before[0]) & (own.user_id > before[1])
        query = query.where(own.corp_id == self._scope.corp_id, (own.moment_id < before[0]) | later)
        query = query.where(of.posted_at.is_not(None))
        if state is not None:
            query = query.where(own.state == state.value)
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        query = query.order_by(own.moment_id.desc(), own.user_id).limit(most)
        rows = await self._scope.database.fetch(Statement(query))
        return tuple((row["name"], _part(row)) for row in rows)

    async def numbers(self, moment_id: int) -> Numbers:
        """How a moment does."""
        rows = await self._scope.fetch(_COUNTS, moment_id=moment_id)
        return Numbers(
            states={Part(row["state"]): row["count"] for row in rows},
            audience=sum(row["audience"] for row in rows),
            likes=sum(row["likes"] for row in rows),
            comments=sum(row["comments"] for row in rows),
        )


def _part(row: Row) -> MemberPart:
    names = ("moment_id", "user_id", "audience", "likes", "comments")
    return MemberPart(
        **{name: row[name] for name in names},
        state=Part(row["state"]),
        published_at=maybe_moment(row["published_at"]),
        changed_at=from_ms(row["changed_at"]),
    )
