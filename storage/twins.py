"""Twins: rows that are wanted here and made at WeCom; `version` is wanted, `seen` is there, `asked` is on its way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_origin, get_type_hints

import msgspec

from sop.errors import Invalid
from sop.events import Own, TwinChanged
from sop.limits import Violation
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, encode, from_ms, maybe_moment, new_id

Status = Literal["pending", "live", "refused", "deleting", "deleted", "foreign"]
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)  # without slots: it is mixed into what operators write
class Twin:
    """How far the making has come. While it is pending or refused, what is at WeCom works as it did before."""

    id: int
    version: int = 1
    seen: int = 0
    asked: int = 0
    status: Status = "pending"
    reason: str = ""  # why it was refused, in WeCom's words
    read_at: datetime | None = None
    created_at: datetime = _START
    changed_at: datetime = _START

    @property
    def ended(self) -> bool:
        """Whether it is deleted, or about to be."""
        return self.status in ("deleting", "deleted")

    @property
    def due(self) -> bool:
        """Whether a call is to be made: something is wanted, and nothing is on its way."""
        return not self.asked and self.status in ("pending", "deleting")


T = TypeVar("T", bound=Twin)
D = TypeVar("D")  # what operators write
_HEAD = tuple(field.name for field in fields(Twin))
_SCALARS: dict[Any, Callable[[Any], Any]] = {
    bool: bool, datetime: from_ms, datetime | None: maybe_moment, int: int, str: str
}  # fmt: skip


class _Sql:
    """The statements of one table."""

    def __init__(self, table: str, wanted: tuple[str, ...], made: tuple[str, ...], more: tuple[str, ...]) -> None:
        wants = ", ".join(f"{name} = :{name}" for name in wanted)
        gives = ", ".join(f"{name} = CASE WHEN :{name} = '' THEN {name} ELSE :{name} END" for name in made)
        mine, at = "WHERE corp_id = :corp_id AND id = :id", "changed_at = :at"
        self.select = f"SELECT {', '.join((*_HEAD, *wanted, *made, *more))} FROM {table} WHERE corp_id = :corp_id"
        select = self.select
        self.get = Statement(f"{select} AND id = :id")
        self.by_made = Statement(f"{select} AND {made[0]} = :made ORDER BY id DESC LIMIT 1")
        self.page = Statement(f"{select} AND id < :before ORDER BY id DESC LIMIT :most")
        self.missing = Statement(f"""
            {select} AND status IN ('live', 'refused', 'foreign') AND asked = 0 AND {made[0]} <> ''
              AND read_at < :before ORDER BY id LIMIT :most
        """)
        self.put = insert(table, (*_HEAD, "corp_id", *wanted, *made))
        self.change = Statement(f"""
            UPDATE {table} SET {wants}, version = version + 1, status = 'pending', reason = '', {at}
            {mine} AND version = :version AND status NOT IN ('deleting', 'deleted', 'foreign')
        """)
        self.remove = Statement(f"""
            UPDATE {table} SET version = version + 1, status = 'deleting', reason = '', {at}
            {mine} AND status NOT IN ('deleted', 'foreign')
        """)
        self.ask = Statement(f"UPDATE {table} SET asked = :version {mine}")
        # What WeCom has is a fact; what we want of it may have moved on, and then the status stays as it is.
        self.see = Statement(f"""
            UPDATE {table} SET seen = :version, asked = 0, read_at = :at, {gives},
                status = CASE WHEN version = :version AND status <> 'deleting' THEN 'live' ELSE status END,
                reason = CASE WHEN version = :version THEN '' ELSE reason END
            {mine}
        """)
        self.refuse = Statement(f"""
            UPDATE {table} SET asked = 0, reason = :reason,
                status = CASE WHEN version = :version THEN 'refused' ELSE status END
            {mine}
        """)
        self.bury = Statement(f"UPDATE {table} SET asked = 0, status = 'deleted', reason = :reason {mine}")
        self.touch = Statement(f"UPDATE {table} SET read_at = :at {mine}")
        self.take = Statement(f"""
            UPDATE {table} SET {wants}, version = version + 1, seen = version + 1, read_at = :at, {at}
            {mine} AND version = :version AND asked = 0
        """)


class Twins(Generic[T, D]):
    """The rows of one table: `made` are the columns that are given as it is made, the first is WeCom's id of it.

    What else a `kind` holds, operators write; but for `more`, which is stored by other means.
    """

    table: str
    kind: type[T]
    made: tuple[str, ...]
    more: tuple[str, ...] = ()
    changed: type[TwinChanged]
    rules: Callable[[D], list[Violation]]  # everything that is wrong with what was written
    wanted: tuple[str, ...]
    _scalars: dict[str, Callable[[Any], Any]]
    _documents: dict[str, "msgspec.json.Decoder[Any]"]
    _sql: ClassVar[_Sql]
    select: ClassVar[str]  # of rows as they are read

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        self._scope = scope
        self._announce = announce

    def __init_subclass__(cls) -> None:
        """Word the statements of the table, and how its columns are read."""
        hints = get_type_hints(cls.kind)
        cls.wanted = tuple(name for name in hints if name not in (*_HEAD, *cls.made, *cls.more))
        plain = {name: str if get_origin(hint) is Literal else hint for name, hint in hints.items()}
        cls._scalars = {name: _SCALARS[hint] for name, hint in plain.items() if hint in _SCALARS}
        cls._documents = {name: msgspec.json.Decoder(hint) for name, hint in plain.items() if hint not in _SCALARS}
        cls._sql = _Sql(cls.table, cls.wanted, cls.made, cls.more)
        cls.select = cls._sql.select

    async def get(self, row: int) -> T | None:
        """One row, deleted ones too."""
        return next(iter(await self._scope.read(self._sql.get, self._read, id=row)), None)

    async def by_made(self, made: str) -> T | None:
        """The row of an id of WeCom's."""
        return next(iter(await self._scope.read(self._sql.by_made, self._read, made=made)), None) if made else None

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[T, ...]:
        """Rows, newest first; `before` is the id of the last one of the page before."""
        return tuple(map(self._read, await self._scope.fetch(self._sql.page, before=before, most=most)))

    async def missing(self, *, before: int, most: int = 500) -> tuple[T, ...]:
        """Rows that WeCom was not seen to have since a stored moment."""
        return tuple(map(self._read, await self._scope.fetch(self._sql.missing, before=before, most=most)))

    def add(self, draft: D) -> T:
        """Want a new one; WeCom is told after the commit. Raises `Invalid`."""
        return self._add(new_id(), draft)

    def change(self, twin: T, draft: D) -> None:
        """Want it otherwise. Raises `Invalid`, and at commit `LostLease` if it is no longer this version."""
        self._check(draft)
        self._replace(twin, self._plain(draft))

    def retry(self, twin: T) -> None:
        """Want the same once more, such as after a call of which nobody knows whether it was performed."""
        self._replace(twin, self._plain(twin))

    def ask(self, twin: T) -> None:
        """Note that the wanted version is on its way to WeCom."""
        self._scope.write(self._sql.ask, id=twin.id, version=twin.version)

    def see(self, row: int, version: int, **made: str) -> None:
        """Store that WeCom has a version, and what it gave; what is not named stays."""
        given = {**dict.fromkeys(self.made, ""), **made}
        self._scope.write(self._sql.see, id=row, version=version, at=self._scope.at, **given)

    def refuse(self, row: int, version: int, *, reason: str) -> None:
        """Store that WeCom did not take a version, and why."""
        self._scope.write(self._sql.refuse, id=row, version=version, reason=reason)

    def bury(self, row: int, *, reason: str = "") -> None:
        """Store that WeCom has it no more."""
        self._scope.write(self._sql.bury, id=row, reason=reason)

    def touch(self, row: int) -> None:
        """Store that WeCom has it, as we know it."""
        self._scope.write(self._sql.touch, id=row, at=self._scope.at)

    def remove(self, twin: T) -> None:
        """Want it no more; the row stays."""
        self._scope.write(self._sql.remove, id=twin.id, at=self._scope.at)
        self.converge(twin.id, twin.version + 1)

    def take(self, twin: T, wanted: Mapping[str, Any]) -> None:
        """It was changed at WeCom: ours follows, unless somebody changes it here at this moment."""
        self._scope.write(self._sql.take, id=twin.id, version=twin.version, at=self._scope.at, **self._store(wanted))

    def converge(self, row: int, version: int) -> None:
        """Have WeCom brought in step, after the commit."""
        self._announce(self.changed(corp_id=self._scope.corp_id, at=self._scope.now, row=row, version=version))

    def _add(self, row: int, draft: D, **given: str) -> T:
        self._check(draft)
        now = self._scope.now
        self._insert(row, draft, status="pending", **given)
        self.converge(row, 1)
        return self.kind(**{**self._plain(draft), **given}, id=row, created_at=now, changed_at=now)

    def _check(self, draft: D) -> None:
        if found := self.rules(draft):
            raise Invalid(found)

    def _insert(self, row: int, draft: D, *, status: Status, **made: str) -> None:
        at, there = self._scope.at, status != "pending"
        self._scope.write(
            self._sql.put,
            id=row,
            version=1,
            seen=int(there),
            asked=0,
            status=status,
            reason="",
            read_at=at if there else None,
            created_at=at,
            changed_at=at,
            **{**dict.fromkeys(self.made, ""), **made},
            **self._store(self._plain(draft)),
        )

    def _replace(self, twin: T, wanted: Mapping[str, Any]) -> None:
        one: dict[str, Any] = {"corp_id": self._scope.corp_id, "id": twin.id, "version": twin.version}
        self._scope.unit.guard(self._sql.change, **one, at=self._scope.at, **self._store(wanted))
        self.converge(twin.id, twin.version + 1)

    def _plain(self, draft: D | T) -> dict[str, Any]:
        return {name: getattr(draft, name) for name in self.wanted}

    def _store(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: wanted[name] for name in self.wanted}
        return {name: encode(value) if name in self._documents else value for name, value in values.items()}

    def _read(self, row: Row) -> T:
        values = {name: read(row[name]) for name, read in self._scalars.items()}
        return self.kind(**values, **{name: decoder.decode(row[name]) for name, decoder in self._documents.items()})
