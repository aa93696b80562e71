"""PostgreSQL through asyncpg: a pool for reads, and few committers that let units share transactions and messages."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from storage.engine.commits import Commits, Write, Writes
from storage.engine.sql import Answer, Dialect, Params, Result, Statement, Unit
from storage.errors import Conflict, LostLease, StorageError, Unavailable

_LARGEST_GROUP = 2048  # statements in one transaction
_LANES = 3  # transactions at once
_READERS = 8  # reads of few rows at once
_BATCHES = 3  # reads by many keys at once
_SCANS = 2  # reads of whole tables at once
_PATIENCE = 3.0  # seconds for a connection: below the five that WeCom waits for us
_READ_PATIENCE = 10.0  # half of what a welcome has; a crowd of handlers waits in turn
_STATEMENTS = 512  # kept prepared per connection, more than the program has
# Have rows found by their keys, one by one. Of a table that was small when it last looked, as before a first sync or a
# first broadcast, PostgreSQL would rather read all of it for each key, and keep to that plan.
_BY_KEYS = {"enable_hashjoin": "off", "enable_mergejoin": "off", "enable_seqscan": "off"}
# What reads much is planned anew, by the tables as they are.
_FRESH = {"plan_cache_mode": "force_custom_plan", "jit": "off"}
_TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class PostgresDatabase:
    """The production database: several processes and machines work on one store."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self._url = url

    async def open(self) -> None:
        """Connect; raises `Unavailable`."""
        try:
            # Of their own: a commit never queues behind reads, nor a read of few rows behind one of many.
            self._reading = await self._connect(_READERS, _BY_KEYS)
            self._batches = await self._connect(_BATCHES, _BY_KEYS, _FRESH)
            self._scanning = await self._connect(_SCANS, _FRESH)
            self._writing = await self._connect(_LANES, _BY_KEYS)
        except _TROUBLE as error:
            raise _translate(error) from error
        self._commits = Commits("postgresql", self._write, most=_LARGEST_GROUP, lanes=_LANES)

    async def close(self) -> None:
        """Commit what is waiting and disconnect."""
        await self._commits.close()
        for pool in (self._reading, self._batches, self._scanning, self._writing):
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    async def fetch(self, statement: Statement, params: Params | None = None, /, **named: Any) -> Answer:
        """Read rows as they are now."""
        compiled = statement.on("postgresql")
        arguments = compiled.arrange(named if params is None else params)
        pool = self._reading if not compiled.patient else self._batches if compiled.by_keys else self._scanning
        try:
            async with pool.acquire(timeout=_READ_PATIENCE) as connection:
                rows: Answer = await connection.fetch(compiled.text, *arguments)
        except _TROUBLE as error:
            raise _translate(error) from error
        return rows

    async def _connect(self, connections: int, *settings: Mapping[str, str]) -> Any:
        return await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=connections,
            timeout=_PATIENCE,
            command_timeout=60,
            statement_cache_size=_STATEMENTS,
            reset=_keep,
            server_settings={name: value for each in settings for name, value in each.items()},
        )

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
        """One transaction for all; where one of them cannot be, each is tried alone."""
        try:
            async with self._writing.acquire(timeout=_PATIENCE) as connection:
                try:
                    async with connection.transaction():
                        return await _run_together(connection, units)
                except (*_TROUBLE, LostLease) as error:
                    if len(units) == 1:
                        return [_translate(error)]
                return [await _run_alone(connection, writes) for writes in units]
        except _TROUBLE as error:
            return [_translate(error) for _ in units]


async def _keep(_: Any) -> None:
    """Nothing we do outlives a transaction, so a connection goes back as it is, without asking the server."""


async def _run_together(connection: Any, units: list[Writes]) -> list[Result]:
    """All units, each in its own order, as few messages as may be: what stands at the head of most is run next."""
    answers: list[list[Answer]] = [[] for _ in units]
    waiting = {number: 0 for number, writes in enumerate(units) if writes}  # which step each unit has come to
    while waiting:
        heads = Counter(units[number][place][0].text for number, place in waiting.items())
        text, _ = heads.most_common(1)[0]
        turns: list[tuple[int, Write]] = []
        for number, place in list(waiting.items()):
            end = place
            while end < len(units[number]) and units[number][end][0].text == text:
                turns.append((number, units[number][end]))
                end += 1
            if end == len(units[number]):
                del waiting[number]
            else:
                waiting[number] = end
        found = await _run_column(connection, [write for _, write in turns])
        for (number, _), answer in zip(turns, found, strict=True):
            answers[number].append(answer)
    return list(answers)


async def _run_column(connection: Any, writes: Sequence[Write]) -> list[Answer]:
    """The same statement with the arguments of each unit."""
    compiled, _, rows = writes[0]
    many = [arguments for _, arguments, _ in writes]
    if len(writes) == 1 or (compiled.returns and not compiled.keyed):
        return [await _run(connection, write) for write in writes]
    if rows is not None:  # a guard names its rows by key, so that as many in all means as many in each
        touched = await connection.fetchmany(f"{compiled.text} RETURNING 1", many)
        if len(touched) != sum(wanted or 0 for *_, wanted in writes):
            raise LostLease(compiled.text)
    elif compiled.keyed:
        place = compiled.names.index("id")
        found = {row["id"]: row for row in await connection.fetchmany(compiled.text, many)}
        return [[found[one[place]]] if one[place] in found else () for one in many]
    else:
        await connection.executemany(compiled.text, many)
    return [() for _ in writes]


async def _run_alone(connection: Any, writes: Writes) -> Result:
    try:
        async with connection.transaction():
            return [await _run(connection, write) for write in writes]
    except (*_TROUBLE, LostLease) as error:
        return _translate(error)


async def _run(connection: Any, write: Write) -> Answer:
    compiled, arguments, rows = write
    if rows is None or compiled.returns:
        answer: Answer = await connection.fetch(compiled.text, *arguments)
        touched = len(answer)
    else:
        answer, touched = (), int((await connection.execute(compiled.text, *arguments)).rsplit(" ", 1)[1])
    if rows is not None and touched != rows:
        raise LostLease(f"expected {rows} row(s): {compiled.text}")
    return answer


def _translate(error: BaseException) -> StorageError:
    if isinstance(error, StorageError):
        return error
    if isinstance(error, asyncpg.UniqueViolationError | asyncpg.ForeignKeyViolationError):
        return Conflict(_say(error))
    return Unavailable(f"{type(error).__name__}: {_say(error)}")


def _say(error: BaseException) -> str:
    """What went wrong, for logs and for people: without the values, which are names and texts of customers.

    PostgreSQL quotes them in its details, and of a value that it cannot take in the sentence itself.
    """
    if isinstance(error, asyncpg.DataError):
        return "a value is not one that the database takes"
    return str(error).partition("\nDETAIL:")[0]
