"""What bulk tagging has changed, relation by relation: counted, reported and undone from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import decode, encode, from_ms

Status = Literal["open", "done", "failed", "same"]
_COLUMNS = "external_user_id, user_id, status, added, removed, code, reason, at"
_NOTE = insert(
    "tag_changes",
    ("job_id", "external_user_id", "user_id", "corp_id", "status", "added", "removed", "reason", "at"),
    unless="job_id, external_user_id, user_id",
)
_SETTLE = Statement("""
    UPDATE tag_changes SET status = :status, code = :code, reason = :reason, at = :at
    WHERE corp_id = :corp_id AND job_id = :job_id AND external_user_id = :external_user_id AND user_id = :user_id
      AND status = 'open'
""")
_NEWS = Statement("""
    SELECT external_user_id, user_id, status FROM tag_changes
    WHERE corp_id = :corp_id AND job_id = :job_id AND NOT counted
""")
_COUNTED = Statement("""
    UPDATE tag_changes SET counted = TRUE
    WHERE corp_id = :corp_id AND job_id = :job_id AND external_user_id = :external_user_id AND user_id = :user_id
""")
_PAGE = Statement(f"""
    SELECT {_COLUMNS} FROM tag_changes
    WHERE corp_id = :corp_id AND job_id = :job_id AND (external_user_id, user_id) > (:external_user_id, :user_id)
      AND (:status = '' OR status = :status)
    ORDER BY external_user_id, user_id LIMIT :most
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a job did to one relation; `added` was not there before, `removed` was."""

    external_user_id: str
    user_id: str
    status: Status
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    code: int = 0
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What has happened since the job was last counted, and how many changes are still on their way."""

    waiting: int
    done: int
    failed: int


class Bulk:
    """The changes of a corp's bulk jobs."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def note(self, job_id: int, change: Change) -> None:
        """Write what a job wants of a relation, once."""
        self._scope.write(
            _NOTE,
            job_id=job_id,
            external_user_id=change.external_user_id,
            user_id=change.user_id,
            status=change.status,
            added=encode(change.added),
            removed=encode(change.removed),
            reason=change.reason,
            at=self._scope.at,
        )

    def settle(self, job_id: int, external_user_id: str, user_id: str, *, code: int, reason: str) -> None:
        """WeCom has done it, or without a reason to be given has not."""
        self._scope.write(
            _SETTLE,
            job_id=job_id,
            external_user_id=external_user_id,
            user_id=user_id,
            status="failed" if reason else "done",
            code=code,
            reason=reason,
            at=self._scope.at,
        )

    async def count(self, job_id: int) -> News:
        """What is new; each change is counted once."""
        rows = await self._scope.fetch(_NEWS, job_id=job_id)
        ended = [row for row in rows if row["status"] != "open"]
        for row in ended:
            pair = {"external_user_id": row["external_user_id"], "user_id": row["user_id"]}
            self._scope.write(_COUNTED, job_id=job_id, **pair)
        failed = sum(row["status"] == "failed" for row in ended)
        return News(waiting=len(rows) - len(ended), done=len(ended) - failed, failed=failed)

    async def page(
        self, job_id: int, after: tuple[str, str] = ("", ""), *, status: str = "", most: int = 200
    ) -> Sequence[Change]:
        """Changes of a job in the order of customer and member."""
        place = {"external_user_id": after[0], "user_id": after[1]}
        return tuple(map(_change, await self._scope.fetch(_PAGE, job_id=job_id, **place, status=status, most=most)))


def _change(row: Row) -> Change:
    names = ("external_user_id", "user_id", "status", "code", "reason")
    return Change(
        **{name: row[name] for name in names},
        added=tuple(decode(row["added"])),
        removed=tuple(decode(row["removed"])),
        at=from_ms(row["at"]),
    )
