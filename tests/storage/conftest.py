"""An open database of our tables for each storage test, on both stores."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database, connect


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    database = connect(migrated_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def neighbour(database: Database, migrated_url: str) -> AsyncIterator[Database]:
    """A second process's view of the same database."""
    database = connect(migrated_url)
    await database.open()
    yield database
    await database.close()
