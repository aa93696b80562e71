"""Jobs: long work in parts, each with a cursor that moves in the transaction that writes what it has passed.

A part goes on by steps, each an event of its own; `handlers.jobs.walk` drives them. Killed anywhere, the step that was
not committed happens again, and nothing else. Parts `n`, `n + width`, `n + 2·width` … are a lane: one after another.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sop.events import JobEnded, Own, PartEnded, StepDue
from sop.jobs import Job, Part, PartStatus, Plan, Progress, Status
from storage.engine.sql import Statement, insert
from storage.joblists import JobLists
from storage.scope import Scope
from storage.values import encode, new_id

_ADD = insert(
    "jobs", ("id", "corp_id", "app", "kind", "name", "body", "status", "alone", "width", "created_at", "changed_at")
)
_ADD_PART = insert("job_parts", ("job_id", "number", "name", "body", "status", "total", "size", "changed_at"))
_MOVE = Statement("""
    UPDATE job_parts SET cursor = :cursor, status = :status, round = round + 1, tries = :tries,
        total = COALESCE(:total, total), size = COALESCE(:size, size), passed = COALESCE(:passed, passed),
        done = done + :done, failed = failed + :failed, code = :code, reason = :reason, changed_at = :at
    WHERE job_id = :job_id AND number = :number AND round = :round
""")
_TURN = Statement("""
    UPDATE jobs SET status = :status, changed_at = :at, passed_then = :passed_then,
        finished_at = CAST(:finished_at AS BIGINT),
        alone = CASE WHEN CAST(:finished_at AS BIGINT) IS NULL THEN alone ELSE '' END
    WHERE corp_id = :corp_id AND id = :id AND status = :before
""")
_REOPEN = Statement("""
    UPDATE job_parts SET status = 'open', round = round + 1, tries = 0, code = 0, reason = '', changed_at = :at
    WHERE job_id = :id AND status <> 'done'
""")


class Schedule(Protocol):
    """How an event is had later: `Store.schedule`."""

    def __call__(self, event: Own, *, name: str, due_at: datetime) -> None:
        """A timer of the same name stays as it is."""


class Jobs(JobLists):
    """The jobs of a corp, to be begun and moved."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int], schedule: Schedule) -> None:
        super().__init__(scope)
        self._announce = announce
        self._schedule = schedule

    def start(
        self,
        kind: str,
        parts: Sequence[Plan],
        *,
        name: str = "",
        body: Mapping[str, Any] | None = None,
        width: int = 1,
        alone: bool = False,
    ) -> int:
        """Begin a job, `width` parts side by side; its id.

        `alone`: at commit it is a `Conflict` while another of its kind is running, paused or partial.
        """
        identity, scope = new_id(), self._scope
        about = {"name": name, "body": encode(body or {}), "width": width, "alone": kind if alone else ""}
        moments = {"created_at": scope.at, "changed_at": scope.at}
        scope.write(_ADD, id=identity, app=scope.app, kind=kind, status="running", **about, **moments)
        self._add_parts(identity, parts)
        for number in range(min(width, len(parts))):
            self._announce(self._step(kind, identity, number, width=width))
        if not parts:
            self._announce(PartEnded(corp_id=scope.corp_id, at=scope.now, job_id=identity))
        return identity

    def extend(self, job: Job, parts: Sequence[Plan]) -> None:
        """Give a running job, whose only part is planning, the parts that it has planned."""
        self._add_parts(job.id, parts, first=1)
        for number in range(1, min(job.width, len(parts)) + 1):
            self._announce(self._step(job.kind, job.id, number, width=job.width))

    async def advance(self, job: Job, part: Part, progress: Progress) -> None:
        """Note how far a step has come, together with what it writes, and have the next one follow."""
        over = progress.cursor is None or bool(progress.reason)
        status: PartStatus = "open" if not over else "partial" if progress.reason else "done"
        self._move(job, part, progress, status=status)
        if over:
            await self.pass_on(job, part)
            return
        step = self._step(job.kind, job.id, part.number, width=job.width, turn=part.round + 1)
        if progress.pause:
            due_at = self._scope.now + timedelta(seconds=progress.pause)
            self._schedule(step, name=f"job:{job.id}:{part.number}:{part.round}", due_at=due_at)
        else:
            self._announce(step)

    def postpone(self, job: Job, part: Part, *, due_at: datetime, code: int, reason: str) -> None:
        """Have the step tried again later."""
        waiting = Progress(cursor=part.cursor, code=code, reason=reason)
        self._move(job, part, waiting, status="open", tries=part.tries + 1)
        step = self._step(job.kind, job.id, part.number, width=job.width, turn=part.round + 1)
        self._schedule(step, name=f"job:{job.id}:{part.number}:{part.round}", due_at=due_at)

    async def pass_on(self, job: Job, part: Part) -> None:
        """Let the next part of the lane begin, and have it looked whether the job is through."""
        following = await self.part(job.id, part.number + job.width)
        if following:
            step = self._step(job.kind, job.id, following.number, width=job.width, turn=following.round)
            self._announce(step)
        self._announce(PartEnded(corp_id=self._scope.corp_id, at=self._scope.now, job_id=job.id))

    def end(self, job: Job, status: Status) -> None:
        """Note that a job is through, and tell whoever waits for it; a partial one can be resumed."""
        self._turn(job, status, finished=status != "partial")
        self._announce(
            JobEnded(corp_id=self._scope.corp_id, at=self._scope.now, job=job.kind, job_id=job.id, status=status)
        )

    def pause(self, job: Job) -> None:
        """Have no further step begun; what is under way is finished."""
        self._turn(job, "paused")

    async def resume(self, job: Job) -> None:
        """Go on where every part stands, halted ones too."""
        self._turn(job, "running")
        self._scope.write(_REOPEN, id=job.id, at=self._scope.at)
        begun: set[int] = set()
        for part in await self.parts(job.id):
            lane = part.number % job.width
            if part.status != "done" and lane not in begun:
                begun.add(lane)
                self._announce(self._step(job.kind, job.id, part.number, width=job.width, turn=part.round + 1))
        self._announce(PartEnded(corp_id=self._scope.corp_id, at=self._scope.now, job_id=job.id))

    def _add_parts(self, job_id: int, parts: Sequence[Plan], *, first: int = 0) -> None:
        for number, plan in enumerate(parts, first):
            self._scope.write(
                _ADD_PART,
                job_id=job_id,
                number=number,
                name=plan.name,
                body=encode(plan.body),
                status="open",
                total=plan.total,
                size=plan.size,
                changed_at=self._scope.at,
            )

    def _turn(self, job: Job, status: Status, *, finished: bool = False) -> None:
        self._scope.unit.guard(
            _TURN,
            corp_id=self._scope.corp_id,
            id=job.id,
            status=status,
            at=self._scope.at,
            finished_at=self._scope.at if finished else None,
            before=job.status,
            passed_then=job.passed,
        )

    def _move(self, job: Job, part: Part, progress: Progress, *, status: PartStatus, tries: int = 0) -> None:
        self._scope.unit.guard(
            _MOVE,
            job_id=job.id,
            number=part.number,
            round=part.round,
            cursor=part.cursor if progress.cursor is None else progress.cursor,
            status=status,
            tries=tries,
            total=progress.total,
            size=progress.size,
            passed=progress.passed,
            done=progress.done,
            failed=progress.failed,
            code=progress.code,
            reason=progress.reason,
            at=self._scope.at,
        )

    def _step(self, kind: str, job_id: int, number: int, *, width: int, turn: int = 0) -> StepDue:
        corp_id, now = self._scope.corp_id, self._scope.now
        return StepDue(corp_id=corp_id, at=now, job=kind, job_id=job_id, part=number, lane=number % width, round=turn)
