"""PostgreSQL through asyncpg: a pool for units, and one committer that lets single writes share a transaction."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from storage.errors import Conflict, LostLease, StorageError, Unavailable
from storage.sql import Answer, Dialect, Params, Statement, Unit

_LARGEST_GROUP = 512
_PATIENCE = 3.0  # seconds for a connection: below the five that WeCom waits for us
_TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
Write = tuple[str, list[Any], int | None]  # text, arguments, and how many rows it must touch
Waiting = tuple[Write, "asyncio.Future[list[Answer]]"]


class PostgresDatabase:
    """The production database: several processes and machines work on one store."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, *, connections: int = 12) -> None:
        self._url = url
        self._connections = connections

    async def open(self) -> None:
        """Connect; raises `Unavailable`."""
        try:
            self._pool = await asyncpg.create_pool(
                self._url, min_size=1, max_size=self._connections, timeout=_PATIENCE, command_timeout=60
            )
        except _TROUBLE as error:
            raise _translate(error) from error
        self._waiting: list[Waiting] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._committer = asyncio.create_task(self._commit_groups(), name="postgres-committer")

    async def close(self) -> None:
        """Commit what is waiting and disconnect."""
        self._closing = True
        self._wake.set()
        await self._committer
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    async def fetch(self, statement: Statement, params: Params | None = None, /, **named: Any) -> Answer:
        """Read rows as they are now."""
        compiled = statement.on("postgresql")
        arguments = compiled.arrange(named if params is None else params)
        try:
            async with self._pool.acquire(timeout=_PATIENCE) as connection:
                rows: Answer = await connection.fetch(compiled.text, *arguments)
        except _TROUBLE as error:
            raise _translate(error) from error
        return rows

    async def commit(self, unit: Unit) -> list[Answer]:
        """Write a unit durably; the answers of its steps, in order."""
        writes: list[Write] = []
        for step in unit.steps:
            compiled = step.statement.on("postgresql")
            writes.append((compiled.text, compiled.arrange(step.params), step.rows))
        if len(writes) == 1 and writes[0][2] is None:
            return await self._join_group(writes[0])
        try:
            async with self._pool.acquire(timeout=_PATIENCE) as connection, connection.transaction():
                return [await _run(connection, write) for write in writes]
        except _TROUBLE as error:
            raise _translate(error) from error

    async def _join_group(self, write: Write) -> list[Answer]:
        future: asyncio.Future[list[Answer]] = asyncio.get_running_loop().create_future()
        self._waiting.append((write, future))
        self._wake.set()
        return await future

    async def _commit_groups(self) -> None:
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                group, self._waiting = self._waiting[:_LARGEST_GROUP], self._waiting[_LARGEST_GROUP:]
                await self._commit_group(group)

    async def _commit_group(self, group: Sequence[Waiting]) -> None:
        """One transaction for all; where one of them cannot be, each is tried alone."""
        try:
            async with self._pool.acquire(timeout=_PATIENCE) as connection:
                try:
                    async with connection.transaction():
                        answers: list[Any] = [await _run(connection, write) for write, _ in group]
                except _TROUBLE:
                    answers = [await _try(connection, write) for write, _ in group]
        except _TROUBLE as error:
            answers = [_translate(error) for _ in group]
        for (_, future), answer in zip(group, answers, strict=True):
            if future.cancelled():
                continue
            if isinstance(answer, StorageError):
                future.set_exception(answer)
            else:
                future.set_result([answer])


async def _run(connection: Any, write: Write) -> Answer:
    text, arguments, rows = write
    if rows is None or "RETURNING" in text:
        answer: Answer = await connection.fetch(text, *arguments)
        touched = len(answer)
    else:
        answer, touched = (), int((await connection.execute(text, *arguments)).rsplit(" ", 1)[1])
    if rows is not None and touched != rows:
        raise LostLease(f"expected {rows} row(s): {text}")
    return answer


async def _try(connection: Any, write: Write) -> Answer | StorageError:
    try:
        return await _run(connection, write)
    except _TROUBLE as error:
        return _translate(error)


def _translate(error: BaseException) -> StorageError:
    if isinstance(error, asyncpg.UniqueViolationError | asyncpg.ForeignKeyViolationError):
        return Conflict(str(error))
    return Unavailable(f"{type(error).__name__}: {error}")
