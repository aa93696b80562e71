"""Bring a database to the newest schema, and tell whether it is there."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.errors import Unavailable

Work = Callable[[Connection], None]


def newest() -> str:
    """The revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


async def migrate(url: str) -> str:
    """Run what is missing, in order; the revision reached. Raises `Unavailable`."""
    await _with_connection(url, _upgrade)
    return newest()


async def revision(url: str) -> str:
    """The revision a database is at, empty for a new one. Raises `Unavailable`."""
    found: list[str] = []
    await _with_connection(
        url, lambda connection: found.append(MigrationContext.configure(connection).get_current_revision() or "")
    )
    return found[0]


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


async def _with_connection(url: str, work: Work) -> None:
    try:
        if url.startswith("sqlite"):
            await asyncio.to_thread(_with_sqlite, url, work)
        else:
            await _with_postgres(url, work)
    except CommandError as error:
        raise Unavailable(f"the database is not of this program or of a newer version: {error}") from error
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error


def _with_sqlite(url: str, work: Work) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        work(connection)


async def _with_postgres(url: str, work: Work) -> None:
    engine = create_async_engine("postgresql+asyncpg://" + url.split("://", 1)[1], poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(work)
