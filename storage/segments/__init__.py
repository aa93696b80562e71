"""Segments of a corp: what they ask for, and how far they are up to date."""

from typing import Any

from sop import segments as rules
from sop.errors import Invalid
from sop.segments import Draft, Segment
from storage.engine.sql import Row, Statement, insert
from storage.segments.members import Members
from storage.values import FOREVER, decode, encode, from_ms, maybe_moment, new_id

_WRITTEN = ("name", "condition", "hours", "enabled", "version")
_COLUMNS = ("id", *_WRITTEN, "count", "run", "job_id", "refreshed_at", "created_at")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM segments WHERE corp_id = :corp_id AND NOT deleted"
_GET = Statement(f"{_SELECT} AND id = :id")
_ALL = Statement(f"{_SELECT} ORDER BY id")
_PAGE = Statement(f"{_SELECT} AND id < :before ORDER BY id DESC LIMIT :most")
_ADD = insert("segments", ("corp_id", *_COLUMNS, "changed_at"))
_CHANGE = Statement(f"""
    UPDATE segments SET {", ".join(f"{name} = :{name}" for name in (*_WRITTEN, "changed_at"))}
    WHERE corp_id = :corp_id AND id = :id AND version = :known AND NOT deleted
""")
_REMOVE = Statement("UPDATE segments SET deleted = TRUE, changed_at = :at WHERE corp_id = :corp_id AND id = :id")
_FORGET = Statement("DELETE FROM segments WHERE corp_id = :corp_id AND id = :id")
_BEGIN = Statement("""
    UPDATE segments SET run = :run, job_id = :job_id
    WHERE corp_id = :corp_id AND id = :id AND run = :known AND NOT deleted
""")
_END = Statement("""
    UPDATE segments SET job_id = 0, refreshed_at = (
        SELECT r.begun_at FROM segment_runs AS r WHERE r.corp_id = :corp_id AND r.segment_id = :id AND r.run = :run)
    WHERE corp_id = :corp_id AND id = :id AND job_id = :job_id
""")
_BEGIN_RUN = insert("segment_runs", ("corp_id", "segment_id", "run", "version", "job_id", "status", "begun_at"))
_END_RUN = Statement("""
    UPDATE segment_runs SET status = :status, ended_at = :at,
        count = (SELECT s.count FROM segments AS s WHERE s.corp_id = :corp_id AND s.id = :segment_id)
    WHERE corp_id = :corp_id AND segment_id = :segment_id AND run = :run
""")


class Segments(Members):
    """The segments of a corp, with their members."""

    async def get(self, segment_id: int) -> Segment | None:
        """One segment."""
        return next(iter(map(_segment, await self._scope.fetch(_GET, id=segment_id))), None)

    async def all(self) -> tuple[Segment, ...]:
        """All segments, the oldest first: there are some hundreds at most."""
        return tuple(map(_segment, await self._scope.fetch(_ALL)))

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Segment, ...]:
        """Segments, newest first; `before` is the id of the last one of the page before."""
        return tuple(map(_segment, await self._scope.fetch(_PAGE, before=before, most=most)))

    def add(self, draft: Draft) -> Segment:
        """Store a new segment, still without members. Raises `Invalid`."""
        segment = _dress(draft, new_id(), self._scope.at)
        self._scope.write(_ADD, **_row(segment), created_at=self._scope.at, changed_at=self._scope.at)
        return segment

    def change(self, segment: Segment, draft: Draft) -> Segment:
        """Replace a segment by its next version. Raises `Invalid`; at commit `LostLease` if it is not this one."""
        if found := rules.check(draft):
            raise Invalid(found)
        about = {name: getattr(draft, name) for name in ("name", "condition", "hours", "enabled")}
        changed = _copy(segment, **about, version=segment.version + 1)
        values = {name: value for name, value in _row(changed).items() if name in (*_WRITTEN, "id")}
        guarded: dict[str, Any] = {"corp_id": self._scope.corp_id, "known": segment.version}
        self._scope.unit.guard(_CHANGE, changed_at=self._scope.at, **values, **guarded)
        return changed

    def remove(self, segment_id: int) -> None:
        """Take a segment out of sight; `forget` follows when its members are gone."""
        self._scope.write(_REMOVE, id=segment_id, at=self._scope.at)

    def forget(self, segment_id: int) -> None:
        """Take it away for good."""
        self._scope.write(_FORGET, id=segment_id)

    def begin(self, segment: Segment, job_id: int) -> int:
        """Note that a refresh is under way; its number. At commit `LostLease` if another was begun meanwhile."""
        run = segment.run + 1
        corp_id = self._scope.corp_id
        self._scope.unit.guard(_BEGIN, corp_id=corp_id, id=segment.id, run=run, job_id=job_id, known=segment.run)
        about = {"segment_id": segment.id, "run": run, "version": segment.version, "job_id": job_id}
        self._scope.write(_BEGIN_RUN, **about, status="running", begun_at=self._scope.at)
        return run

    def end(self, segment_id: int, run: int, *, job_id: int, status: str) -> None:
        """Note how a refresh has ended."""
        self._scope.write(_END, id=segment_id, job_id=job_id, run=run)
        self._scope.write(_END_RUN, segment_id=segment_id, run=run, status=status, at=self._scope.at)


def _dress(draft: Draft, segment_id: int, at: int) -> Segment:
    if found := rules.check(draft):
        raise Invalid(found)
    return Segment(
        id=segment_id,
        name=draft.name,
        condition=draft.condition,
        hours=draft.hours,
        enabled=draft.enabled,
        version=1,
        count=0,
        run=0,
        job_id=0,
        refreshed_at=None,
        created_at=from_ms(at),
    )


def _copy(segment: Segment, **changes: Any) -> Segment:
    return Segment(**{name: getattr(segment, name) for name in _COLUMNS} | changes)


def _row(segment: Segment) -> dict[str, Any]:
    values = {name: getattr(segment, name) for name in _COLUMNS if name != "created_at"}
    return values | {"condition": encode(segment.condition), "refreshed_at": None}


def _segment(row: Row) -> Segment:
    values = {name: row[name] for name in _COLUMNS}
    times = {"refreshed_at": maybe_moment(row["refreshed_at"]), "created_at": from_ms(row["created_at"])}
    return Segment(**values | times | {"condition": decode(row["condition"]), "enabled": bool(row["enabled"])})
