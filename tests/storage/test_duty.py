"""Who stands behind which channel, who is there, and who came by it."""

from datetime import UTC, datetime, time, timedelta

from sop.channels import Draft
from sop.channels.assignment import Terms
from sop.channels.duty import Presence, Shift
from sop.channels.turns import Adds, View, turn
from sop.events import CustomerArrived, DutyChanged
from sop.relations import Deed, Fact
from sop.slots import Window
from sop.staff import Department, Member
from storage.channels import scenes
from storage.database import Database
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)
EVENTS = Statement("SELECT kind, body FROM events ORDER BY id")
FULL = Draft(
    name="门店",
    staff=("chen", "lin"),
    departments=(3,),
    description="{date}",
    accept=(Window(weekdays=(1,), start=time(9), end=time(18)),),
    strategy="capacity",
    cap=9,
    member_cap=3,
    roster=(Terms(user_id="chen", weight=2, cap=5),),
    rota=(Shift(start=time(9), end=time(18), staff=("chen",)), Shift(since=NOW.date(), closed=True)),
    backup=("qian",),
    folder_id=7,
    exclusive=True,
    expires_at=NOW + timedelta(days=9),
)


def store(database: Database, corp_id: str = "ww1", now: datetime = NOW) -> Store:
    return Store(Scope(database=database, corp_id=corp_id, app="crm", now=now))


async def write(database: Database, work):
    one = store(database)
    made = work(one)
    await one.commit()
    return made


async def company(database: Database) -> None:
    one = store(database)
    people = [Member(user_id=name, departments=(number,), contactable=True) for name, number in
              (("an", 3), ("bo", 31), ("cai", 4), ("di", 13))]  # fmt: skip
    tree = [Department(id=1), *(Department(id=number, parent_id=1) for number in (3, 4, 13)),
            Department(id=31, parent_id=3)]  # fmt: skip
    await one.staff.replace(people, tree, at=NOW)
    await one.commit()


async def test_everything_about_a_channel_is_kept(database):
    channel = await write(database, lambda one: one.channels.add(FULL))
    assert await store(database).channels.get(channel.id) == channel
    view = View(users=("chen",), departments=(), remark="门店", skip_verify=False)
    await write(database, lambda one: one.channels.see(channel.id, 1, config_id="cfg", shown=view))
    assert (await store(database).channels.get(channel.id)).shown == view


async def test_a_temporary_channel_ends_with_its_code(database):
    channel = await write(database, lambda one: one.channels.add(Draft(name="a", staff=("a",), temporary=60)))
    assert channel.expires_at == NOW + timedelta(seconds=60)


async def test_a_turn_is_kept(database):
    channel = await write(database, lambda one: one.channels.add(Draft(name="a", staff=("a", "b"), strategy="even")))
    scene = await scenes.read(store(database), channel, counting=True)
    made = turn(channel, scene)
    await write(database, lambda one: one.channels.turn(channel.id, made))
    kept = await store(database).channels.get(channel.id)
    assert (kept.wanted, kept.mode, kept.crew, kept.balanced_at) == (made.view, "staff", ("a", "b"), NOW)


async def test_a_member_finds_their_channels_by_name_as_backup_and_by_department(database):
    await company(database)
    drafts = [
        Draft(name="named", staff=("bo",)),
        Draft(name="backup", staff=("cai",), backup=("bo",)),
        Draft(name="own", departments=(31,)),
        Draft(name="above", departments=(3,)),
        Draft(name="root", departments=(1,)),
        Draft(name="other", departments=(13, 4)),
    ]
    made = [await write(database, lambda one, draft=draft: one.channels.add(draft)) for draft in drafts]
    found = await store(database).duty.channels("bo", most=9)
    assert found == tuple(channel.id for channel in made[:5])
    assert await store(database).duty.channels("bo", after=found[1], most=2) == found[2:4]
    assert await store(database, "ww2").duty.channels("bo", most=9) == ()
    await write(database, lambda one: one.channels.remove(made[0]))
    await write(database, lambda one: one.channels.change(made[2], Draft(name="own", departments=(4,))))
    assert await store(database).duty.channels("bo", most=9) == (found[1], *found[3:])


async def test_the_members_behind_a_channel_are_those_of_its_departments_and_all_below(database):
    await company(database)
    known, below = await store(database).duty.members(Draft(name="a", staff=("cai", "stranger"), departments=(3,)))
    assert (sorted(known), below) == (["an", "bo", "cai"], ("an", "bo"))
    assert await store(database).duty.members(Draft(name="a", departments=(99,))) == ({}, ())


async def test_what_members_say_is_kept_and_their_channels_are_told(database):
    leave = Presence(user_id="an", on=False, since=NOW, until=NOW + timedelta(hours=1), by="token:1")
    await write(database, lambda one: one.duty.set(leave))
    await write(database, lambda one: one.duty.set(Presence(user_id="bo", since=NOW)))
    assert await store(database).duty.of(["an", "bo", "cai"]) == {"an": leave, "bo": Presence(user_id="bo", since=NOW)}
    assert [row["kind"] for row in await database.fetch(EVENTS)] == [DutyChanged.kind] * 2


async def test_a_directory_read_anew_turns_the_codes_of_those_who_changed(database):
    await company(database)
    assert await database.fetch(EVENTS) == [], "at first everybody is new"
    one = store(database)
    departments = tuple((await one.staff.departments()).values())
    people = [Member(user_id=name, departments=(3,), contactable=True) for name in ("an", "bo", "eva")]
    await one.staff.replace(people, departments, at=NOW)
    await one.commit()
    bodies = "".join(row["body"] for row in await database.fetch(EVENTS))
    assert [f'"user_id":"{name}"' in bodies for name in ("an", "bo", "cai", "di", "eva")] == [
        False, True, True, True, True,
    ]  # fmt: skip


async def test_the_rotas_of_a_member_are_those_of_their_channels(database):
    assert await store(database).duty.rotas("chen") == ()
    await write(database, lambda one: one.channels.add(FULL))
    await write(database, lambda one: one.channels.add(Draft(name="a", staff=("chen",))))
    assert sorted(await store(database).duty.rotas("chen")) == [(), FULL.rota]


def added(minutes: int, deed: Deed = Deed.ADDED, channel_id: int | None = 5) -> Fact:
    return Fact(deed=deed, at=MIDNIGHT + timedelta(minutes=minutes), channel_id=channel_id)


async def record(database, external_user_id, *facts, user_id="chen"):
    one = store(database)
    fresh = await one.arrivals.record(external_user_id, user_id, facts=facts)
    await one.commit()
    return [visit.at for visit in fresh]


async def test_adds_are_counted_by_member_since_two_moments(database):
    await record(database, "wm1", added(1))
    await record(database, "wm2", added(10))
    await record(database, "wm3", added(10), user_id="lin")
    await record(database, "wm4", added(-1))
    await record(database, "wm5", added(10, channel_id=6))
    await record(database, "wm6", added(10, channel_id=None))
    counted = await store(database).arrivals.count(5, today=MIDNIGHT, lately=MIDNIGHT + timedelta(minutes=5))
    assert counted == {"chen": Adds(today=2, lately=1), "lin": Adds(today=1, lately=1)}


async def test_an_add_is_new_once_and_moves_when_an_earlier_half_add_is_told_late(database):
    late, early = added(5), added(-5, Deed.HALF_ADDED)
    assert await record(database, "wm1", late) == [late.at]
    assert await record(database, "wm1", late) == []
    assert await record(database, "wm1", late, early) == [early.at]
    assert await store(database).arrivals.count(5, today=MIDNIGHT, lately=MIDNIGHT) == {}


async def test_who_came_before_is_told_by_time_and_then_by_customer(database):
    for customer, minutes in (("wm1", 1), ("wm2", 2), ("wm3", 2), ("wm4", 3)):
        await record(database, customer, added(minutes))
    arrival = CustomerArrived(corp_id="ww1", at=added(2).at, channel_id=5, user_id="chen", external_user_id="wm3")
    assert await store(database).arrivals.before(arrival, since=MIDNIGHT) == 2
    assert await store(database).arrivals.before(arrival, since=added(2).at) == 1


async def test_folders_are_counted_renamed_and_emptied(database):
    folder = await write(database, lambda one: one.folders.add("华东"))
    channel = await write(database, lambda one: one.channels.add(Draft(name="a", staff=("a",), folder_id=folder.id)))
    await write(database, lambda one: one.folders.rename(folder.id, "华北"))
    (shown,) = await store(database).folders.page()
    assert (shown.name, shown.channels) == ("华北", 1)
    assert await store(database, "ww2").folders.get(folder.id) is None
    await write(database, lambda one: one.folders.remove(folder.id))
    assert (await store(database).channels.get(channel.id)).folder_id is None
    assert await store(database).folders.page() == ()
