"""The ledger of customer groups: written whole by one look at a time, whoever else looks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sop import groups
from sop.groups import Changes, Group, Stay, Turn
from storage.database import connect
from storage.errors import Conflict, LostLease
from storage.groups.lists import GroupFilter, GroupLists
from storage.groups.numbers import GroupNumbers
from storage.scope import Scope
from storage.store import Store

START = datetime(2025, 10, 9, 8, tzinfo=UTC)


def after(**span):
    return START + timedelta(**span)


def stay(member_id, at=START, **about):
    return Stay(**{"member_id": member_id, "kind": "customer", "joined_at": at, "name": member_id, **about})


OWNER = stay("chen", kind="staff")
GROUP = Group(chat_id="wr1", name="福利群", owner="chen", created_at=START, version="v1", stays=(OWNER, stay("wm1")))


@pytest.fixture
async def database(migrated_url):
    database = connect(migrated_url)
    await database.open()
    yield database
    await database.close()


def store(database, now=START):
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=now))


async def see(database, shown=GROUP, now=START, *, turns=(), status="normal"):
    """One look, from what is held to what WeCom shows."""
    here = store(database, now)
    known, held = await here.groups.get(shown.chat_id), await here.groups.inside(shown.chat_id)
    here.groups.put(known, shown, groups.settle(held, shown.stays, turns, at=now), status=status)
    await here.commit()


async def test_a_group_is_held_with_all_who_are_in_it(database):
    await see(database)
    entry = await store(database).groups.get("wr1")
    assert (entry.name, entry.owner, entry.version, entry.members, entry.customers) == ("福利群", "chen", "v1", 2, 1)
    assert set(await store(database).groups.inside("wr1")) == set(GROUP.stays)


async def test_two_looks_at_one_group_do_not_mix(database):
    await see(database)
    one, two = store(database, after(seconds=5)), store(database, after(seconds=6))
    known = await one.groups.get("wr1")
    one.groups.put(known, replace(GROUP, name="新"), Changes(came=(stay("wm2"),)), status="normal")
    two.groups.put(known, replace(GROUP, name="旧"), Changes(), status="normal")
    await one.commit()
    with pytest.raises(LostLease):
        await two.commit()
    assert (await store(database).groups.get("wr1")).name == "新"


async def test_two_first_looks_do_not_mix(database):
    one, two = store(database), store(database)
    for here in (one, two):
        here.groups.put(None, GROUP, Changes(came=GROUP.stays), status="normal")
    await one.commit()
    with pytest.raises(Conflict):
        await two.commit()


async def test_who_leaves_and_comes_again_has_two_stays(database):
    await see(database)
    left = Turn(what="left", at=after(hours=1), scene="removed", members=("wm1",))
    await see(database, replace(GROUP, version="v2", stays=(OWNER,)), after(hours=1, seconds=3), turns=(left,))
    again = stay("wm1", after(hours=2))
    await see(database, replace(GROUP, version="v3", stays=(OWNER, again)), after(hours=2, seconds=3))
    stays = await GroupLists(store(database).scope).members("wr1", everyone=True, limit=10)
    mine = [(one.joined_at, one.left_at, one.parting) for one in stays if one.member_id == "wm1"]
    assert mine == [(after(hours=2), None, ""), (START, after(hours=1), "removed")]
    spans = await GroupNumbers(store(database).scope).of_group("wr1", since=START, until=after(days=1))
    assert len(spans) == 2
    moments = await GroupNumbers(store(database).scope).moments("wr1", "left", since=START, until=after(days=1))
    assert moments == (after(hours=1),)
    await see(database, replace(GROUP, version="v4", stays=(OWNER,)), after(hours=9))
    later = await GroupNumbers(store(database).scope).moments("wr1", "left", since=START, until=after(days=1))
    assert later == moments, "nobody knows when the second departure was"


async def test_a_dismissed_group_is_empty_and_can_be_seen_again(database):
    await see(database)
    here = store(database, after(days=1))
    here.groups.dismiss("wr1", at=after(hours=20))
    await here.commit()
    entry = await store(database).groups.get("wr1")
    assert (entry.status, entry.dismissed_at, entry.members) == ("dismissed", after(hours=20), 0)
    assert await store(database).groups.inside("wr1") == ()
    assert await store(database).groups.of_member("wm1") == ()
    await see(database, GROUP, after(days=2))
    entry = await store(database).groups.get("wr1")
    assert (entry.status, entry.dismissed_at) == ("normal", None)
    assert len(await store(database).groups.inside("wr1")) == 2


async def test_a_late_callback_explains_a_departure_and_no_other(database):
    await see(database)
    await see(database, replace(GROUP, stays=(OWNER,)), after(minutes=10))
    here = store(database)
    for at, scene in ((after(minutes=60), "left"), (after(minutes=9), "removed"), (after(minutes=8), "left")):
        here.groups.explain("wr1", Turn(what="left", at=at, scene=scene, members=("wm1",)))
    await here.commit()
    stays = await GroupLists(store(database).scope).members("wr1", everyone=True, limit=10)
    (gone,) = [one for one in stays if one.left_at]
    assert (gone.parting, gone.left_at) == ("removed", after(minutes=9))


async def test_what_callbacks_said_is_kept_until_it_is_shown(database):
    here = store(database)
    turns = [Turn(what="joined", at=after(seconds=count), members=("wm1",), version=f"v{count}") for count in (1, 5)]
    for turn in turns:
        here.groups.note("wr1", turn)
    await here.commit()
    assert await store(database).groups.turns("wr1") == tuple(turns)
    here = store(database)
    here.groups.forget("wr1", until=after(seconds=2))
    await here.commit()
    assert await store(database).groups.turns("wr1") == tuple(turns[1:])


async def test_groups_are_listed_by_what_is_asked_page_by_page(database):
    for count in range(3):
        await see(database, replace(GROUP, chat_id=f"wr{count}", name=f"{count}_群", created_at=after(hours=count)))
    lists = GroupLists(store(database).scope)
    first = await lists.page(GroupFilter(), limit=2)
    assert [one.chat_id for one in first] == ["wr2", "wr1"]
    place = (int(first[-1].created_at.timestamp() * 1000), first[-1].chat_id)
    assert [one.chat_id for one in await lists.page(GroupFilter(), limit=2, after=place)] == ["wr0"]
    for which, found in (
        (GroupFilter(words="1_"), ["wr1"]),
        (GroupFilter(words="%"), []),
        (GroupFilter(owner="lin"), []),
        (GroupFilter(member="wm1", status="normal"), ["wr2", "wr1", "wr0"]),
        (GroupFilter(staff={"chen"}), ["wr2", "wr1", "wr0"]),
        (GroupFilter(staff={"lin"}), []),
        (GroupFilter(staff=set()), []),
    ):
        assert [one.chat_id for one in await lists.page(which, limit=9)] == found, which
    assert await lists.overlaps(least=3, staff={"chen"}, limit=9) == (("wm1", "wm1", 3),)
    assert await lists.overlaps(least=1, staff={"lin"}, limit=9) == ()


async def test_only_what_was_not_seen_lately_is_verified(database):
    await see(database, replace(GROUP, chat_id="wr1"), START)
    await see(database, replace(GROUP, chat_id="wr2"), after(hours=1))
    assert await store(database).groups.unseen(before=after(minutes=30)) == ("wr1",)
    await see(database, replace(GROUP, chat_id="wr1"), after(hours=2))
    assert await store(database).groups.unseen(before=after(minutes=30)) == ()
    assert (await store(database).groups.get("wr1")).changed_at == START, "seen again, but not changed"
