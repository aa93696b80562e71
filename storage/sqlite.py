"""SQLite through one writer thread with group commit and one reader thread.

Every unit that waits when the writer comes round shares one transaction and one fsync; each has a savepoint of
its own, so one that fails undoes nothing but itself.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from storage.errors import Conflict, LostLease, StorageError, Unavailable
from storage.sql import Answer, Dialect, Params, Statement, Unit

_LARGEST_GROUP = 512
_BUSY_SECONDS = 3.0  # below the five seconds WeCom waits for us
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384",
    "PRAGMA journal_size_limit = 67108864",
)

Job = TypeVar("Job")
Result = list[Answer] | StorageError
Query = tuple[str, list[Any]]
Write = tuple[str, list[Any], int | None]  # …and how many rows it must touch
_BAD = (sqlite3.Error, OverflowError, ValueError)  # the driver's own and those of values it cannot bind
Verdict = tuple["asyncio.Future[Any]", Any]


class Lane(threading.Thread, Generic[Job]):
    """A thread that takes all the jobs waiting for it at once and answers their futures at once."""

    def __init__(self, name: str, work: Callable[[list[Job]], list[Any]], close: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._close = close
        self._queue: queue.SimpleQueue[tuple[Job, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()

    async def ask(self, job: Job) -> Any:
        """Have the thread do one job; errors come back as exceptions."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put((job, future))
        return await future

    def stop(self) -> None:
        """Do what is waiting, then end the thread."""
        self._queue.put(None)

    def run(self) -> None:
        """Serve until told to stop."""
        running = True
        while running:
            batch = [self._queue.get()]
            while len(batch) < _LARGEST_GROUP and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            waiting = [item for item in batch if item is not None]
            running = len(waiting) == len(batch)
            if waiting:
                results = self._work([job for job, _ in waiting])
                verdicts = [(future, result) for (_, future), result in zip(waiting, results, strict=True)]
                self._loop.call_soon_threadsafe(_deliver, verdicts)
        self._close()


def _deliver(verdicts: list[Verdict]) -> None:
    for future, result in verdicts:
        if future.cancelled():
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)


class SqliteDatabase:
    """The embedded database: nothing to install, one file, durable before it answers."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._path = path

    async def open(self) -> None:
        """Open the file (making it if need be); raises `Unavailable`."""
        try:
            self._writing = _connect(self._path)
            self._reading = _connect(self._path)
        except sqlite3.Error as error:
            raise _translate(error) from error
        self._reading.execute("PRAGMA query_only = ON")
        self._writer: Lane[list[Write]] = Lane("sqlite-writer", self._write, self._writing.close)
        self._reader: Lane[Query] = Lane("sqlite-reader", self._read, self._reading.close)
        self._writer.start()
        self._reader.start()

    async def close(self) -> None:
        """Commit what is waiting and close the file."""
        for lane in (self._writer, self._reader):
            lane.stop()
        for lane in (self._writer, self._reader):
            await asyncio.get_running_loop().run_in_executor(None, lane.join)

    async def fetch(self, statement: Statement, params: Params | None = None, /, **named: Any) -> Answer:
        """Read rows as they are now."""
        compiled = statement.on("sqlite")
        query = compiled.text, compiled.arrange(named if params is None else params)
        answer: Answer = await self._reader.ask(query)
        return answer

    async def commit(self, unit: Unit) -> list[Answer]:
        """Write a unit durably; the answers of its steps, in order."""
        writes: list[Write] = []
        for step in unit.steps:
            compiled = step.statement.on("sqlite")
            writes.append((compiled.text, compiled.arrange(step.params), step.rows))
        answers: list[Answer] = await self._writer.ask(writes)
        return answers

    def _read(self, queries: list[Query]) -> list[Any]:
        results: list[Any] = []
        for text, arguments in queries:
            try:
                results.append(self._reading.execute(text, arguments).fetchall())
            except _BAD as error:
                results.append(_translate(error))
        return results

    def _write(self, units: list[list[Write]]) -> list[Any]:
        connection = self._writing
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [_apply(connection, writes) for writes in units]
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return [_translate(error) for _ in units]
        return results


def _apply(connection: sqlite3.Connection, writes: list[Write]) -> Result:
    """Run one unit in its savepoint; an error that ended the whole transaction (disk full) is raised."""
    connection.execute("SAVEPOINT unit")
    result: Result
    try:
        result = [_run(connection, write) for write in writes]
    except (*_BAD, LostLease) as error:
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO unit")
        result = error if isinstance(error, LostLease) else _translate(error)
    connection.execute("RELEASE unit")
    return result


def _run(connection: sqlite3.Connection, write: Write) -> Answer:
    text, arguments, rows = write
    cursor = connection.execute(text, arguments)
    answer: Answer = cursor.fetchall() if cursor.description else ()
    if rows is not None and rows != (len(answer) if cursor.description else cursor.rowcount):
        raise LostLease(f"expected {rows} row(s): {text}")
    return answer


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def _translate(error: Exception) -> StorageError:
    kind = Conflict if isinstance(error, sqlite3.IntegrityError) else Unavailable
    return kind(f"{type(error).__name__}: {error}")
