"""What differed between WeCom and us: counted exactly, listed up to a bound, with the proof of completeness."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop import drift
from sop.drift import Drift
from storage.engine.many import bulk, joined
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import decode, encode, to_ms

_COUNT = Statement("""
    INSERT INTO drift_counts (job_id, part, kind, what, count, repaired)
    VALUES (:job_id, :part, :kind, :what, :count, :repaired)
    ON CONFLICT (job_id, part, kind, what) DO UPDATE
    SET count = drift_counts.count + excluded.count, repaired = drift_counts.repaired + excluded.repaired
""")
_LIST = bulk(
    """
    INSERT INTO drifts (job_id, kind, key, what, fields, repaired, at)
    SELECT CAST(:job_id AS BIGINT), r.kind, r.key, r.what, r.fields, CAST(:repaired AS BOOLEAN), CAST(:at AS BIGINT)
    FROM {rows} AS r WHERE TRUE
    ON CONFLICT (job_id, kind, key, what) DO NOTHING
    """,
    kind="TEXT",
    key="TEXT",
    what="TEXT",
    fields="TEXT",
)
_LISTED = Statement("SELECT kind, COUNT(*) AS count FROM drifts WHERE job_id = :job_id GROUP BY kind")
_SUMS = Statement("""
    SELECT kind, what, CAST(SUM(count) AS BIGINT) AS count, CAST(SUM(repaired) AS BIGINT) AS repaired
    FROM drift_counts WHERE job_id = :job_id GROUP BY kind, what ORDER BY kind, what
""")
_PAGE = Statement("""
    SELECT kind, key, what, fields, repaired, at FROM drifts
    WHERE job_id = :job_id AND (kind, key, what) > (:kind, :key, :what) ORDER BY kind, key, what LIMIT :most
""")
_FORGET_COUNTS = Statement("DELETE FROM drift_counts WHERE job_id = :job_id AND part = :part")
_FORGET_MEMBERS = Statement("DELETE FROM member_counts WHERE job_id = :job_id AND part = :part")
_SHOWN = bulk(
    """
    INSERT INTO member_counts (job_id, user_id, part, there)
    SELECT CAST(:job_id AS BIGINT), r.user_id, CAST(:part AS BIGINT), r.there FROM {rows} AS r WHERE TRUE
    ON CONFLICT (job_id, user_id) DO UPDATE SET there = member_counts.there + excluded.there
    """,
    user_id="TEXT",
    there="BIGINT",
)
_PROVE = bulk(
    """
    INSERT INTO member_counts (job_id, user_id, part, there, here)
    SELECT CAST(:job_id AS BIGINT), r.user_id, CAST(:part AS BIGINT), r.there, r.here FROM {rows} AS r WHERE TRUE
    ON CONFLICT (job_id, user_id) DO UPDATE SET there = excluded.there, here = excluded.here
    """,
    user_id="TEXT",
    there="BIGINT",
    here="BIGINT",
)
# A customer who has left is shown by WeCom until the member removes them; a half add never is. Stale is what no page of
# the scan has shown any more.
_COMPARE = joined(
    """
    k.user_id,
    COALESCE((SELECT m.there FROM member_counts AS m WHERE m.job_id = :job_id AND m.user_id = k.user_id), 0) AS there,
    COUNT(CASE WHEN r.status = 'active' OR (r.status = 'lost' AND r.seen_at >= :began) THEN 1 END) AS here,
    COUNT(CASE WHEN r.status IN ('active', 'lost') AND r.seen_at < :began AND r.told_at < :began THEN 1 END) AS stale
    """,
    "relations AS r",
    on="r.corp_id = :corp_id AND r.user_id = k.user_id",
    left=True,
    then="GROUP BY k.user_id",
    user_id="TEXT",
)
_SIGHT = bulk(
    """
    INSERT INTO sightings (job_id, kind, key)
    SELECT CAST(:job_id AS BIGINT), CAST(:kind AS TEXT), r.key FROM {rows} AS r WHERE TRUE
    ON CONFLICT (job_id, kind, key) DO NOTHING
    """,
    key="TEXT",
)
_SIGHTED = Statement("SELECT key FROM sightings WHERE job_id = :job_id AND kind = :kind")
_UNSIGHT = Statement("DELETE FROM sightings WHERE job_id = :job_id")
_MEMBERS = Statement("""
    SELECT user_id, there, here FROM member_counts
    WHERE job_id = :job_id AND user_id > :after ORDER BY user_id LIMIT :most
""")
_TOTALS = Statement("""
    SELECT COUNT(*) AS members, COUNT(CASE WHEN there <> here THEN 1 END) AS differing,
           CAST(COALESCE(SUM(there), 0) AS BIGINT) AS there, CAST(COALESCE(SUM(here), 0) AS BIGINT) AS here
    FROM member_counts WHERE job_id = :job_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a difference was found: a part of a job, which repairs it or not."""

    job_id: int
    part: int
    repair: bool = True
    listed: bool = True  # whether differences are listed; the first sync only counts them


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The customers of a member: as WeCom shows them, and as they are held."""

    user_id: str
    there: int
    here: int
    stale: int = 0  # held, but not shown by the scan

    @property
    def equal(self) -> bool:
        """Whether both sides have the same."""
        return self.there == self.here and not self.stale


class Drifts:
    """The differences of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def note(self, place: Place, found: Sequence[Drift]) -> None:
        """Count differences, and list the first of each kind."""
        for (kind, what), count in drift.tally(found).items():
            repaired = count if place.repair else 0
            self._scope.write(
                _COUNT, job_id=place.job_id, part=place.part, kind=kind, what=what, count=count, repaired=repaired
            )
        if not found or not place.listed:
            return
        listed = {row["kind"]: row["count"] for row in await self._scope.fetch(_LISTED, job_id=place.job_id)}
        rows = [each for each in found if listed.get(each.kind, 0) < drift.LISTED][: drift.LISTED]
        if rows:
            self._scope.write(
                _LIST,
                job_id=place.job_id,
                repaired=place.repair,
                at=self._scope.at,
                kind=[each.kind for each in rows],
                key=[each.key for each in rows],
                what=[each.what for each in rows],
                fields=[encode(each.fields) for each in rows],
            )

    def restart(self, place: Place) -> None:
        """Forget what was counted: the scan of a part begins anew."""
        self._scope.write(_FORGET_COUNTS, job_id=place.job_id, part=place.part)
        self._scope.write(_FORGET_MEMBERS, job_id=place.job_id, part=place.part)

    def show(self, place: Place, counts: Mapping[str, int]) -> None:
        """Add to what WeCom has shown of each member's customers."""
        if counts:
            self._scope.write(
                _SHOWN, job_id=place.job_id, part=place.part, user_id=list(counts), there=list(counts.values())
            )

    async def compare(self, place: Place, members: Iterable[str], *, began: datetime) -> tuple[Count, ...]:
        """Count the customers of members on both sides, after a scan that `began` then."""
        rows = await self._scope.fetch(
            _COMPARE, keys=encode([[each] for each in members]), job_id=place.job_id, began=to_ms(began)
        )
        return tuple(map(_count, rows))

    def prove(self, place: Place, counts: Sequence[Count]) -> None:
        """Keep the counts of both sides."""
        if counts:
            self._scope.write(
                _PROVE,
                job_id=place.job_id,
                part=place.part,
                user_id=[each.user_id for each in counts],
                there=[each.there for each in counts],
                here=[each.here for each in counts],
            )

    def sight(self, job_id: int, kind: str, keys: Collection[str]) -> None:
        """Note what WeCom has shown so far."""
        if keys:
            self._scope.write(_SIGHT, job_id=job_id, kind=kind, key=sorted(keys))

    async def sighted(self, job_id: int, kind: str) -> frozenset[str]:
        """What WeCom has shown so far."""
        return frozenset(row["key"] for row in await self._scope.fetch(_SIGHTED, job_id=job_id, kind=kind))

    def unsight(self, job_id: int) -> None:
        """All has been shown and compared."""
        self._scope.write(_UNSIGHT, job_id=job_id)

    async def sums(self, job_id: int) -> tuple[Mapping[str, Any], ...]:
        """How many differences a job found: kind, what, count, repaired."""
        rows = await self._scope.fetch(_SUMS, job_id=job_id)
        return tuple({name: row[name] for name in ("kind", "what", "count", "repaired")} for row in rows)

    async def page(self, job_id: int, *, after: tuple[str, str, str], most: int) -> tuple[Mapping[str, Any], ...]:
        """The differences that are listed, by kind, key and what."""
        kind, key, what = after
        rows = await self._scope.fetch(_PAGE, job_id=job_id, kind=kind, key=key, what=what, most=most)
        return tuple(
            {name: row[name] for name in ("kind", "key", "what", "at")}
            | {"fields": decode(row["fields"]), "repaired": bool(row["repaired"])}
            for row in rows
        )

    async def members(self, job_id: int, *, after: str = "", most: int = 100) -> tuple[Count, ...]:
        """The counts of members, by user id."""
        rows = await self._scope.fetch(_MEMBERS, job_id=job_id, after=after, most=most)
        return tuple(Count(user_id=row["user_id"], there=row["there"], here=row["here"]) for row in rows)

    async def totals(self, job_id: int) -> Mapping[str, int]:
        """Members compared, those whose counts differ, and the sums of both sides."""
        (row,) = await self._scope.fetch(_TOTALS, job_id=job_id)
        return {name: row[name] for name in ("members", "differing", "there", "here")}


def _count(row: Row) -> Count:
    return Count(user_id=row["user_id"], there=row["there"], here=row["here"], stale=row["stale"])
