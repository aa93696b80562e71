"""The customers of a trial: made up, or copied as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Table, insert, select

from storage.database import Database
from storage.engine.sql import Statement, Unit
from storage.schema import metadata
from storage.values import to_ms

T = TypeVar("T")
_WHOLE = ("settings", "staff", "departments", "tags", "tag_groups", "fields", "policies", "channels", "segments")
_OF_CUSTOMERS = (
    "customers",
    "relations",
    "history",
    "bindings",
    "field_values",
    "consents",
    "zones",
    "segment_members",
)
_PAGE = 2000
_PEOPLE = Statement("""
    SELECT DISTINCT external_user_id FROM relations
    WHERE corp_id = :corp_id AND first_added_at < :until
    ORDER BY external_user_id LIMIT :most
""")


CORP, APP = "trial", "trial"


async def invent(database: Database, start: datetime, *, customers: int, staff: int) -> list[tuple[str, str]]:
    """Made-up customers, each with a member; they are known since the start."""
    pairs = [(f"wm{number:06}", f"staff{number % staff:03}") for number in range(customers)]
    at = to_ms(start)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Whose customers are copied: those of a corp whom it got to know before `end`, as they were at `start`."""

    corp_id: str
    start: datetime
    end: datetime
    most: int


async def copy(database: Database, source: Database, which: Which) -> list[str]:
    """Real customers, with all that conditions and the policy look at; who they are."""
    for name in _WHOLE:
        await _copy(database, source, metadata.tables[name], which)
    people = await source.fetch(_PEOPLE, corp_id=which.corp_id, until=to_ms(which.end), most=which.most)
    chosen = [row["external_user_id"] for row in people]
    for chunk in _chunks(chosen):
        for name in _OF_CUSTOMERS:
            await _copy(database, source, metadata.tables[name], which, people=chunk)
    return chosen


async def _copy(
    database: Database,
    source: Database,
    table: Table,
    which: Which,
    *,
    people: Sequence[str] | None = None,
) -> None:
    query = select(table).where(table.c.corp_id == which.corp_id)
    if people is not None:
        query = query.where(table.c.external_user_id.in_(people))
    if table.name == "history":  # what came later is still to happen
        query = query.where(table.c.at < to_ms(which.start))
    found = await source.fetch(Statement(query))
    names = [column.name for column in table.columns]
    rows = [{name: row[name] for name in names} | {"corp_id": CORP} for row in found]
    if table.name == "relations":
        rows = [_as_of(row, to_ms(which.start)) for row in rows]
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


def _chunks(rows: Sequence[T]) -> list[list[T]]:
    found, rest = [], iter(rows)
    while chunk := list(islice(rest, _PAGE)):
        found.append(chunk)
    return found
