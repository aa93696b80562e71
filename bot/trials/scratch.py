"""The database of a trial: made up or copied, and gone at the end."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Table, insert, select

from bot.trials.spec import APP, CORP, Spec
from storage import migrations
from storage.database import Database, connect
from storage.engine.sql import Statement, Unit
from storage.schema import metadata
from storage.scope import Scope
from storage.store import Store
from storage.values import to_ms

T = TypeVar("T")
_WHOLE = ("settings", "staff", "departments", "tags", "tag_groups", "fields", "policies", "channels", "segments")
_OF_CUSTOMERS = ("customers", "bindings", "field_values", "consents", "zones", "segment_members")
_PAGE = 2000
_MEMORY = next((folder for folder in ("/dev/shm",) if Path(folder).is_dir()), None)  # noqa: S108 - ours lies below
_PEOPLE = Statement("""
    SELECT DISTINCT external_user_id FROM relations
    WHERE corp_id = :corp_id AND first_added_at < :until AND external_user_id > :after
    ORDER BY external_user_id LIMIT :most
""")


@asynccontextmanager
async def scratch() -> AsyncIterator[Database]:
    """A migrated, empty database, in memory where the machine has a folder for that."""
    folder = tempfile.mkdtemp(prefix="siyu-trial-", dir=_MEMORY)
    try:
        url = f"sqlite:///{folder}/trial.db"
        await migrations.migrate(url)
        database = connect(url)
        await database.open()
        try:
            yield database
        finally:
            await database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def invent(database: Database, spec: Spec) -> list[tuple[str, str]]:
    """Made-up customers, each with a member; they are known since the start."""
    store = _store(database, spec)
    store.settings.put("zone", "Asia/Shanghai")
    await store.commit()
    pairs = [(f"wm{number:06}", f"staff{number % spec.staff:03}") for number in range(spec.customers)]
    at = to_ms(spec.start)
    for chunk in _chunks(pairs):
        rows = [
            {
                "corp_id": CORP, "external_user_id": customer, "user_id": member, "status": "active", "adds": 1,
                "first_added_at": at, "added_at": at, "changed_at": at,
            }
            for customer, member in chunk
        ]  # fmt: skip
        people = [
            {"corp_id": CORP, "external_user_id": customer, "name": customer, "created_at": at, "changed_at": at}
            for customer, _ in chunk
        ]
        await _put(database, metadata.tables["relations"], rows)
        await _put(database, metadata.tables["customers"], people)
    return pairs


async def copy(database: Database, source: Database, spec: Spec) -> list[str]:
    """Real customers as they are, with all that conditions and the policy look at; who they are."""
    for name in _WHOLE:
        await _copy(database, source, metadata.tables[name], spec)
    people = await source.fetch(_PEOPLE, corp_id=spec.corp_id, until=to_ms(spec.end), after="", most=spec.customers)
    chosen = [row["external_user_id"] for row in people]
    for chunk in _chunks(chosen):
        for name in _OF_CUSTOMERS:
            await _copy(database, source, metadata.tables[name], spec, people=chunk)
        await _copy(database, source, metadata.tables["relations"], spec, people=chunk)
        await _copy(database, source, metadata.tables["history"], spec, people=chunk, until=to_ms(spec.start))
    return chosen


async def _copy(
    database: Database,
    source: Database,
    table: Table,
    spec: Spec,
    *,
    people: Sequence[str] | None = None,
    until: int | None = None,
) -> None:
    query = select(table).where(table.c.corp_id == spec.corp_id)
    if people is not None:
        query = query.where(table.c.external_user_id.in_(people))
    if until is not None:
        query = query.where(table.c.at < until)
    found = await source.fetch(Statement(query))
    names = [column.name for column in table.columns]
    rows = [{name: row[name] for name in names} | {"corp_id": CORP} for row in found]
    if table.name == "relations":
        rows = [_as_of(row, to_ms(spec.start)) for row in rows]
    for chunk in _chunks(rows):
        await _put(database, table, chunk)


def _as_of(row: dict[str, object], start: int) -> dict[str, object]:
    """A relation as it was at the start, as far as it can be told: what ended later had not ended yet."""
    ended, replied = row["ended_at"], row["replied_at"]
    if isinstance(ended, int) and ended >= start:
        row |= {"status": "active", "ended_at": None}
    if isinstance(replied, int) and replied >= start:
        row |= {"replied_at": None}
    return row


async def _put(database: Database, table: Table, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    statement = Statement(insert(table).values(dict.fromkeys(rows[0])))
    unit = Unit()
    for row in rows:
        unit.add(statement, row)
    await database.commit(unit)


def _store(database: Database, spec: Spec) -> Store:
    return Store(Scope(database=database, corp_id=CORP, app=APP, now=spec.start))


def _chunks(rows: Sequence[T]) -> list[list[T]]:
    found, rest = [], iter(rows)
    while chunk := list(islice(rest, _PAGE)):
        found.append(chunk)
    return found
