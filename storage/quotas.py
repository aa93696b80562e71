"""Quotas: what is used according to our own tables, what was read at WeCom, and how it was on the days before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sop.quotas import KEPT, RELATION_TAGS, WEEK, Level, Reading, Sample, Verdict
from sop.tags import INTERNAL
from sop.transfers import GROUPS_A_DAY, MOST_MOVES, WINDOW
from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope
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
# Whatever tells members something is a prompt. What was not answered may have been sent, and WeCom drops a repetition.
_MESSAGES = Statement("""
    SELECT app, CAST(SUM(json_array_length(CAST(body AS {json}) -> 'users')
                         - COALESCE(json_array_length(CAST(result AS {json}) -> 'not_reached'), 0)) AS BIGINT) AS used
    FROM intents
    WHERE corp_id = :corp_id AND kind = 'prompt' AND finished_at >= :since AND (status = 'done' OR doubtful)
    GROUP BY app ORDER BY app
""")
_STAFF = Statement("SELECT COUNT(*) AS count FROM staff WHERE corp_id = :corp_id AND active")
MESSAGES_PER_ACCOUNT = 200
_GIVERS = Statement("""
    SELECT handover, COUNT(*) AS used FROM transfer_rows
    WHERE corp_id = :corp_id AND what = 'groups' AND asked_at >= :since
    GROUP BY handover ORDER BY used DESC, handover LIMIT 20
""")
_MOVED = Statement(f"""
    SELECT what, COUNT(*) AS used FROM (
        SELECT what, subject FROM transfer_rows
        WHERE corp_id = :corp_id AND state = 'done' AND ended_at > :since AND NOT resigned
        GROUP BY what, subject HAVING COUNT(*) >= {MOST_MOVES}) AS moved
    GROUP BY what
""")
_FULL = Statement("""
    SELECT COUNT(DISTINCT taker) AS used FROM transfer_rows
    WHERE corp_id = :corp_id AND state = 'limit' AND ended_at > :since
""")
_TAGGED = Statement(f"""
    SELECT external_user_id, user_id, COUNT(*) AS used FROM bindings
    WHERE corp_id = :corp_id AND (external_user_id, user_id) > (:external_user_id, :user_id)
      AND tag_id NOT LIKE '{INTERNAL}%'
    GROUP BY external_user_id, user_id ORDER BY external_user_id, user_id LIMIT :most
""")
_PUT = upsert("quota_samples", ("corp_id", "name", "day"), ("used", "most", "level", "facts", "at"))
_LATEST = Statement("""
    SELECT used, most, level, facts, at FROM quota_samples
    WHERE corp_id = :corp_id AND name = :name AND at <= :at AND day >= :day ORDER BY day DESC LIMIT 1
""")
_SAMPLES = Statement("""
    SELECT used, at FROM quota_samples WHERE corp_id = :corp_id AND name = :name AND day >= :since ORDER BY day
""")


class Quotas:
    """The quotas of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def read(self, midnight: datetime) -> tuple[Reading, ...]:
        """What our own tables say; the day began at `midnight`."""
        found = []
        for (name, most), statement in _COUNTS.items():
            (row,) = await self._scope.fetch(statement)
            found.append(self._count(name, row["used"], most))
        since = self._scope.now - WINDOW
        moved = {row["what"]: row["used"] for row in await self._scope.fetch(_MOVED, since=to_ms(since))}
        found += [self._count(f"moved_{what}", moved.get(what, 0), None) for what in ("customers", "groups")]
        (full,) = await self._scope.fetch(_FULL, since=to_ms(self._scope.now - WEEK))
        found.append(self._count("full_members", full["used"], None))
        return (*found, *await self.today(midnight))

    async def today(self, midnight: datetime) -> tuple[Reading, ...]:
        """What our own tables say of quotas that began anew at `midnight`."""
        (row,) = await self._scope.fetch(_TEMPORARY, since=first_id(midnight))
        found = [self._daily("temporary_ways", row["used"], MOST_TEMPORARY)]
        (accounts,) = await self._scope.fetch(_STAFF)
        sent = {self._scope.app: 0}
        sent |= {row["app"]: row["used"] for row in await self._scope.fetch(_MESSAGES, since=to_ms(midnight))}
        most = accounts["count"] * MESSAGES_PER_ACCOUNT
        found += [self._daily("app_messages", used, most, app=app) for app, used in sent.items()]
        for row in await self._scope.fetch(_GIVERS, since=to_ms(midnight)):
            found.append(self._daily("group_transfers", row["used"], GROUPS_A_DAY, user_id=row["handover"]))
        return tuple(found)

    async def kept(self) -> tuple[Reading, ...]:
        """What was noted last of that which is asked or counted now and then only."""
        found = [await self._latest(name, partial(_reading, name)) for name in KEPT]
        return tuple(one for one in found if one)

    async def level(self, reading: Reading, *, day: str) -> Level:
        """How pressing a quota was when it was last noted, one that begins anew each day on that day."""
        since = day if reading.daily else ""
        return await self._latest(reading.key, lambda row: Level(row["level"]), day=since) or Level.OK

    async def tagged(self, after: tuple[str, str], *, most: int) -> tuple[tuple[str, str, int], ...]:
        """Customers of members with how many tags WeCom counts there, by both their ids."""
        rows = await self._scope.fetch(_TAGGED, external_user_id=after[0], user_id=after[1], most=most)
        return tuple((row["external_user_id"], row["user_id"], row["used"]) for row in rows)

    async def samples(self, name: str) -> tuple[Sample, ...]:
        """How much was used on the last days."""
        since = self._scope.now - WEEK - timedelta(days=1)
        rows = await self._scope.fetch(_SAMPLES, name=name, since=f"{since:%Y-%m-%d}")
        return tuple(Sample(row["used"], from_ms(row["at"])) for row in rows)

    def note(self, reading: Reading, verdict: Verdict, *, day: str) -> None:
        """Keep a reading as that of the day."""
        self._scope.write(
            _PUT,
            name=reading.key,
            day=day,
            used=reading.used,
            most=reading.most,
            level=int(verdict.level),
            facts=encode(reading.facts),
            at=to_ms(reading.at),
        )

    def _count(self, name: str, used: int, most: int | None) -> Reading:
        return Reading(name=name, used=used, most=most, at=self._scope.now)

    def _daily(self, name: str, used: int, most: int, **whose: str) -> Reading:
        return Reading(name=name, used=used, most=most, daily=True, at=self._scope.now, facts=whose)

    async def _latest(self, name: str, make: Callable[[Row], T], *, day: str = "") -> T | None:
        rows = await self._scope.fetch(_LATEST, name=name, at=self._scope.at, day=day)
        return next(map(make, rows), None)


def _reading(name: str, row: Row) -> Reading:
    return Reading(
        name=name,
        used=row["used"],
        most=row["most"],
        source="here" if name == RELATION_TAGS else "wecom",
        at=from_ms(row["at"]),
        facts=decode(row["facts"]),
    )
