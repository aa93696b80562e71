"""Jobs as they stand: lists, the sums of their parts, and the parts."""

from sop.jobs import Job, Part
from storage.database import Database
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import FOREVER, decode, from_ms, maybe_moment

_JOB = "j.id, j.kind, j.name, j.body, j.status, j.width, j.created_at, j.changed_at, j.finished_at, j.passed_then"
_SUMS = """
    (SELECT COUNT(*) FROM job_parts AS p WHERE p.job_id = j.id) AS parts,
    (SELECT COUNT(*) FROM job_parts AS p WHERE p.job_id = j.id AND p.status = 'done') AS parts_done,
    (SELECT CAST(SUM(p.total) AS BIGINT) FROM job_parts AS p WHERE p.job_id = j.id) AS total,
    (SELECT CAST(COALESCE(SUM(p.done), 0) AS BIGINT) FROM job_parts AS p WHERE p.job_id = j.id) AS done,
    (SELECT CAST(COALESCE(SUM(p.failed), 0) AS BIGINT) FROM job_parts AS p WHERE p.job_id = j.id) AS failed,
    (SELECT CAST(COALESCE(SUM(COALESCE(p.total, p.size)), 0) AS BIGINT) FROM job_parts AS p WHERE p.job_id = j.id)
        AS size,
    (SELECT CAST(COALESCE(SUM(CASE
        WHEN p.status = 'done' OR p.done + p.failed > p.total THEN COALESCE(p.total, p.size)
        WHEN p.total IS NULL THEN p.passed ELSE p.done + p.failed END), 0) AS BIGINT)
     FROM job_parts AS p WHERE p.job_id = j.id) AS passed
"""
_GET = Statement(f"SELECT {_JOB}, {_SUMS} FROM jobs AS j WHERE j.corp_id = :corp_id AND j.id = :id")
_PAGE = Statement(f"""
    SELECT {_JOB}, {_SUMS} FROM jobs AS j
    WHERE j.corp_id = :corp_id AND j.id < :before AND (:kind = '' OR j.kind = :kind)
      AND (:status = '' OR j.status = :status)
    ORDER BY j.id DESC LIMIT :most
""")
_PART = (
    "p.number, p.name, p.body, p.cursor, p.status, p.round, p.tries, "
    "p.total, p.size, p.passed, p.done, p.failed, p.code, p.reason"
)
_PARTS = Statement(f"SELECT {_PART} FROM job_parts AS p WHERE p.job_id = :id ORDER BY p.number")
_ONE = Statement(f"SELECT {_PART} FROM job_parts AS p WHERE p.job_id = :id AND p.number = :number")
_LEFT = Statement("""
    SELECT COUNT(CASE WHEN status = 'open' THEN 1 END) AS open,
           COUNT(CASE WHEN status = 'partial' THEN 1 END) AS partial
    FROM job_parts WHERE job_id = :id
""")
_OPEN = Statement(f"""
    SELECT {_JOB}, {_SUMS} FROM jobs AS j WHERE j.status IN ('running', 'paused', 'partial') ORDER BY j.id
""")


class JobLists:
    """The jobs of a corp, to be looked at."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, job_id: int) -> Job | None:
        """One job with its sums."""
        return next((_job(row) for row in await self._scope.fetch(_GET, id=job_id)), None)

    async def page(self, *, kind: str = "", status: str = "", before: int = FOREVER, most: int = 50) -> tuple[Job, ...]:
        """Jobs, newest first; `before` is the id of the last one of the page before."""
        rows = await self._scope.fetch(_PAGE, kind=kind, status=status, before=before, most=most)
        return tuple(map(_job, rows))

    async def parts(self, job_id: int) -> tuple[Part, ...]:
        """All parts of a job, in order."""
        return tuple(map(_part, await self._scope.fetch(_PARTS, id=job_id)))

    async def part(self, job_id: int, number: int) -> Part | None:
        """One part."""
        return next((_part(row) for row in await self._scope.fetch(_ONE, id=job_id, number=number)), None)

    async def left(self, job_id: int) -> tuple[int, int]:
        """How many parts are open, and how many have halted."""
        (row,) = await self._scope.fetch(_LEFT, id=job_id)
        return row["open"], row["partial"]


async def unfinished(database: Database) -> tuple[Job, ...]:
    """The jobs of all corps that are running, paused or partial, for the gauges."""
    return tuple(map(_job, await database.fetch(_OPEN)))


def _job(row: Row) -> Job:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row is no mapping
    values["body"] = decode(values["body"])
    moments = {name: from_ms(values[name]) for name in ("created_at", "changed_at")}
    return Job(**values | moments | {"finished_at": maybe_moment(values["finished_at"])})


def _part(row: Row) -> Part:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row is no mapping
    return Part(**values | {"body": decode(values["body"])})
