from datetime import UTC, datetime, timedelta

import pytest

from sop.errors import Invalid
from storage.database import Database
from storage.engine.sql import Statement
from storage.materials import AGAIN, MARGIN
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
LIFE = timedelta(days=3)
EVENTS = Statement("SELECT kind FROM events")


def store(database: Database, now: datetime = NOW) -> Store:
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=now))


async def add(database, content: bytes = b"picture", kind="image"):
    one = store(database)
    material = await one.materials.add(kind, "图.png", content=content)
    await one.commit()
    return material


async def lend(database, material, media_id="M1", at=NOW):
    one = store(database, at)
    one.materials.lend(material.id, media_id, expires_at=at + LIFE)
    await one.commit()


async def due(database, at) -> list[int]:
    return [material.id for material in await store(database, at).materials.due()]


async def test_a_material_keeps_its_bytes_and_is_announced(database):
    material = await add(database)
    assert await store(database).materials.get(material.id) == material
    assert await store(database).materials.content(material.id) == b"picture"
    assert await store(database).materials.content(5) is None
    assert [row["kind"] for row in await database.fetch(EVENTS)] == ["materials_due"]


async def test_the_same_bytes_are_one_material_per_kind(database):
    first, second, other = await add(database), await add(database), await add(database, kind="file")
    assert first == second
    assert other.id != first.id
    assert await store(database).materials.page() == (other, first)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_wecom_would_not_take_is_not_kept(database):
    for content in (b"tiny", b"x" * (10 * 2**20 + 1)):
        with pytest.raises(Invalid) as caught:
            await add(database, content)
        assert caught.value.violations[0].field == "content"


async def test_only_media_ids_that_still_live_are_given(database):
    lent, bare = await add(database), await add(database, b"another")
    await lend(database, lent)
    ids = [lent.id, bare.id]
    assert await store(database).materials.media(ids, at=NOW + LIFE - timedelta(seconds=1)) == {str(lent.id): "M1"}
    assert await store(database).materials.media(ids, at=NOW + LIFE) == {}
    assert await store(database).materials.media([], at=NOW) == {}


async def test_a_media_id_is_due_half_a_day_before_it_dies(database):
    material = await add(database)
    assert await due(database, NOW) == [material.id]
    await lend(database, material)
    assert await due(database, NOW + LIFE - MARGIN - timedelta(seconds=1)) == []
    assert await due(database, NOW + LIFE - MARGIN) == [material.id]


async def test_an_upload_that_was_asked_for_is_not_asked_for_again_at_once(database):
    material = await add(database)
    one = store(database)
    one.materials.ask(material.id)
    await one.commit()
    assert await due(database, NOW + AGAIN - timedelta(seconds=1)) == []
    assert await due(database, NOW + AGAIN) == [material.id]
    await lend(database, material, at=NOW + timedelta(minutes=1))
    assert (await store(database).materials.get(material.id)).asked_at is None


async def test_an_older_media_id_does_not_replace_a_newer(database):
    material = await add(database)
    await lend(database, material, "NEW", NOW + timedelta(hours=1))
    await lend(database, material, "OLD", NOW)
    assert (await store(database).materials.get(material.id)).media_id == "NEW"


async def test_a_removed_material_is_gone(database):
    material = await add(database)
    one = store(database)
    one.materials.remove(material.id)
    await one.commit()
    assert await store(database).materials.get(material.id) is None
