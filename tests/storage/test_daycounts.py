"""Days as WeCom counted them and ours of the same days, on both stores."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sop.acquisition import Draft
from sop.daycounts import GroupCounts
from sop.groups import Changes, Departure, Group, Stay
from storage.daycounts import Due, LinkCounts, OurGroups, OurNewcomers
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
FIRST, SECOND = date(2026, 5, 3), date(2026, 5, 4)
LATE = datetime(2026, 5, 3, 15, 59, tzinfo=UTC)  # one minute before midnight in China


@pytest.fixture
def open_store(database):
    def make(now=NOW):
        return Store(Scope(database=database, corp_id="ww1", app="crm", now=now))

    return make


async def found(open_store, chat_id, owner, *joined):
    """A group whose customers came at these moments."""
    store = open_store()
    stays = tuple(
        Stay(member_id=f"wm{number}", kind="customer", joined_at=at, name="") for number, at in enumerate(joined)
    )
    stays += (Stay(member_id=owner, kind="staff", joined_at=LATE, name=""),)
    group = Group(chat_id=chat_id, owner=owner, created_at=LATE, version="1", stays=stays)
    store.groups.put(None, group, Changes(came=stays), status="normal")
    await store.commit()


async def test_owners_of_groups_are_due_with_the_newest_day_known_of_them(open_store):
    await found(open_store, "g1", "chen")
    await found(open_store, "g2", "chen")
    await found(open_store, "g3", "li")
    store = open_store()
    for day in (FIRST, SECOND):
        store.daycounts.note_groups("chen", day, GroupCounts(groups=2))
    await store.commit()
    due = (Due(owner="chen", last=SECOND), Due(owner="li", last=None))
    assert await open_store().daycounts.due(after="", most=5) == due
    assert await open_store().daycounts.due(after="", most=1) == due[:1]
    assert await open_store().daycounts.due(after="chen", most=5) == due[1:]


async def test_days_are_told_of_all_owners_or_of_some_and_said_anew_they_count_anew(open_store):
    store = open_store()
    store.daycounts.note_groups("chen", FIRST, GroupCounts(new_groups=7, messages=2**40))
    await store.commit()
    store = open_store()
    store.daycounts.note_groups("chen", FIRST, GroupCounts(new_groups=1, groups=2, messages=2**40))
    store.daycounts.note_groups("li", FIRST, GroupCounts(groups=3, members=9))
    store.daycounts.note_groups("li", SECOND, GroupCounts(groups=4))
    await store.commit()
    days = open_store().daycounts
    assert await days.groups(FIRST, FIRST) == {FIRST: GroupCounts(new_groups=1, groups=5, members=9, messages=2**40)}
    assert await days.groups(FIRST, SECOND, staff={"li"}) == {
        FIRST: GroupCounts(groups=3, members=9),
        SECOND: GroupCounts(groups=4),
    }
    assert await days.groups(FIRST, SECOND, staff=set()) == {}
    assert (await days.of_owners(FIRST, SECOND, owners=["chen", "x"])).keys() == {"chen"}


async def test_our_own_days_are_china_s_too(open_store):
    await found(open_store, "g1", "chen", LATE, LATE + timedelta(minutes=1), NOW)
    await found(open_store, "g2", "li", NOW)
    store = open_store()
    (stay,) = [one for one in await store.groups.inside("g2") if one.kind == "customer"]
    known = await store.groups.get("g2")
    empty = Group(chat_id="g2", owner="li", created_at=LATE, version="2", stays=())
    store.groups.put(known, empty, Changes(went=(Departure(stay=stay, at=NOW, parting="left"),)), status="normal")
    await store.commit()
    days = open_store().daycounts
    assert await days.our_groups(FIRST, SECOND) == {
        FIRST: OurGroups(new_groups=2, joined=1),
        SECOND: OurGroups(joined=3, left=1),
    }
    assert await days.our_groups(SECOND, SECOND, staff={"li"}) == {SECOND: OurGroups(joined=1, left=1)}
    assert await days.our_owners(FIRST, SECOND, owners=["chen", "li"]) == {
        "chen": OurGroups(new_groups=1, joined=3),
        "li": OurGroups(new_groups=1, joined=1, left=1),
    }


async def test_owners_are_listed_by_id_with_those_who_have_groups_no_more(open_store):
    await found(open_store, "g1", "chen")
    store = open_store()
    store.daycounts.note_groups("wang", FIRST, GroupCounts(groups=1))
    await store.commit()
    days = open_store().daycounts
    assert await days.owners(FIRST, SECOND, most=5) == ("chen", "wang")
    assert await days.owners(SECOND, SECOND, most=5) == ("chen",)
    assert await days.owners(FIRST, SECOND, after="chen", most=5) == ("wang",)
    assert await days.owners(FIRST, SECOND, staff={"wang", "li"}, most=5) == ("wang",)


async def test_days_of_a_link_are_kept_beside_who_came_and_left(open_store):
    store = open_store()
    link = store.links.adopt(Draft(name="海报", staff=("chen",)), link_id="caw1", url="u")
    store.daycounts.note_link(link, FIRST, LinkCounts(clicks=1))
    store.newcomers.come("wm1", "chen", link=link, source="", at=LATE)
    store.newcomers.come("wm2", "li", link=link, source="", at=NOW)
    store.newcomers.leave("wm1", "chen", at=NOW)
    await store.commit()
    store = open_store()
    store.daycounts.note_link(link, FIRST, LinkCounts(clicks=5, customers=1))
    await store.commit()
    days = open_store().daycounts
    assert await days.last(link) == FIRST
    assert await days.last(link + 1) is None
    assert await days.link(link, FIRST, SECOND) == {FIRST: LinkCounts(clicks=5, customers=1)}
    assert await days.link(link, SECOND, SECOND) == {}
    seen = {FIRST: OurNewcomers(customers=1), SECOND: OurNewcomers(customers=1, lost=1)}
    assert await days.our_link(link, FIRST, SECOND) == seen
    assert await days.our_link(link, FIRST, SECOND, staff={"li"}) == {SECOND: OurNewcomers(customers=1)}
