"""Quotas: what is used according to our own tables, what was read at WeCom, and how it was on the days before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sop.quotas import ACQUISITION, WEEK, Level, Reading, Sample, Verdict
from storage.scope import Scope
from storage.sql import Row, Statement, upsert
from storage.values import decode, encode, first_id, from_ms, to_ms

T = TypeVar("T")
_COUNTS = {
    ("contact_ways", 500_000): Statement("""
        SELECT (SELECT COUNT(*) FROM channels
                WHERE corp_id = :corp_id AND config_id <> '' AND status <> 'deleted' AND temporary = 0)
             + (SELECT COUNT(*) FROM join_ways
                WHERE corp_id = :corp_id AND config_id <> '' AND status <> 'deleted') AS used
    """),
    ("corp_tags", 10_000): Statement("""
        SELECT COUNT(*) AS used FROM tags WHERE corp_id = :corp_id AND NOT deleted AND kind <> 'internal'
    """),
    ("intercept_rules", 100): Statement("""
        SELECT COUNT(*) AS used FROM intercepts WHERE corp_id = :corp_id AND rule_id <> '' AND status <> 'deleted'
    """),
    ("group_welcomes", 100): Statement("""
        SELECT COUNT(*) AS used FROM group_welcomes
        WHERE corp_id = :corp_id AND template_id <> '' AND status <> 'deleted'
    """),
    ("acquisition_links", None): Statement("""
        SELECT COUNT(*) AS used FROM acquisition_links
        WHERE corp_id = :corp_id AND link_id <> '' AND status <> 'deleted'
    """),
}  # fmt: skip
_TEMPORARY = Statement("""
    SELECT COUNT(*) AS used FROM channels
    WHERE corp_id = :corp_id AND id >= :since AND temporary > 0 AND config_id <> ''
""")
MOST_TEMPORARY = 100_000
_MESSAGES = Statement("""
    SELECT CAST(COALESCE(SUM(json_array_length(CAST(body AS {json}) -> 'users')), 0) AS BIGINT) AS used FROM intents
    WHERE corp_id = :corp_id AND id >= :since AND kind = 'prompt' AND status = 'done'
""")
_STAFF = Statement("SELECT COUNT(*) AS count FROM staff WHERE corp_id = :corp_id AND active")
MESSAGES_PER_ACCOUNT = 200
_PUT = upsert("quota_samples", ("corp_id", "name", "day"), ("used", "most", "level", "facts", "at"))
_LATEST = Statement("""
    SELECT used, most, level, facts, at FROM quota_samples
    WHERE corp_id = :corp_id AND name = :name AND at <= :at ORDER BY day DESC LIMIT 1
""")
_SAMPLES = Statement("""
    SELECT used, at FROM quota_samples WHERE corp_id = :corp_id AND name = :name AND day >= :since ORDER BY day
""")


class Quotas:
    """The quotas of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def read(self, midnight: datetime) -> tuple[Reading, ...]:
        """What our own tables say, and what WeCom said last of the quota of links; the day began at `midnight`."""
        found = []
        for (name, most), statement in _COUNTS.items():
            (row,) = await self._scope.fetch(statement)
            found.append(Reading(name=name, used=row["used"], most=most, at=self._scope.now))
        since = first_id(midnight)
        (row,) = await self._scope.fetch(_TEMPORARY, since=since)
        found.append(self._daily("temporary_ways", row["used"], MOST_TEMPORARY))
        (accounts,) = await self._scope.fetch(_STAFF)
        (row,) = await self._scope.fetch(_MESSAGES, since=since)
        found.append(self._daily("app_messages", row["used"], accounts["count"] * MESSAGES_PER_ACCOUNT))
        return tuple(found)

    async def told(self) -> Reading | None:
        """What WeCom said last of the quota of links."""
        return await self._latest(ACQUISITION, lambda row: _reading(ACQUISITION, row))

    async def level(self, name: str) -> Level:
        """How pressing a quota was when it was last noted."""
        return await self._latest(name, lambda row: Level(row["level"])) or Level.OK

    async def samples(self, name: str) -> tuple[Sample, ...]:
        """How much was used on the last days."""
        since = self._scope.now - WEEK - timedelta(days=1)
        rows = await self._scope.fetch(_SAMPLES, name=name, since=f"{since:%Y-%m-%d}")
        return tuple(Sample(row["used"], from_ms(row["at"])) for row in rows)

    def note(self, reading: Reading, verdict: Verdict, *, day: str) -> None:
        """Keep a reading as that of the day."""
        self._scope.write(
            _PUT,
            name=reading.name,
            day=day,
            used=reading.used,
            most=reading.most,
            level=int(verdict.level),
            facts=encode(reading.facts),
            at=to_ms(reading.at),
        )

    def _daily(self, name: str, used: int, most: int) -> Reading:
        return Reading(name=name, used=used, most=most, daily=True, at=self._scope.now)

    async def _latest(self, name: str, make: Callable[[Row], T]) -> T | None:
        rows = await self._scope.fetch(_LATEST, name=name, at=self._scope.at)
        return next(map(make, rows), None)


def _reading(name: str, row: Row) -> Reading:
    return Reading(
        name=name, used=row["used"], most=row["most"], source="wecom", at=from_ms(row["at"]), facts=decode(row["facts"])
    )
