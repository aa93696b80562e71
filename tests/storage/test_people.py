from datetime import UTC, datetime, timedelta

from sop.relations import Deed, Fact
from sop.staff import Department, Member
from storage.customers import Customer
from storage.scope import Scope
from storage.store import Store
from storage.tags import Binding, Tag, TagGroup

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
LATER = START + timedelta(minutes=5)


def store(database, now=START) -> Store:
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=now, event_id=42))


def person(name: str, at: datetime = START) -> Customer:
    return Customer(external_user_id="wm1", name=name, created_at=START, changed_at=at)


async def test_what_wecom_said_later_about_a_customer_wins(database):
    for customer in (person("new", LATER), person("old", START)):
        one = store(database)
        one.customers.put(customer)
        await one.commit()
    assert (await store(database).customers.find("wm1")).name == "new"


async def test_meeting_a_known_customer_changes_nothing(database):
    one = store(database)
    one.customers.meet("wm1", at=START)
    one.customers.put(person("小周"))
    one.customers.meet("wm1", at=LATER)
    await one.commit()
    assert await store(database).customers.find("wm1") == person("小周")


async def test_customers_are_searched_by_any_part_of_the_name(database):
    one = store(database)
    for number, name in enumerate(["陈小雨", "小雨", "大雨"]):
        one.customers.put(Customer(external_user_id=f"wm{number}", name=name, created_at=START, changed_at=START))
    await one.commit()
    assert [found.name for found in await store(database).customers.search("小雨")] == ["小雨", "陈小雨"]


async def test_the_timeline_goes_back_page_by_page(database):
    one = store(database)
    for number, second in enumerate((3, 1, 2, 2)):
        at = START + timedelta(seconds=second)
        one.history.append("tagged", "wm1", user_id="chen", at=at, effect=str(number), n=second)
    await one.commit()
    first = await store(database).history.timeline("wm1", most=2)
    assert [entry.facts["n"] for entry in first] == [3, 2]
    assert first[0].event_id == 42
    rest = await store(database).history.timeline("wm1", after=first[-1], most=3)
    assert [entry.facts["n"] for entry in rest] == [2, 1]


async def test_a_day_is_counted_by_customers_not_by_events(database):
    deeds = [("wm1", Deed.HALF_ADDED, 1), ("wm1", Deed.ADDED, 2), ("wm2", Deed.ADDED, 3), ("wm2", Deed.LOST, 4)]
    deeds += [("wm3", Deed.ADDED, -100), ("wm3", Deed.REMOVED, 5)]
    for external_user_id, deed, second in deeds:
        one = store(database)
        fact = Fact(deed=deed, at=START + timedelta(seconds=second))
        await one.relations.record(external_user_id, "chen", fact=fact)
        await one.commit()
    tally = await store(database).history.tally("chen", since=START)
    assert (tally.added, tally.lost, tally.removed) == (2, 1, 1)
    moments = await store(database).history.moments("removed", "chen", since=START, until=LATER)
    assert moments == (START + timedelta(seconds=5),)


VIP, NEW = Tag(id="et1", name="VIP", group_id="g1", position=9), Tag(id="et2", name="新客", group_id="g1")
LEVELS = TagGroup(id="g1", name="等级", position=5, tags=(VIP, NEW))
CITY = TagGroup(id="g2", name="城市", tags=(Tag(id="et3", name="上海", group_id="g2"),))


async def put(database, *groups, now=START):
    one = store(database, now)
    await one.tags.replace(groups, at=now)
    await one.commit()


async def test_the_library_is_what_was_read_last(database):
    await put(database, LEVELS, CITY)
    assert await store(database).tags.library() == (LEVELS, CITY)
    renamed = TagGroup(id="g1", name="级别", position=5, tags=(VIP,))
    await put(database, renamed, now=LATER)
    assert await store(database).tags.library() == (renamed,)
    assert (await store(database).tags.find(["et2", "et1", "nobody"])).keys() == {"et1", "et2"}


async def test_an_old_reading_changes_nothing_newer(database):
    renamed = TagGroup(id="g1", name="级别", position=5, tags=(VIP, NEW))
    await put(database, renamed, now=LATER)
    await put(database, LEVELS, now=START)
    assert await store(database).tags.library() == (renamed,)


async def test_a_deleted_group_takes_its_tags_off_customers(database):
    await put(database, LEVELS, CITY)
    one = store(database)
    for tag_id in ("et1", "et3"):
        one.tags.bind("wm1", "chen", bindings=[Binding(tag_id=tag_id, source="staff", at=START)])
    one.tags.bury_group("g1")
    await one.commit()
    (left,) = await store(database).tags.bindings("wm1", "chen")
    assert (left.tag_id, left.name) == ("et3", "上海")
    assert await store(database).tags.library() == (CITY,)
    assert (await store(database).tags.find(["et1"]))["et1"].deleted


async def test_a_deleted_tag_leaves_its_neighbours(database):
    await put(database, LEVELS)
    one = store(database)
    one.tags.bind("wm1", "chen", bindings=[Binding(tag_id="et1", source="staff", at=START)])
    one.tags.bury("et1")
    await one.commit()
    assert [tag.id for group in await store(database).tags.library() for tag in group.tags] == ["et2"]
    assert await store(database).tags.bindings("wm1", "chen") == ()


async def test_a_binding_says_who_and_why(database):
    one = store(database)
    one.tags.bind("wm1", "chen", bindings=[Binding(tag_id="et1", source="staff", at=START)])
    rule = Binding(tag_id="et1", source="rule", rule="rule:7@2", event_id=42, at=LATER)
    one.tags.bind("wm1", "chen", bindings=[rule])
    one.tags.bind("wm1", "lin", bindings=[rule])
    await one.commit()
    (shown,) = await store(database).tags.bindings("wm1", "chen")
    assert (shown.source, shown.at) == ("staff", START)
    (owners,) = (await store(database).tags.owners("wm1", "chen")).values()
    assert [(owner.owner, owner.version) for owner in owners] == [("staff", 0), ("rule:7", 2)]
    one = store(database)
    one.tags.unbind("wm1", "chen", tag_ids=["et1"])
    await one.commit()
    assert await store(database).tags.bindings("wm1", "chen") == ()
    assert await store(database).tags.bindings("wm1", "lin") == (rule,)


async def test_settings_have_defaults_and_types(database):
    one = store(database)
    one.settings.put("removals.most", 5)
    one.settings.put("language", 3)
    await one.commit()
    settings = store(database).settings
    assert await settings.get("removals.most", 10) == 5
    assert await settings.get("removals.minutes", 10) == 10
    voice = await settings.voice()
    assert (voice.language, voice.zone.key) == ("zh", "Asia/Shanghai")


TREE = (Department(id=1, leaders=("boss",)), Department(id=2, parent_id=1, leaders=("lead",)))
CHEN = Member(user_id="chen", name="陈宇", departments=(2,), contactable=True)
LEAD, BOSS = Member(user_id="lead", departments=(2,), leads=(2,)), Member(user_id="boss", departments=(1,))


async def directory(database, members, departments=TREE, now=START):
    one = store(database, now)
    await one.staff.replace(members, departments, at=now)
    await one.commit()


async def test_the_directory_is_what_was_read_last(database):
    await directory(database, (CHEN, LEAD, BOSS))
    await directory(database, (CHEN, BOSS), TREE[:1], LATER)
    staff = store(database).staff
    assert await staff.find("chen") == CHEN
    assert not (await staff.find("lead")).active
    assert await staff.departments() == {1: TREE[0]}
    assert [member.user_id for member in await staff.members()] == ["boss", "chen", "lead"]


async def test_a_lead_who_left_is_passed_over(database):
    await directory(database, (CHEN, LEAD, BOSS))
    assert await store(database).staff.leads("chen") == ("lead",)
    one = store(database, LATER)
    one.staff.leave("lead")
    await one.commit()
    assert await store(database).staff.leads("chen") == ("boss",)
    assert await store(database).staff.leads("boss") == ()
    assert await store(database).staff.leads("stranger") == ()


async def test_an_old_reading_brings_nobody_back(database):
    await directory(database, (CHEN,))
    one = store(database, LATER)
    one.staff.leave("chen")
    await one.commit()
    await directory(database, (CHEN,), now=START)
    assert not (await store(database).staff.find("chen")).active
