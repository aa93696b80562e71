"""Mirrors: things that operators want here and WeCom has, with what is wanted, what is there and what is on its way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.scope import Scope
from storage.sql import Row, Statement, insert
from storage.values import FOREVER, from_ms

Status = Literal["pending", "live", "refused", "deleting", "deleted"]
_COMMON = ("id", "version", "seen", "asked", "status", "reason", "created_at", "changed_at")


@dataclass(frozen=True, kw_only=True)  # without slots, so that it can be a second base
class Mirrored:
    """How a thing stands: `version` is wanted, `seen` is what WeCom has, `asked` is on its way (0 when nothing is).

    While it is pending or refused, what is at WeCom works as it did before.
    """

    id: int
    version: int = 1
    seen: int = 0
    asked: int = 0
    status: Status = "pending"
    reason: str = ""  # why it was refused, in WeCom's words
    created_at: datetime
    changed_at: datetime

    @property
    def ended(self) -> bool:
        """Whether it is deleted, or about to be."""
        return self.status in ("deleting", "deleted")


class Mirror:
    """The statements of one table: `wanted` are the columns that operators set, `key` is the id that WeCom gave."""

    def __init__(self, table: str, wanted: Iterable[str], *, key: str, more: Iterable[str] = ()) -> None:
        wanted = tuple(wanted)
        self.key = key
        self.columns = (*_COMMON, *wanted, key, *more)
        self.select = f"SELECT {', '.join(self.columns)} FROM {table} WHERE corp_id = :corp_id"
        one, at = "WHERE corp_id = :corp_id AND id = :id", "changed_at = :changed_at"
        anew = f"version = version + 1, reason = '', {at}"
        self.get = Statement(f"{self.select} AND id = :id")
        self.page = Statement(f"{self.select} AND id < :before ORDER BY id DESC LIMIT :most")
        fresh = ("id", "version", "status", "created_at", "changed_at")
        self.add = insert(table, ("corp_id", *fresh, *wanted, *more))
        self.change = Statement(f"""
            UPDATE {table} SET {"".join(f"{name} = :{name}, " for name in wanted)} status = 'pending', {anew}
            {one} AND version = :version AND status NOT IN ('deleting', 'deleted')
        """)
        self.retry = Statement(f"""
            UPDATE {table} SET status = CASE WHEN status = 'deleting' THEN status ELSE 'pending' END, {anew}
            {one} AND version = :version AND status <> 'deleted'
        """)
        self.remove = Statement(f"UPDATE {table} SET status = 'deleting', {anew} {one} AND status <> 'deleted'")
        self.ask = Statement(f"UPDATE {table} SET asked = :version {one}")
        # What WeCom has is a fact; what we want of it may have moved on, and then the status stays as it is.
        self.see = Statement(f"""
            UPDATE {table} SET seen = :version, asked = 0, {key} = :key,
                status = CASE WHEN version = :version AND status <> 'deleting' THEN 'live' ELSE status END,
                reason = CASE WHEN version = :version THEN '' ELSE reason END
            {one}
        """)
        self.refuse = Statement(f"""
            UPDATE {table} SET asked = 0, reason = :reason,
                status = CASE WHEN version = :version THEN 'refused' ELSE status END
            {one}
        """)
        self.bury = Statement(f"UPDATE {table} SET asked = 0, status = 'deleted', reason = '' {one}")


class Mirrors:
    """What a corp's things of one kind have in common; a subject adds what its things are made of."""

    def __init__(self, scope: Scope, mirror: Mirror) -> None:
        self._scope = scope
        self._mirror = mirror

    async def _rows(self, *, before: int = FOREVER, most: int = 50) -> Iterable[Row]:
        return await self._scope.fetch(self._mirror.page, before=before, most=most)

    async def _row(self, identity: int) -> Row | None:
        return next(iter(await self._scope.fetch(self._mirror.get, id=identity)), None)

    def _insert(self, thing: Mirrored, values: dict[str, Any]) -> None:
        at = self._scope.at
        fresh = {"version": thing.version, "status": thing.status, "created_at": at, "changed_at": at}
        self._scope.write(self._mirror.add, **{"id": thing.id, **fresh, **values})

    def _update(self, thing: Mirrored, values: dict[str, Any]) -> None:
        about: dict[str, Any] = {"corp_id": self._scope.corp_id, "id": thing.id, "version": thing.version}
        self._scope.unit.guard(self._mirror.change, **values, **about, changed_at=self._scope.at)

    def again(self, thing: Mirrored) -> None:
        """Want the same once more; at commit `LostLease` if it is no longer this version."""
        about: dict[str, Any] = {"corp_id": self._scope.corp_id, "id": thing.id, "version": thing.version}
        self._scope.unit.guard(self._mirror.retry, **about, changed_at=self._scope.at)

    def remove(self, thing: Mirrored) -> None:
        """Want a thing no more; its row stays."""
        self._scope.write(self._mirror.remove, id=thing.id, changed_at=self._scope.at)

    def ask(self, identity: int, version: int) -> None:
        """Note that a version is on its way to WeCom."""
        self._scope.write(self._mirror.ask, id=identity, version=version)

    def see(self, identity: int, version: int, *, key: str) -> None:
        """Store that WeCom has a version, under which id."""
        self._scope.write(self._mirror.see, id=identity, version=version, key=key)

    def refuse(self, identity: int, version: int, *, reason: str) -> None:
        """Store that WeCom did not take a version, and why."""
        self._scope.write(self._mirror.refuse, id=identity, version=version, reason=reason)

    def bury(self, identity: int) -> None:
        """Store that WeCom has it no more."""
        self._scope.write(self._mirror.bury, id=identity)


def common(row: Row) -> dict[str, Any]:
    """The values that all mirrored things have, of a row."""
    values = {name: row[name] for name in _COMMON}
    return values | {name: from_ms(values[name]) for name in ("created_at", "changed_at")}
