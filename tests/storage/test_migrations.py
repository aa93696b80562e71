"""Migrations bring an empty database to exactly the tables of the code, on both stores, and say where they stand."""

import asyncio
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from sop.flows import lint
from storage import migrations, revision
from storage.database import connect
from storage.engine.sql import Statement, Unit
from storage.errors import Unavailable
from storage.schema import REVISION, metadata
from storage.scope import Scope
from storage.store import Store


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


async def test_follow_ups_of_before_become_flows_and_who_waited_waits_on(database_url):
    def before(connection):
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
        connection.execute(
            text(
                "INSERT INTO followups (id, corp_id, name, after_seconds, channels, unless, action, enabled, version,"
                " created_at, changed_at) VALUES (7, 'ww1', '三天', 259200, '[5]', :unless, :action, :on, 1, 0, 0)"
            ),
            {
                "unless": '{"replied": true, "tags": ["et1"]}',
                "action": '{"kind": "prompt", "text": "问候"}',
                "on": True,
            },
        )
        body = '{"followup_id": 7, "user_id": "chen", "external_user_id": "wm1", "added_at": "2026-01-01T00:00:00Z"}'
        connection.execute(
            text(
                "INSERT INTO timers (id, corp_id, app, kind, lane, name, body, due_at)"
                " VALUES (1, 'ww1', 'crm', 'followup_due', 'customer:wm1', 'x', :body, 259200000)"
            ),
            {"body": body},
        )

    await migrations._with_connection(database_url, before)
    await migrations.migrate(database_url)
    database = connect(database_url)
    await database.open()
    store = Store(Scope(database=database, corp_id="ww1", app="crm", now=datetime(2026, 1, 4, tzinfo=UTC)))
    (sheet,) = await store.flows.page()
    flow = (await store.flows.versions(sheet.id))[1].flow
    assert (sheet.id, sheet.status, lint.check(flow)) == (7, "running", [])
    assert await store.flows.listens("replied")
    (one,) = await store.enrolments.due(7, most=5)
    assert (one.subject, one.user_id, one.node, one.node_at) == (
        "wm1",
        "chen",
        "wait",
        datetime(1970, 1, 1, tzinfo=UTC),
    )
    assert await database.fetch(Statement("SELECT id FROM timers")) == []
    await database.close()


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
