"""A desk with an open database for each test of a handler; what SQL does is tested in tests/storage on both stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import connect
from tests.handlers.desk import Desk


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
async def desk(migrated_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    database = connect(migrated_url)
    await database.open()
    yield Desk(database)
    await database.close()
