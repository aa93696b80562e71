"""Who is in a segment, and who came and went in each of its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sop.segments import Segment
from storage import conditions, sight
from storage.engine.many import bulk
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.sight import Staff
from storage.values import FOREVER, from_ms, maybe_moment

_WHOSE = "corp_id = :corp_id AND segment_id = :segment_id"
_KNOWN = """
    (CAST(:staff AS TEXT) IS NULL OR EXISTS (
        SELECT 1 FROM relations AS r WHERE r.corp_id = :corp_id AND r.external_user_id = m.external_user_id
        AND r.user_id IN (SELECT value FROM {each}(CAST(:staff AS {json})))))
"""
_BOUND = Statement("""
    SELECT external_user_id FROM customers WHERE corp_id = :corp_id AND external_user_id > :after
    ORDER BY external_user_id LIMIT 1 OFFSET :most
""")
_PEOPLE = Statement("SELECT COUNT(*) AS count FROM customers WHERE corp_id = :corp_id")
_REST = f"SELECT external_user_id FROM segment_members WHERE {_WHOSE} AND external_user_id > :after"
_INSIDE = Statement(f"{_REST} AND external_user_id <= :upto", patient=True, by_keys=True)
_BEYOND = Statement(_REST, patient=True, by_keys=True)
_PAGE = Statement(f"""
    SELECT m.external_user_id, m.entered_at FROM segment_members AS m
    WHERE m.corp_id = :corp_id AND m.segment_id = :segment_id AND m.external_user_id > :after AND {_KNOWN}
    ORDER BY m.external_user_id LIMIT :most
""")
_MOVES = Statement(f"""
    SELECT m.external_user_id, m.at FROM segment_moves AS m
    WHERE m.corp_id = :corp_id AND m.segment_id = :segment_id AND m.run = :run AND m.entered = :entered
      AND m.external_user_id > :after AND {_KNOWN}
    ORDER BY m.external_user_id LIMIT :most
""")
_RUNS = Statement(f"""
    SELECT run, version, job_id, count, entered, left_count, status, begun_at, ended_at FROM segment_runs
    WHERE {_WHOSE} AND run < CAST(:before AS BIGINT) ORDER BY run DESC LIMIT :most
""")
_RUN = Statement(f"""
    SELECT run, version, job_id, count, entered, left_count, status, begun_at, ended_at FROM segment_runs
    WHERE {_WHOSE} AND run = :run
""")
_OF_CUSTOMER = Statement("""
    SELECT s.id, s.name, m.entered_at FROM segments AS s
    JOIN segment_members AS m ON m.corp_id = s.corp_id AND m.segment_id = s.id
    WHERE s.corp_id = :corp_id AND NOT s.deleted AND m.external_user_id = :external_user_id ORDER BY s.id
""")
_ENTER = bulk(
    """INSERT INTO segment_members (corp_id, segment_id, external_user_id, entered_at)
       SELECT CAST(:corp_id AS TEXT), CAST(:segment_id AS BIGINT), r.external_user_id, CAST(:at AS BIGINT)
       FROM {rows} AS r WHERE TRUE ON CONFLICT DO NOTHING""",
    external_user_id="TEXT",
)
_LEAVE = bulk(
    f"""DELETE FROM segment_members WHERE {_WHOSE}
        AND external_user_id IN (SELECT r.external_user_id FROM {{rows}} AS r)""",
    external_user_id="TEXT",
)
_NOTE = bulk(
    """INSERT INTO segment_moves (corp_id, segment_id, run, entered, external_user_id, at)
       SELECT CAST(:corp_id AS TEXT), CAST(:segment_id AS BIGINT), CAST(:run AS BIGINT), CAST(:entered AS BIGINT),
           r.external_user_id, CAST(:at AS BIGINT) FROM {rows} AS r WHERE TRUE ON CONFLICT DO NOTHING""",
    external_user_id="TEXT",
)
_COUNT = Statement("""
    UPDATE segments SET count = count + :entered - :gone WHERE corp_id = :corp_id AND id = :segment_id
""")
_TALLY = Statement(f"""
    UPDATE segment_runs SET entered = entered + :entered, left_count = left_count + :gone WHERE {_WHOSE} AND run = :run
""")
_BITE = [
    Statement(f"""
        DELETE FROM {table} WHERE {_WHOSE} AND external_user_id IN (
            SELECT external_user_id FROM {table} WHERE {_WHOSE} LIMIT :most)
    """)
    for table in ("segment_members", "segment_moves")
]
_LEFT = Statement(f"""
    SELECT 1 WHERE EXISTS (SELECT 1 FROM segment_members WHERE {_WHOSE})
        OR EXISTS (SELECT 1 FROM segment_moves WHERE {_WHOSE})
""")
_FORGET_RUNS = Statement(f"DELETE FROM segment_runs WHERE {_WHOSE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A customer who is in a segment, or came or went, and when."""

    external_user_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One refresh of a segment: how many came and went, and how many members there were at its end."""

    run: int
    version: int
    job_id: int
    count: int
    entered: int
    left: int
    status: str
    begun_at: datetime
    ended_at: datetime | None


class Members:
    """Who is in segments."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def people(self) -> int:
        """How many customers there are to look at."""
        (row,) = await self._scope.fetch(_PEOPLE)
        return int(row["count"])

    async def stretch(self, after: str, most: int) -> str | None:
        """The last of so many customers after one; None where no more follow."""
        rows = await self._scope.fetch(_BOUND, after=after, most=most - 1)
        return str(rows[0]["external_user_id"]) if rows else None

    async def matching(self, segment: Segment, *, after: str, upto: str | None) -> list[str]:
        """The customers of a stretch who meet the condition."""
        picked = await conditions.pick(self._scope, segment.condition, self._scope.now, between=(after, upto))
        return [row["external_user_id"] for row in await picked.fetch(self._scope, "c.external_user_id")]

    async def inside(self, segment_id: int, *, after: str, upto: str | None) -> list[str]:
        """The members of a stretch."""
        statement, ends = (_BEYOND, {}) if upto is None else (_INSIDE, {"upto": upto})
        rows = await self._scope.fetch(statement, segment_id=segment_id, after=after, **ends)
        return [row["external_user_id"] for row in rows]

    def move(self, segment_id: int, run: int, *, entered: Sequence[str], left: Sequence[str]) -> None:
        """Let customers enter and leave, and note it in the run."""
        about = {"segment_id": segment_id, "at": self._scope.at}
        for people, statement, side in ((entered, _ENTER, 1), (left, _LEAVE, 0)):
            if people:
                self._scope.write(statement, external_user_id=list(people), **about)
                self._scope.write(_NOTE, external_user_id=list(people), run=run, entered=side, **about)
        if entered or left:
            counts = {"segment_id": segment_id, "entered": len(entered), "gone": len(left)}
            self._scope.write(_COUNT, **counts)
            self._scope.write(_TALLY, run=run, **counts)

    async def members(self, segment_id: int, *, after: str = "", most: int, staff: Staff = None) -> tuple[Member, ...]:
        """Members in order, with `staff` only those whom one of these members of staff knows."""
        about = {"segment_id": segment_id, "after": after, "most": most, "staff": sight.name(staff)}
        return tuple(
            Member(external_user_id=row[0], at=from_ms(row[1])) for row in await self._scope.fetch(_PAGE, **about)
        )

    async def moves(
        self, segment_id: int, run: int, *, entered: bool = True, after: str = "", most: int, staff: Staff = None
    ) -> tuple[Member, ...]:
        """Who entered, or left, in a run, in order."""
        about = {"segment_id": segment_id, "after": after, "most": most, "staff": sight.name(staff)}
        rows = await self._scope.fetch(_MOVES, run=run, entered=int(entered), **about)
        return tuple(Member(external_user_id=row[0], at=from_ms(row[1])) for row in rows)

    async def runs(self, segment_id: int, *, before: int = FOREVER, most: int = 50) -> tuple[Run, ...]:
        """The refreshes, newest first."""
        return tuple(map(_run, await self._scope.fetch(_RUNS, segment_id=segment_id, before=before, most=most)))

    async def run(self, segment_id: int, run: int) -> Run | None:
        """One refresh."""
        return next(iter(map(_run, await self._scope.fetch(_RUN, segment_id=segment_id, run=run))), None)

    async def of_customer(self, external_user_id: str) -> tuple[tuple[int, str, datetime], ...]:
        """The segments that a customer is in: id, name, since when."""
        rows = await self._scope.fetch(_OF_CUSTOMER, external_user_id=external_user_id)
        return tuple((row["id"], row["name"], from_ms(row["entered_at"])) for row in rows)

    async def drop(self, segment_id: int, most: int) -> bool:
        """Take members and moves away, so many at a time; whether there were any left before."""
        if not await self._scope.fetch(_LEFT, segment_id=segment_id):
            self._scope.write(_FORGET_RUNS, segment_id=segment_id)
            return False
        for bite in _BITE:
            self._scope.write(bite, segment_id=segment_id, most=most)
        return True


def _run(row: Row) -> Run:
    return Run(
        run=row["run"],
        version=row["version"],
        job_id=row["job_id"],
        count=row["count"],
        entered=row["entered"],
        left=row["left_count"],
        status=row["status"],
        begun_at=from_ms(row["begun_at"]),
        ended_at=maybe_moment(row["ended_at"]),
    )
