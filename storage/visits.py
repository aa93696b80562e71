"""Visits to the pages of codes: each process keeps a row of its own per channel and day, and writes how far it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from storage.engine.sql import Row, Statement, Unit, upsert
from storage.scope import Scope
from storage.values import encode

_PUT = upsert("visits", ("corp_id", "channel_id", "day", "writer"), ("visits", "visitors"))
_SUMS = Statement("""
    SELECT channel_id, day, CAST(SUM(visits) AS BIGINT) AS visits, CAST(SUM(visitors) AS BIGINT) AS visitors
    FROM visits
    WHERE corp_id = :corp_id AND day >= :since AND day <= :until
      AND channel_id IN (SELECT CAST(value AS BIGINT) FROM {each}(CAST(:channels AS {json})))
    GROUP BY channel_id, day
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What was counted of a channel on a day; `visitors` came for the first time that day."""

    channel_id: int
    day: str
    visits: int
    visitors: int


def put(unit: Unit, counted: Visits, *, corp_id: str, writer: int) -> None:
    """Write how far a process has counted: once more is no more."""
    unit.add(
        _PUT,
        corp_id=corp_id,
        writer=writer,
        channel_id=counted.channel_id,
        day=counted.day,
        visits=counted.visits,
        visitors=counted.visitors,
    )


async def sums(scope: Scope, channels: Collection[int], *, since: date, until: date) -> tuple[Visits, ...]:
    """What all processes have counted from one day to another, both included, per channel and day."""
    rows = await scope.fetch(_SUMS, channels=encode(sorted(channels)), since=since.isoformat(), until=until.isoformat())
    return tuple(map(_visits, rows))


def _visits(row: Row) -> Visits:
    return Visits(channel_id=row["channel_id"], day=row["day"], visits=row["visits"], visitors=row["visitors"])
