"""SQLite on the event loop, with group commit: short statements run where they are asked for, the sync in a thread.

A statement takes microseconds, handing it to a thread and back takes ten times as long. What blocks goes to threads:
the commit with its sync, waiting for another process's lock, long units, and every statement that is slow.
Units that wait while a commit is under way share the next transaction; one that fails undoes nothing but itself.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any

from storage.engine.commits import Commits, Write, Writes
from storage.engine.sql import Answer, Dialect, Params, Result, Statement, Unit
from storage.engine.threads import Thread
from storage.errors import Conflict, LostLease, StorageError, Unavailable

_LARGEST_GROUP = 512  # steps that may run on the loop one after another: a few milliseconds
_SLOW = 0.01  # seconds: a statement that takes longer three times running is one for the thread from then on
_STRIKES = 3
_BUSY_SECONDS = 3.0  # below the five seconds WeCom waits for us
_PAUSE = 0.05  # seconds
_STATEMENTS = 512  # kept prepared, more than the program has
# Whole pages of rows go all over the indexes: while they come, the writer keeps more and checkpoints less often.
_NARROW = ("PRAGMA cache_size = -4096", "PRAGMA wal_autocheckpoint = 1000", "PRAGMA shrink_memory")
_WIDE = ("PRAGMA cache_size = -73728", "PRAGMA wal_autocheckpoint = 16384")  # KB, pages
_MANY = 256  # rows of pages in one transaction, from which that is worth it
_WIDE_SECONDS = 30.0  # after the last of them
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -4096",  # KB, three times; the system caches the file anyway
    "PRAGMA journal_size_limit = 67108864",
)

_BAD = (sqlite3.Error, OverflowError, ValueError)  # the driver's own and those of values it cannot bind


class SqliteDatabase:
    """The embedded database: nothing to install, one file, durable before it answers."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._path = path
        self._slow: set[str] = set()
        self._strikes: dict[str, int] = {}
        self._wide = False
        self._wide_until = 0.0

    async def open(self) -> None:
        """Open the file (making it if need be); raises `Unavailable`."""
        self._writing = await _open(self._path)
        self._looking = await _open(self._path)  # reads of the loop
        self._reading = await _open(self._path)  # reads of the thread
        self._writing.execute("PRAGMA busy_timeout = 0")
        for connection in (self._looking, self._reading):
            connection.execute("PRAGMA query_only = ON")
        self._looking.execute("PRAGMA busy_timeout = 0")
        self._writer, self._reader = Thread("sqlite-write"), Thread("sqlite-read")
        self._commits = Commits("sqlite", self._write, most=_LARGEST_GROUP)

    async def close(self) -> None:
        """Commit what is waiting and close the file."""
        await self._commits.close()
        await self._writer.close()
        await self._reader.close()
        for connection in (self._writing, self._looking, self._reading):
            connection.close()

    async def fetch(self, statement: Statement, params: Params | None = None, /, **named: Any) -> Answer:
        """Read rows as they are now."""
        compiled = statement.on("sqlite")
        text, arguments = compiled.text, compiled.arrange(named if params is None else params)
        if not compiled.patient and text not in self._slow:
            began = time.perf_counter()
            try:
                return self._looking.execute(text, arguments).fetchall()
            except _BAD as error:
                if not _is_busy(error):
                    raise _translate(error) from error
            finally:
                self._clock(began, text)
        return await self._reader.run(_read, self._reading, text, arguments)

    async def commit(self, unit: Unit) -> list[Answer]:
        """Write a unit durably; the answers of its steps, in order."""
        (result,) = await self.commit_each((unit,))
        if isinstance(result, StorageError):
            raise result
        return result

    async def commit_each(self, units: Sequence[Unit]) -> list[Result]:
        """Write several units durably, each whole or not at all; what became of each."""
        return await self._commits.commit(units)

    async def _write(self, units: list[Writes]) -> list[Result]:
        statements = [compiled for writes in units for compiled, *_ in writes]
        slow = any(compiled.patient or compiled.text in self._slow for compiled in statements)
        if sum(len(arguments) for writes in units for compiled, arguments, _ in writes if compiled.by_row) >= _MANY:
            self._wide_until = time.monotonic() + _WIDE_SECONDS
        if slow or len(statements) > _LARGEST_GROUP or self._wide != self._is_wide():
            return await self._writer.run(self._write_alone, units)
        connection = self._writing
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = self._apply(units)
            await self._writer.run(connection.execute, "COMMIT")
        except sqlite3.Error as error:
            if not connection.in_transaction and _is_busy(error):
                return await self._writer.run(self._write_alone, units)
            return _fail(connection, units, error)
        return results

    def _write_alone(self, units: list[Writes]) -> list[Result]:
        """The same in a thread from begin to end, waiting for other processes to let go of the file."""
        connection = self._writing
        try:
            if self._wide != self._is_wide():
                self._wide = not self._wide
                for pragma in _WIDE if self._wide else _NARROW:
                    connection.execute(pragma)
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000:.0f}")
            connection.execute("BEGIN IMMEDIATE")
            results = self._apply(units)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            return _fail(connection, units, error)
        finally:
            connection.execute("PRAGMA busy_timeout = 0")
        return results

    def _is_wide(self) -> bool:
        """Whether whole pages of rows have been written lately."""
        return time.monotonic() < self._wide_until

    def _apply(self, units: list[Writes]) -> list[Result]:
        """Run all units; where one of them fails, all again, each in a savepoint of its own."""
        connection = self._writing
        try:
            return [[self._run(write) for write in writes] for writes in units]
        except (*_BAD, LostLease):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            return [self._apply_alone(writes) for writes in units]

    def _apply_alone(self, writes: Writes) -> Result:
        """Run one unit in its savepoint; an error that ended the whole transaction (disk full) is raised."""
        connection = self._writing
        connection.execute("SAVEPOINT unit")
        result: Result
        try:
            result = [self._run(write) for write in writes]
        except (*_BAD, LostLease) as error:
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO unit")
            result = error if isinstance(error, LostLease) else _translate(error)
        connection.execute("RELEASE unit")
        return result

    def _run(self, write: Write) -> Answer:
        compiled, arguments, rows = write
        began = time.perf_counter()
        take = self._writing.executemany if compiled.by_row else self._writing.execute
        cursor = take(compiled.text, arguments)
        answer: Answer = cursor.fetchall() if cursor.description else ()
        self._clock(began, compiled.text)
        if rows is not None and rows != (len(answer) if cursor.description else cursor.rowcount):
            raise LostLease(f"expected {rows} row(s): {compiled.text}")
        return answer

    def _clock(self, began: float, text: str) -> None:
        if time.perf_counter() - began > _SLOW:
            self._strikes[text] = self._strikes.get(text, 0) + 1
            if self._strikes[text] == _STRIKES:
                self._slow.add(text)
        elif text in self._strikes:
            del self._strikes[text]


def _read(connection: sqlite3.Connection, text: str, arguments: Sequence[Any]) -> Answer:
    try:
        answer: Answer = connection.execute(text, arguments).fetchall()
    except _BAD as error:
        raise _translate(error) from error
    return answer


def _fail(connection: sqlite3.Connection, units: Iterable[object], error: sqlite3.Error) -> list[Result]:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    return [_translate(error) for _ in units]


async def _open(path: str) -> sqlite3.Connection:
    """A connection; who opens while another process closes may be told at once that the file is locked, and waits."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return _connect(path)
        except sqlite3.Error as error:
            if not _is_busy(error) or time.monotonic() > end:
                raise _translate(error) from error
        await asyncio.sleep(_PAUSE)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
    )
    connection.row_factory = sqlite3.Row
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname.startswith("SQLITE_BUSY")


def _translate(error: Exception) -> StorageError:
    kind = Conflict if isinstance(error, sqlite3.IntegrityError) else Unavailable
    return kind(f"{type(error).__name__}: {error}")
