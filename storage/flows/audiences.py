"""Who comes into flows by the clock: customers of whom a condition holds or whose day it is, and groups, in pages."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sop.conditions import Tree
from sop.flows.document import OnGroups
from sop.schedules import Origins, instant
from storage.conditions import pick
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import encode, to_ms

FURTHEST = 20 * 366  # days back to which an add is remembered
_DATED = Statement(
    """
    SELECT t.external_user_id FROM field_values AS t
    WHERE t.corp_id = :corp_id AND t.name = :field AND t.external_user_id > :after AND t.text <= :until
      AND EXISTS (SELECT 1 FROM {each}(CAST(:endings AS {json})) AS e WHERE t.text LIKE '%' || e.value)
    ORDER BY t.external_user_id LIMIT :most
    """,
    patient=True,
    by_keys=True,
)
_GROUPS = Statement(
    """
    SELECT g.chat_id, g.owner FROM customer_groups AS g
    WHERE g.corp_id = :corp_id AND g.chat_id > :after AND g.status <> 'dismissed'
      AND g.created_at >= :since AND g.created_at < :before
      AND (:owners = '[]' OR g.owner IN (SELECT value FROM {each}(CAST(:owners AS {json}))))
      AND (:tags = '[]' OR EXISTS (
          SELECT 1 FROM group_bindings AS b JOIN {each}(CAST(:tags AS {json})) AS w
              ON b.tag_id = CAST(w.value AS BIGINT)
          WHERE b.corp_id = g.corp_id AND b.chat_id = g.chat_id))
    ORDER BY g.chat_id LIMIT :most
    """,
    patient=True,
    by_keys=True,
)


async def meeting(scope: Scope, tree: Tree, now: datetime, *, after: str, most: int) -> list[str]:
    """A page of the customers of whom a condition holds."""
    picked = await pick(scope, tree, now)
    then = "AND c.external_user_id > :after ORDER BY c.external_user_id LIMIT :most"
    rows = await picked.fetch(scope, "DISTINCT c.external_user_id", then, after=after, most=most)
    return [row["external_user_id"] for row in rows]


async def dated(scope: Scope, field: str, origins: Origins, *, after: str, most: int) -> list[str]:
    """A page of the customers whose date, in a field of theirs, has its turn."""
    rows = await scope.fetch(
        _DATED,
        field=field,
        endings=encode(origins.endings),
        until=origins.until.isoformat(),
        after=after,
        most=most,
    )
    return [row["external_user_id"] for row in rows]


async def added(scope: Scope, origins: Origins, zone: ZoneInfo, *, after: str, most: int) -> list[str]:
    """A page of the customers whose add, by the clocks of the zone, has its turn."""
    days = [day for day in _days(origins) if day.isoformat().endswith(origins.endings)]
    spans = {}
    for number, day in enumerate(days):
        spans[f"s{number}"] = to_ms(instant(datetime.combine(day, datetime.min.time()), zone))
        spans[f"e{number}"] = to_ms(instant(datetime.combine(day + timedelta(days=1), datetime.min.time()), zone))
    rows = await scope.fetch(_added(len(days)), after=after, most=most, **spans) if days else ()
    return [row["external_user_id"] for row in rows]


async def groups(
    scope: Scope, entry: OnGroups, today: date, zone: ZoneInfo, *, after: str, most: int
) -> list[tuple[str, str]]:
    """A page of groups with their owners."""
    since = date.min if entry.age.most is None else today - timedelta(days=entry.age.most)
    before = today - timedelta(days=entry.age.least) + timedelta(days=1)
    rows = await scope.fetch(
        _GROUPS,
        since=0 if since == date.min else to_ms(instant(datetime.combine(since, datetime.min.time()), zone)),
        before=to_ms(instant(datetime.combine(before, datetime.min.time()), zone)),
        owners=encode(entry.owners),
        tags=encode(entry.tags),
        after=after,
        most=most,
    )
    return [(row["chat_id"], row["owner"]) for row in rows]


def _days(origins: Origins) -> list[date]:
    return [origins.until - timedelta(days=number) for number in range(FURTHEST)]


@lru_cache(maxsize=256)
def _added(count: int) -> Statement:
    spans = " OR ".join(f"(added_at >= :s{number} AND added_at < :e{number})" for number in range(count))
    return Statement(
        f"""
        SELECT DISTINCT external_user_id FROM relations
        WHERE corp_id = :corp_id AND external_user_id > :after AND status = 'active' AND ({spans})
        ORDER BY external_user_id LIMIT :most
        """,
        patient=True,
        by_keys=True,
    )
