"""Days as WeCom counted them, of the groups of each owner and of each acquisition link; and ours of the same days."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from sop.daycounts import CHINA, GroupCounts, midnight
from storage import sight
from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope
from storage.values import encode, to_ms

_FIELDS = tuple(field.name for field in fields(GroupCounts))
_OFFSET, _DAY = int(CHINA.utcoffset(None).total_seconds() * 1000), 86_400_000
_OWNED = "(CAST(:staff AS TEXT) IS NULL OR {owner} IN (SELECT value FROM {{each}}(CAST(:staff AS {{json}}))))"
_PUT_GROUPS = upsert("group_days", ("corp_id", "owner", "day"), _FIELDS)
_PUT_LINK = upsert("acquisition_days", ("corp_id", "link", "day"), ("clicks", "customers"))
_DUE = Statement("""
    SELECT g.owner, (SELECT MAX(d.day) FROM group_days AS d WHERE d.corp_id = :corp_id AND d.owner = g.owner) AS last
    FROM (SELECT DISTINCT owner FROM customer_groups
          WHERE corp_id = :corp_id AND dismissed_at IS NULL AND owner > :after ORDER BY owner LIMIT :most) AS g
    ORDER BY g.owner
""")
_LAST = Statement("SELECT MAX(day) AS last FROM acquisition_days WHERE corp_id = :corp_id AND link = :link")
_BY_DAY = Statement(f"""
    SELECT day, {", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in _FIELDS)} FROM group_days
    WHERE corp_id = :corp_id AND day >= :since AND day <= :until AND {_OWNED.format(owner="owner")}
    GROUP BY day
""")
_OF_OWNERS = Statement(f"""
    SELECT owner, day, {", ".join(_FIELDS)} FROM group_days
    WHERE corp_id = :corp_id AND day >= :since AND day <= :until AND {_OWNED.format(owner="owner")}
""")
_OWNERS = Statement(f"""
    SELECT owner FROM (
        SELECT owner FROM group_days
        WHERE corp_id = :corp_id AND owner > :after AND day >= :since AND day <= :until
        UNION SELECT owner FROM customer_groups WHERE corp_id = :corp_id AND owner > :after AND dismissed_at IS NULL
    ) AS found WHERE {_OWNED.format(owner="owner")} ORDER BY owner LIMIT :most
""")
_OF_LINK = Statement("""
    SELECT day, clicks, customers FROM acquisition_days
    WHERE corp_id = :corp_id AND link = :link AND day >= :since AND day <= :until
""")


def _day(moment: str) -> str:
    return f"CAST(({moment} + {_OFFSET}) / {_DAY} AS TEXT)"


def _ours(part: str) -> Statement:
    """Groups that were founded, customers who came and who went, each by a part that stands for `{at}` or an owner."""
    owned = _OWNED.format(owner="g.owner")
    moves = "".join(
        f"""
        UNION ALL
        SELECT {part.format(at=_day(f"i.{at}"))}, '{what}', COUNT(*)
        FROM customer_groups AS g JOIN group_members AS i ON i.corp_id = g.corp_id AND i.chat_id = g.chat_id
        WHERE g.corp_id = :corp_id AND {owned} AND i.kind = 'customer' AND i.{at} >= :since AND i.{at} < :until
        GROUP BY 1"""
        for at, what in (("joined_at", "joined"), ("left_at", "left"))
    )
    return Statement(f"""
        SELECT {part.format(at=_day("g.created_at"))} AS part, 'new_groups' AS what, COUNT(*) AS count
        FROM customer_groups AS g
        WHERE g.corp_id = :corp_id AND {owned} AND g.created_at >= :since AND g.created_at < :until
        GROUP BY 1 {moves}
    """)


_OURS_BY_DAY, _OURS_BY_OWNER = _ours("{at}"), _ours("g.owner")
_NEWCOMERS = Statement(f"""
    SELECT {_day("came_at")} AS part, 'customers' AS what, COUNT(*) AS count FROM acquisition_customers
    WHERE corp_id = :corp_id AND link = :link AND came_at >= :since AND came_at < :until AND {sight.MEANT}
    GROUP BY 1
    UNION ALL
    SELECT {_day("left_at")}, 'lost', COUNT(*) FROM acquisition_customers
    WHERE corp_id = :corp_id AND link = :link AND left_at >= :since AND left_at < :until AND {sight.MEANT}
    GROUP BY 1
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An owner of groups, and the newest day that is known of theirs."""

    owner: str
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OurGroups:
    """What our ledger says of some days: groups founded, customers who came into groups and who went."""

    new_groups: int = 0
    joined: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCounts:
    """What WeCom counts of a link on a day."""

    clicks: int = 0
    customers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OurNewcomers:
    """Who came by a link on a day, and who left."""

    customers: int = 0
    lost: int = 0


class DayCounts:
    """The days of a corp; all are China's, as WeCom counts."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def note_groups(self, owner: str, day: date, counts: GroupCounts) -> None:
        """What WeCom says of an owner's day; said anew, it counts anew."""
        self._scope.write(_PUT_GROUPS, owner=owner, day=day.isoformat(), **asdict(counts))

    def note_link(self, link: int, day: date, counts: LinkCounts) -> None:
        """What WeCom says of a link's day."""
        self._scope.write(_PUT_LINK, link=link, day=day.isoformat(), **asdict(counts))

    async def due(self, *, after: str, most: int) -> tuple[Due, ...]:
        """The owners of groups, by user id."""
        rows = await self._scope.fetch(_DUE, after=after, most=most)
        return tuple(Due(owner=row["owner"], last=_maybe_day(row["last"])) for row in rows)

    async def last(self, link: int) -> date | None:
        """The newest day that is known of a link."""
        (row,) = await self._scope.fetch(_LAST, link=link)
        return _maybe_day(row["last"])

    async def groups(self, since: date, until: date, *, staff: sight.Staff = None) -> dict[date, GroupCounts]:
        """WeCom's numbers of the days that are known, of all these owners together."""
        rows = await self._scope.fetch(_BY_DAY, staff=sight.name(staff), **_days(since, until))
        return {date.fromisoformat(row["day"]): _counts(row) for row in rows}

    async def owners(
        self, since: date, until: date, *, staff: sight.Staff = None, after: str = "", most: int
    ) -> tuple[str, ...]:
        """Who has groups, or had some of which WeCom told on these days; by user id."""
        span = _days(since, until)
        rows = await self._scope.fetch(_OWNERS, staff=sight.name(staff), after=after, most=most, **span)
        return tuple(row["owner"] for row in rows)

    async def of_owners(
        self, since: date, until: date, *, owners: Collection[str]
    ) -> Mapping[str, dict[date, GroupCounts]]:
        """WeCom's numbers, owner by owner."""
        found: dict[str, dict[date, GroupCounts]] = defaultdict(dict)
        for row in await self._scope.fetch(_OF_OWNERS, staff=encode(sorted(owners)), **_days(since, until)):
            found[row["owner"]][date.fromisoformat(row["day"])] = _counts(row)
        return found

    async def our_groups(self, since: date, until: date, *, staff: sight.Staff = None) -> dict[date, OurGroups]:
        """Our numbers of the days on which there was anything, of all these owners together."""
        found = await self._count(_OURS_BY_DAY, since, until, staff=sight.name(staff))
        return {_date(part): OurGroups(**counts) for part, counts in found.items()}

    async def our_owners(self, since: date, until: date, *, owners: Collection[str]) -> dict[str, OurGroups]:
        """Our numbers of all these days, owner by owner, of whom there is anything."""
        found = await self._count(_OURS_BY_OWNER, since, until, staff=encode(sorted(owners)))
        return {owner: OurGroups(**counts) for owner, counts in found.items()}

    async def link(self, link: int, since: date, until: date) -> dict[date, LinkCounts]:
        """WeCom's numbers of the days that are known of a link."""
        rows = await self._scope.fetch(_OF_LINK, link=link, **_days(since, until))
        return {
            date.fromisoformat(row["day"]): LinkCounts(clicks=row["clicks"], customers=row["customers"]) for row in rows
        }

    async def our_link(
        self, link: int, since: date, until: date, *, staff: sight.Staff = None
    ) -> dict[date, OurNewcomers]:
        """Our numbers of a link and these members, of the days on which there was anything."""
        found = await self._count(_NEWCOMERS, since, until, link=link, staff=sight.name(staff))
        return {_date(part): OurNewcomers(**counts) for part, counts in found.items()}

    async def _count(self, statement: Statement, since: date, until: date, **which: Any) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = defaultdict(dict)
        span = {"since": to_ms(midnight(since)), "until": to_ms(midnight(until + timedelta(days=1)))}
        for row in await self._scope.fetch(statement, **span, **which):
            found[row["part"]][row["what"]] = row["count"]
        return found


def _days(since: date, until: date) -> dict[str, str]:
    return {"since": since.isoformat(), "until": until.isoformat()}


def _date(part: str) -> date:
    return date(1970, 1, 1) + timedelta(days=int(part))


def _maybe_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _counts(row: Row) -> GroupCounts:
    return GroupCounts(**{name: row[name] for name in _FIELDS})
