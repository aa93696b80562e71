"""The numbers of a corp: comings and goings, welcomes, and what is waiting or has been given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage import sight
from storage.engine.sql import Row, Statement
from storage.schema.people import relations
from storage.scope import Scope
from storage.values import maybe_moment, to_ms

_MOVES = Statement(f"""
    SELECT COUNT(CASE WHEN what IN ('added', 'returned') THEN 1 END) AS adds,
           COUNT(CASE WHEN what = 'returned' THEN 1 END) AS returns,
           COUNT(CASE WHEN what = 'lost' THEN 1 END) AS lost,
           COUNT(CASE WHEN what = 'removed' THEN 1 END) AS removed
    FROM history WHERE corp_id = :corp_id AND at >= :since AND {sight.MEANT}
""")
_WELCOMES = Statement(f"""
    SELECT verdict, COUNT(*) AS count FROM decisions
    WHERE corp_id = :corp_id AND what = 'welcome' AND at >= :since AND {sight.MEANT} GROUP BY verdict
""")
_EVENTS = Statement(
    "SELECT COUNT(*) AS count, MIN(received_at) AS oldest FROM events WHERE corp_id = :corp_id AND open"
)
_INTENTS = Statement("SELECT COUNT(*) AS count, MIN(due_at) AS oldest FROM intents WHERE corp_id = :corp_id AND open")
_DEAD_EVENTS = Statement("""
    SELECT COUNT(DISTINCT e.id) AS count FROM reactions AS r JOIN events AS e ON e.id = r.event_id
    WHERE r.status = 'dead' AND e.corp_id = :corp_id
""")
_DEAD_INTENTS = Statement("SELECT COUNT(*) AS count FROM intents WHERE corp_id = :corp_id AND status = 'dead'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Comings and goings since a moment; `returns` are among the adds."""

    adds: int
    returns: int
    lost: int
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What waits, since when, and what was given up."""

    open_events: int
    oldest_event_at: datetime | None
    open_intents: int
    oldest_intent_due_at: datetime | None
    dead_events: int
    dead_intents: int


class Numbers:
    """The numbers of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def moves(self, *, since: datetime, staff: sight.Staff = None) -> Moves:
        """Comings and goings since a moment, of these members."""
        (row,) = await self._scope.fetch(_MOVES, since=to_ms(since), staff=sight.name(staff))
        return Moves(adds=row["adds"], returns=row["returns"], lost=row["lost"], removed=row["removed"])

    async def welcomes(self, *, since: datetime, staff: sight.Staff = None) -> dict[str, int]:
        """What was decided about welcomes since a moment, by verdict: wanted, sent, skipped, late, refused."""
        rows = await self._scope.fetch(_WELCOMES, since=to_ms(since), staff=sight.name(staff))
        return {row["verdict"]: row["count"] for row in rows}

    async def work(self) -> Work:
        """What waits now."""
        events, intents = await self._one(_EVENTS), await self._one(_INTENTS)
        dead_events, dead_intents = await self._one(_DEAD_EVENTS), await self._one(_DEAD_INTENTS)
        return Work(
            open_events=events["count"],
            oldest_event_at=maybe_moment(events["oldest"]),
            open_intents=intents["count"],
            oldest_intent_due_at=maybe_moment(intents["oldest"]),
            dead_events=dead_events["count"],
            dead_intents=dead_intents["count"],
        )

    async def channels(self, channel_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        """By channel, how many customers came through it and how often they added somebody; none: no entry."""
        own = relations.c
        query = (
            select(
                own.channel_id,
                func.count(own.external_user_id.distinct()).label("customers"),
                func.sum(own.adds).label("adds"),
            )
            .where(own.corp_id == self._scope.corp_id, own.channel_id.in_(channel_ids))
            .group_by(own.channel_id)
        )
        rows = await self._scope.database.fetch(Statement(query)) if channel_ids else ()
        return {row["channel_id"]: (row["customers"], int(row["adds"])) for row in rows}

    async def _one(self, statement: Statement) -> Row:
        rows: Sequence[Row] = await self._scope.fetch(statement)
        return rows[0]
