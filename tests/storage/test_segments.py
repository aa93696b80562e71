"""Segments on both stores: what was written is read again, in pages, within what a caller may see."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.errors import Invalid
from sop.relations import Deed, Fact
from sop.segments import Draft
from storage import housekeeping
from storage.errors import LostLease
from storage.scope import Scope
from storage.store import Store

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
DRAFT = Draft(name="在联", condition={"lost": False})


def store(database) -> Store:
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=START))


async def draw(database, draft=DRAFT):
    one = store(database)
    segment = one.segments.add(draft)
    await one.commit()
    return segment


async def run(database, segment, *, entered=(), left=(), job_id=7):
    """A refresh that moves these."""
    one = store(database)
    number = one.segments.begin(await one.segments.get(segment.id), job_id)
    one.segments.move(segment.id, number, entered=entered, left=left)
    await one.commit()
    one = store(database)
    one.segments.end(segment.id, number, job_id=job_id, status="done")
    await one.commit()
    return number


async def test_a_segment_is_kept_as_written_and_changed_by_versions(database):
    segment = await draw(database)
    assert await store(database).segments.get(segment.id) == segment
    one = store(database)
    changed = one.segments.change(segment, Draft(name="流失", condition={"lost": True}, hours=1, enabled=False))
    await one.commit()
    assert changed.version == 2
    assert await store(database).segments.all() == (changed,)
    one = store(database)
    one.segments.change(segment, DRAFT)
    with pytest.raises(LostLease):
        await one.commit()
    with pytest.raises(Invalid):
        store(database).segments.add(Draft(name="", condition={}, hours=0))


async def test_what_is_removed_is_out_of_sight_at_once(database):
    segment = await draw(database)
    one = store(database)
    one.segments.remove(segment.id)
    await one.commit()
    assert await store(database).segments.get(segment.id) is None
    assert await store(database).segments.page() == ()


async def test_moves_and_members_are_read_page_by_page(database):
    segment = await draw(database)
    first = await run(database, segment, entered=["wm1", "wm2", "wm3"])
    second = await run(database, segment, entered=["wm4"], left=["wm2"])
    own = store(database).segments
    page = await own.members(segment.id, most=2)
    rest = await own.members(segment.id, after=page[-1].external_user_id, most=9)
    assert [member.external_user_id for member in (*page, *rest)] == ["wm1", "wm3", "wm4"]
    moved = await own.moves(segment.id, first, after="wm1", most=9)
    assert [member.external_user_id for member in moved] == ["wm2", "wm3"]
    assert [move.external_user_id for move in await own.moves(segment.id, second, entered=False, most=9)] == ["wm2"]
    assert [(each.run, each.count, each.entered, each.left) for each in await own.runs(segment.id)] == [
        (2, 3, 1, 1),
        (1, 3, 3, 0),
    ]
    assert (await own.get(segment.id)).count == 3
    assert [name for _, name, _ in await own.of_customer("wm1")] == ["在联"]


async def test_who_enters_twice_is_inside_once(database):
    segment = await draw(database)
    await run(database, segment, entered=["wm1"])
    one = store(database)
    one.segments.move(segment.id, 1, entered=["wm1"], left=[])
    await one.commit()
    assert len(await store(database).segments.moves(segment.id, 1, most=9)) == 1
    assert len(await store(database).segments.members(segment.id, most=9)) == 1


async def test_members_are_seen_by_those_who_know_them(database):
    one = store(database)
    await one.relations.record("wm1", "chen", fact=Fact(deed=Deed.ADDED, at=START))
    await one.relations.record("wm2", "lin", fact=Fact(deed=Deed.ADDED, at=START))
    await one.commit()
    segment = await draw(database)
    number = await run(database, segment, entered=["wm1", "wm2"])
    own = store(database).segments
    seen = await own.members(segment.id, most=9, staff=frozenset({"lin"}))
    assert [member.external_user_id for member in seen] == ["wm2"]
    assert await own.members(segment.id, most=9, staff=frozenset()) == ()
    moved = await own.moves(segment.id, number, most=9, staff=frozenset({"chen"}))
    assert [member.external_user_id for member in moved] == ["wm1"]


async def test_of_two_who_begin_a_refresh_one_is_too_late(database):
    segment = await draw(database)
    one, other = store(database), store(database)
    one.segments.begin(segment, 7)
    other.segments.begin(segment, 8)
    await one.commit()
    with pytest.raises(LostLease):
        await other.commit()


async def test_who_came_and_who_went_is_forgotten_after_a_while_and_who_is_inside_is_not(database):
    segment = await draw(database)
    number = await run(database, segment, entered=["wm1", "wm2"])
    await housekeeping.clean(database, before=START)
    assert len(await store(database).segments.moves(segment.id, number, most=9)) == 2
    await housekeeping.clean(database, before=START + timedelta(days=1))
    assert await store(database).segments.moves(segment.id, number, most=9) == ()
    assert len(await store(database).segments.members(segment.id, most=9)) == 2
