"""Group commit: units that wait while a commit is under way share the next transaction, and with it the sync."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from storage.engine.sql import Compiled, Dialect, Result, Step, Unit
from storage.errors import StorageError

Write = tuple[Compiled, Sequence[Any], int | None]  # statement, arguments, and how many rows it must touch
Writes = list[Write]  # those of one unit, in order
Job = tuple[list[Writes], "asyncio.Future[list[Result]]"]
# Units with whole pages of rows in one transaction: the more, the less each costs, but all others wait for it.
_FEW, _MANY = 4, 32
_SHORT, _LONG = 0.5, 1.0  # seconds of such a transaction


class Commits:
    """Collects units and has `write` commit them, as many at once as wait but not much more than `most` statements.

    `lanes` groups may be under way at once. `write` answers for every unit of a group and raises nothing. Whole pages
    of rows let everybody else go first.
    """

    def __init__(
        self, dialect: Dialect, write: Callable[[list[Writes]], Awaitable[list[Result]]], *, most: int, lanes: int = 1
    ) -> None:
        self._dialect = dialect
        self._write = write
        self._most = most
        self._waiting: list[Job] = []
        self._bulks: deque[Job] = deque()
        self._room = _FEW  # for how many of these there is room in the next transaction
        self._wake = asyncio.Event()
        self._closing = False
        self._writers = [asyncio.create_task(self._run(), name=f"commits-{number}") for number in range(lanes)]

    async def commit(self, units: Sequence[Unit]) -> list[Result]:
        """Write units durably, each whole or not at all; what became of each."""
        job = [[self._arrange(step) for step in unit.steps] for unit in units]
        future: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        bulky = any(compiled.columns for writes in job for compiled, *_ in writes)
        (self._bulks if bulky else self._waiting).append((job, future))
        self._wake.set()
        results = await future
        for unit, result in zip(units, results, strict=True):
            if not isinstance(result, StorageError):
                unit.answer(result)
        return results

    async def close(self) -> None:
        """Commit what is waiting, then end."""
        self._closing = True
        self._wake.set()
        await asyncio.gather(*self._writers)

    async def _run(self) -> None:
        while self._waiting or self._bulks or not self._closing:
            if not self._waiting and not self._bulks:
                self._wake.clear()
                await self._wake.wait()
                continue
            jobs = self._take()
            began = time.monotonic()
            results = await self._write([writes for job, _ in jobs for writes in job])
            self._weigh(time.monotonic() - began)
            for job, future in jobs:
                answers, results = results[: len(job)], results[len(job) :]
                if not future.cancelled():
                    future.set_result(answers)

    def _take(self) -> list[Job]:
        steps, count = 0, 0
        for job, _ in self._waiting:
            steps += sum(map(len, job))
            if count and steps > self._most:
                break
            count += 1
        jobs, self._waiting = self._waiting[:count], self._waiting[count:]
        return jobs + [self._bulks.popleft() for _ in range(min(self._room, len(self._bulks)))]

    def _weigh(self, seconds: float) -> None:
        """Make room for more where a transaction was short, for fewer where it was long."""
        if seconds > _LONG:
            self._room = max(1, self._room // 2)
        elif seconds < _SHORT and self._bulks:
            self._room = min(_MANY, self._room + 2)

    def _arrange(self, step: Step) -> Write:
        compiled = step.statement.on(self._dialect)
        return compiled, compiled.arrange(step.params), step.rows
