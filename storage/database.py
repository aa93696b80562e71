"""Where the data lives: one interface, two implementations, chosen by the URL."""

from collections.abc import Sequence
from typing import Any, Protocol

from storage.engine.postgres import PostgresDatabase
from storage.engine.sql import Answer, Dialect, Params, Result, Statement, Unit
from storage.engine.sqlite import SqliteDatabase


class Database(Protocol):
    """Reads see what is committed; a unit of writes happens whole, durably, or not at all."""

    @property
    def dialect(self) -> Dialect:
        """Which SQL it speaks."""

    async def open(self) -> None:
        """Connect; raises `Unavailable`."""

    async def close(self) -> None:
        """Commit what is waiting and disconnect."""

    async def fetch(self, statement: Statement, params: Params | None = None, /, **named: Any) -> Answer:
        """Read rows; parameters by name."""

    async def commit(self, unit: Unit) -> list[Answer]:
        """Write a unit; raises `Unavailable`, `Conflict` or `LostLease`, and then nothing of it happened."""

    async def commit_each(self, units: Sequence[Unit]) -> list[Result]:
        """Write several units at once, each as `commit` would; what became of each, errors among them."""


def connect(url: str) -> Database:
    """The database of a URL: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://…`."""
    if url.startswith("sqlite:///"):
        return SqliteDatabase(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresDatabase(url)
    raise ValueError(f"database url {url.split(':', 1)[0]!r}: use sqlite:///file.db or postgresql://…")
