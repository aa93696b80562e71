"""The numbers of channels, computed from the history each time: a fact told twice, or out of order, counts once.

An add belongs to the channel that its event named; where the event was silent, to the one that WeCom told of the same
visit afterwards. An add of which no event came is known by the reading that found the relation.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sop.relations import NEAR
from sop.statistics import QUARTER, Counts
from storage import sight
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import FOREVER, encode, to_ms

By = Literal["total", "staff", "day"]
_DAY, _WEEK = 86_400_000, 7 * 86_400_000
_SLACK = int(NEAR.total_seconds() * 1000)
_QUARTER = int(QUARTER.total_seconds() * 1000)
_ONE = "= :channel"
_THESE = "IN (SELECT CAST(value AS BIGINT) FROM {each}(CAST(:channels AS {json})))"
_KEYS: dict[By, str] = {"total": "CAST('' AS TEXT)", "staff": "a.user_id", "day": f"CAST(a.at / {_QUARTER} AS TEXT)"}


def _same(one: str, other: str) -> str:
    """Two rows are about the same relation."""
    keys = ("corp_id", "external_user_id", "user_id")
    return " AND ".join(f"{one}.{key} = {other}.{key}" for key in keys)


# What was really added: a relation that a reading found is no add beside the one that an event told of.
_ADDS = f"""
    SELECT h.corp_id, h.channel_id, h.external_user_id, h.user_id, h.at FROM history AS h
    WHERE h.corp_id = :corp_id AND h.channel_id {_THESE} AND h.at >= :since AND h.at < :until AND {sight.MEANT}
      AND h.what IN ('added', 'returned')
    UNION
    SELECT r.corp_id, r.channel_id, r.external_user_id, r.user_id, r.added_at FROM relations AS r
    WHERE r.corp_id = :corp_id AND r.channel_id {_THESE} AND r.added_at >= :since AND r.added_at < :until
      AND {sight.MEANT}
      AND (r.found_at = r.added_at AND NOT EXISTS (
              SELECT 1 FROM history AS h WHERE {_same("h", "r")} AND h.what IN ('added', 'returned')
                AND h.at BETWEEN r.found_at - {_SLACK} AND r.found_at + {_SLACK})
           OR EXISTS (
              SELECT 1 FROM history AS h WHERE {_same("h", "r")} AND h.what IN ('added', 'returned')
                AND h.at = r.added_at AND h.channel_id IS NULL))
"""
_FATES = f"""
    SELECT a.channel_id, a.user_id, a.at,
        MAX(CASE WHEN o.what <> 'lost' AND o.at < a.at OR r.found_at < a.at - {_SLACK} THEN 1 ELSE 0 END) AS again,
        MIN(CASE WHEN o.what = 'lost' AND o.at >= a.at THEN o.at END) AS lost_at,
        MIN(CASE WHEN o.what <> 'lost' AND o.at > a.at THEN o.at END) AS next_at,
        MAX(CASE WHEN r.status = 'active' THEN r.replied_at END) AS replied_at
    FROM adds AS a
    LEFT JOIN history AS o ON {_same("o", "a")} AND o.what IN ('added', 'returned', 'lost')
    LEFT JOIN relations AS r ON {_same("r", "a")}
    GROUP BY a.channel_id, a.external_user_id, a.user_id, a.at
"""


def _lost(within: int) -> str:
    """So many were lost in time, before they came again."""
    in_time = f"a.lost_at <= a.at + {within} AND (a.next_at IS NULL OR a.lost_at <= a.next_at)"
    return f"COUNT(CASE WHEN {in_time} THEN 1 END)"


def _either(sql: str) -> tuple[Statement, Statement]:
    """The statement for many channels, and for one: only of that PostgreSQL knows that an index is the way."""
    return Statement(sql), Statement(sql.replace(_THESE, _ONE))


_COUNTS = {
    by: _either(f"""
        WITH adds AS ({_ADDS}), fates AS ({_FATES})
        SELECT a.channel_id, {key} AS part, COUNT(*) AS adds, CAST(SUM(a.again) AS BIGINT) AS again,
               {_lost(_DAY)} AS lost_day, {_lost(_WEEK)} AS lost_week,
               COUNT(CASE WHEN a.next_at IS NULL AND a.replied_at >= a.at THEN 1 END) AS conversations
        FROM fates AS a GROUP BY 1, 2
    """)
    for by, key in _KEYS.items()
}
_HALF = {
    by: _either(f"""
        SELECT a.channel_id, {key} AS part, COUNT(*) AS half FROM history AS a
        WHERE a.corp_id = :corp_id AND a.channel_id {_THESE} AND a.at >= :since AND a.at < :until AND {sight.MEANT}
          AND a.what = 'half_added' AND NOT EXISTS (
              SELECT 1 FROM history AS c WHERE {_same("c", "a")} AND c.what IN ('added', 'returned') AND c.at >= a.at)
          AND NOT EXISTS (SELECT 1 FROM relations AS c WHERE {_same("c", "a")} AND c.found_at >= a.at)
        GROUP BY 1, 2
    """)
    for by, key in _KEYS.items()
}
# Channels that show a member of the scope, or by which somebody came to one.
_CHANNELS = Statement("""
    SELECT id, name, status FROM channels AS ch
    WHERE corp_id = :corp_id AND id < :before AND (
        CAST(:staff AS TEXT) IS NULL
        OR EXISTS (SELECT 1 FROM channel_staff AS cs WHERE cs.corp_id = ch.corp_id AND cs.channel_id = ch.id
                   AND cs.subject IN (SELECT 'user:' || value FROM {each}(CAST(:staff AS {json}))))
        OR EXISTS (SELECT 1 FROM history AS h WHERE h.channel_id = ch.id
                   AND h.user_id IN (SELECT value FROM {each}(CAST(:staff AS {json})))))
    ORDER BY id DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Part:
    """The counts of one channel and of one part: a member, a quarter of an hour since 1970, or "" for the whole."""

    channel_id: int
    part: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Named:
    """A channel whose numbers a caller may see."""

    id: int
    name: str
    status: str


class Statistics:
    """The numbers of a corp's channels, as far as they are about certain members."""

    def __init__(self, scope: Scope, staff: sight.Staff = None) -> None:
        self._scope = scope
        self._staff = sight.name(staff)

    async def count(
        self, channels: Collection[int], *, since: datetime, until: datetime, by: By = "total"
    ) -> tuple[Part, ...]:
        """What came by these channels from one moment until just before another; without what is nothing."""
        one = len(channels) == 1
        which = {"channel": next(iter(channels))} if one else {"channels": encode(sorted(channels))}
        span = {"staff": self._staff, "since": to_ms(since), "until": to_ms(until), **which}
        adds = await self._scope.fetch(_COUNTS[by][one], **span)
        halves = await self._scope.fetch(_HALF[by][one], **span)
        return (*map(_part, adds), *(Part(row["channel_id"], row["part"], _half(row)) for row in halves))

    async def channels(self, *, before: int | None = None, most: int = 50) -> tuple[Named, ...]:
        """The channels that concern these members, newest first, deleted ones too; `before` is the last id seen."""
        rows = await self._scope.fetch(
            _CHANNELS, staff=self._staff, before=FOREVER if before is None else before, limit=most
        )
        return tuple(Named(row["id"], row["name"], row["status"]) for row in rows)

    async def channel(self, channel_id: int) -> Named | None:
        """One of them."""
        found = await self.channels(before=channel_id + 1, most=1)
        return found[0] if found and found[0].id == channel_id else None


def _part(row: Row) -> Part:
    counts = Counts(
        adds=row["adds"],
        repeat_adds=row["again"],
        lost_24h=row["lost_day"],
        lost_7d=row["lost_week"],
        conversations=row["conversations"],
    )
    return Part(row["channel_id"], row["part"], counts)


def _half(row: Row) -> Counts:
    return Counts(half_adds=row["half"])
