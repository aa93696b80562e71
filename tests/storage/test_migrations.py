"""Migrations bring an empty database to exactly the tables of the code, on both stores, and say where they stand."""

import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from storage import migrations, revision
from storage.database import connect
from storage.engine.sql import Statement, Unit
from storage.errors import Unavailable
from storage.schema import REVISION, metadata


async def test_an_empty_database_is_brought_to_the_tables_of_the_code(database_url):
    assert await migrations.revision(database_url) == ""
    assert not await current(database_url)
    assert await migrations.migrate(database_url) == migrations.newest()
    assert await migrations.revision(database_url) == migrations.newest() == REVISION
    assert await current(database_url)
    differences: list[object] = []
    await migrations._with_connection(
        database_url,
        lambda connection: differences.extend(compare_metadata(MigrationContext.configure(connection), metadata)),
    )
    assert differences == []


async def current(url):
    database = connect(url)
    await database.open()
    found = await revision.is_current(database)
    await database.close()
    return found


async def test_migrating_twice_changes_nothing(database_url):
    await migrations.migrate(database_url)
    assert await migrations.migrate(database_url) == migrations.newest()


async def test_the_staff_of_channels_that_are_there_already_are_known_afterwards(database_url):
    def before(connection):
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for number, status in ((1, "live"), (2, "deleted")):
            connection.execute(
                text(
                    "INSERT INTO channels"
                    " (id, corp_id, name, state, status, staff, departments, created_at, changed_at)"
                    " VALUES (:id, 'ww1', 'x', :state, :status, '[\"chen\"]', '[3]', 0, 0)"
                ),
                {"id": number, "state": f"s-{number}", "status": status},
            )

    await migrations._with_connection(database_url, before)
    await migrations.migrate(database_url)
    database = connect(database_url)
    await database.open()
    rows = await database.fetch(Statement("SELECT subject, channel_id FROM channel_staff ORDER BY subject"))
    await database.close()
    assert [tuple(row[name] for name in ("subject", "channel_id")) for row in rows] == [
        ("department:3", 1), ("user:chen", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all/siyu.db", "postgresql://siyu@127.0.0.1:1/siyu"])
async def test_a_database_that_is_not_there_is_unavailable(url):
    async with asyncio.timeout(10):
        with pytest.raises(Unavailable):
            await migrations.revision(url)


async def test_a_database_of_a_newer_version_is_left_alone(migrated_url):
    database = connect(migrated_url)
    await database.open()
    unit = Unit()
    unit.add(Statement("UPDATE alembic_version SET version_num = 'newer'"))
    await database.commit(unit)
    await database.close()
    with pytest.raises(Unavailable, match="newer version"):
        await migrations.migrate(migrated_url)
