"""While whole pages of rows are written, SQLite's writer keeps more in memory; afterwards it lets go of it."""

import time

import pytest

from storage.engine.many import bulk
from storage.engine.sql import Statement, Unit

_MANY = bulk(
    "INSERT INTO settings (corp_id, name, value, changed_at) SELECT 'ww1', r.name, '1', 0 FROM {rows} AS r WHERE TRUE",
    name="TEXT",
)
_ONE = Statement("INSERT INTO settings (corp_id, name, value, changed_at) VALUES ('ww1', :name, '1', 0)")


@pytest.fixture
def backend():
    return "sqlite"


def width(database):
    (cache,), (pages,) = (
        database._writing.execute(f"PRAGMA {name}").fetchone() for name in ("cache_size", "wal_autocheckpoint")
    )
    return cache, pages


async def test_the_writer_is_wide_while_pages_come_and_narrow_afterwards(database):
    assert width(database) == (-4096, 1000)
    unit = Unit()
    unit.add(_MANY, name=["a", "b"])
    await database.commit(unit)
    assert width(database) == (-4096, 1000)  # a few rows are not worth it
    unit = Unit()
    unit.add(_MANY, name=[f"n{number}" for number in range(256)])
    await database.commit(unit)
    assert width(database) == (-73728, 16384)
    unit = Unit()
    unit.add(_ONE, name="c")
    await database.commit(unit)
    assert width(database) == (-73728, 16384)
    database._wide_until = time.monotonic() - 1
    unit = Unit()
    unit.add(_ONE, name="d")
    await database.commit(unit)
    assert width(database) == (-4096, 1000)
    assert len(await database.fetch(Statement("SELECT name FROM settings"))) == 260
