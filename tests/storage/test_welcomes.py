from datetime import UTC, date, datetime, time, timedelta

import pytest

from sop import channels, greeting
from sop.errors import Invalid
from sop.greeting import Draft, Slot
from sop.intents import Attachment
from sop.slots import SHANGHAI
from sop.staff import Department, Member
from storage.customers import Customer
from storage.database import Database
from storage.engine.sql import Statement
from storage.errors import LostLease
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TREE = {1: 0, 2: 1, 3: 2, 9: 1}


class Counting:
    """A database that counts what is read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads: list[Statement] = []

    async def fetch(self, statement, params=None, /, **named):
        self.reads.append(statement)
        return await self._database.fetch(statement, params, **named)

    async def commit(self, unit):
        return await self._database.commit(unit)


def store(database, corp_id: str = "ww1", now: datetime = NOW) -> Store:
    return Store(Scope(database=database, corp_id=corp_id, app="crm", now=now))


def draft(kind="corp", scope="", **more) -> Draft:
    return Draft(**{"name": "r", "scope_kind": kind, "scope_id": str(scope), "text": f"{kind} {scope}", **more})


async def add(database, *drafts: Draft, corp_id: str = "ww1"):
    one = store(database, corp_id)
    rules = [one.welcomes.add(each) for each in drafts]
    await one.commit()
    return rules


async def company(database) -> None:
    """A member two floors below the root, who is in another department, too."""
    one = store(database)
    departments = [Department(id=number, name=str(number), parent_id=above) for number, above in TREE.items()]
    member = Member(user_id="chen.yu", name="陈宇", departments=(3, 9), active=True)
    await one.staff.replace([member], departments, at=NOW)
    one.customers.put(Customer(external_user_id="wm1", name="林女士", created_at=NOW, changed_at=NOW))
    await one.commit()


async def test_a_rule_comes_back_as_it_was_written(database):
    slot = Slot(weekdays=(1, 5), start=time(22), end=time(6), until=date(2026, 12, 31), text="夜里好")
    link = Attachment(kind="link", title="新人礼", url="https://example.com")
    (rule,) = await add(database, draft("staff", "chen.yu", slots=(slot,), attachments=(link,)))
    assert await store(database).welcomes.get(rule.id) == rule
    assert (rule.version, rule.slots, rule.attachments) == (1, (slot,), (link,))
    assert await store(database, "ww2").welcomes.get(rule.id) is None


async def test_a_changed_rule_has_the_next_version_and_a_stale_change_is_refused(database):
    (rule,) = await add(database, draft())
    first, second = store(database), store(database)
    changed = first.welcomes.change(rule, draft(text="new", enabled=False))
    second.welcomes.change(rule, draft(text="newer"))
    await first.commit()
    with pytest.raises(LostLease):
        await second.commit()
    assert await store(database).welcomes.get(rule.id) == changed
    assert (changed.version, changed.text, changed.enabled) == (2, "new", False)


async def test_rules_are_listed_newest_first_and_forgotten_when_removed(database):
    one, two, three = await add(database, draft(), draft(), draft())
    assert await store(database).welcomes.page(most=2) == (three, two)
    assert await store(database).welcomes.page(before=two.id) == (one,)
    again = store(database)
    again.welcomes.remove(two.id)
    await again.commit()
    assert await store(database).welcomes.page() == (three, one)


async def test_a_rule_beyond_the_limits_is_not_stored(database):
    with pytest.raises(Invalid) as caught:
        await add(database, draft(text="字" * 1334))
    assert caught.value.violations[0].field == "text"


async def test_the_scene_has_everything_known_about_an_add(database):
    await company(database)
    one = store(database)
    channel = one.channels.add(channels.Draft(name="门店", staff=("chen.yu",)))
    one.settings.put("zone", "Europe/Berlin")
    await one.commit()
    rules = await add(
        database, draft("channel", channel.id), draft("staff", "chen.yu"), draft("department", 2), draft()
    )
    scene = await store(database).welcomes.scene("chen.yu", "wm1", state=channel.state)
    assert (scene.staff, scene.customer, scene.channel, scene.channel_id) == ("陈宇", "林女士", "门店", channel.id)
    assert str(scene.zone) == "Europe/Berlin"
    assert {rule.id for rule in scene.rules} == {rule.id for rule in rules}


async def test_somebody_unknown_is_greeted_by_the_corp(database):
    (rule,) = await add(database, draft())
    scene = await store(database).welcomes.scene("nobody", "wm9", state="printed elsewhere")
    assert (scene.staff, scene.customer, scene.channel_id, scene.zone) == ("", "", None, SHANGHAI)
    assert greeting.choose(scene, NOW).rule.id == rule.id


async def test_without_rules_the_scene_is_still_there(database):
    await company(database)
    scene = await store(database).welcomes.scene("chen.yu", "wm1", state="")
    assert (scene.staff, scene.rules) == ("陈宇", ())


async def test_rules_of_other_corps_members_and_channels_and_disabled_ones_are_not_in_the_scene(database):
    await add(database, draft(), corp_id="ww2")
    await add(database, draft("staff", "lin.qiao"), draft("channel", 77), draft(enabled=False))
    assert (await store(database).welcomes.scene("chen.yu", "wm1", state="")).rules == ()


async def test_a_channel_of_another_corp_is_not_in_the_scene(database):
    other = store(database, "ww2")
    channel = other.channels.add(channels.Draft(name="门店", staff=("chen.yu",)))
    await other.commit()
    scene = await store(database).welcomes.scene("chen.yu", "wm1", state=channel.state)
    assert (scene.channel_id, scene.channel) == (None, "")


async def test_departments_come_nearest_first_up_to_the_root(database):
    await company(database)
    await add(database, draft("department", 1))
    scene = await store(database).welcomes.scene("chen.yu", "wm1", state="")
    assert scene.departments == (3, 9, 2, 1)


async def test_a_member_of_a_department_and_of_one_above_it_is_greeted_by_the_lower(database):
    await company(database)
    one = store(database)
    one.staff.put(Member(user_id="chen.yu", departments=(1, 9, 3)), at=NOW)
    await one.commit()
    await add(database, draft("department", 1))
    scene = await store(database).welcomes.scene("chen.yu", "wm1", state="")
    assert scene.departments == (9, 3, 2, 1)


async def test_a_loop_in_the_tree_of_departments_ends(database):
    await company(database)
    one = store(database)
    await one.staff.replace(
        [], [Department(id=3, name="a", parent_id=2), Department(id=2, name="b", parent_id=3)], at=NOW
    )
    await one.commit()
    await add(database, draft("department", 2))
    scene = await store(database).welcomes.scene("chen.yu", "wm1", state="")
    assert set(scene.departments) == {3, 9, 2}


async def test_the_usual_greeting_takes_one_read(database):
    await company(database)
    await add(database, draft("staff", "chen.yu"), draft("department", 1), draft())
    counting = Counting(database)
    assert (await store(counting).welcomes.scene("chen.yu", "wm1", state="")).rules
    assert len(counting.reads) == 1


async def test_what_a_rule_names_must_exist(database):
    await company(database)
    one = store(database)
    picture = await one.materials.add("image", "p.png", content=b"picture")
    await one.commit()
    welcomes = store(database).welcomes
    good = Attachment(kind="image", material=str(picture.id))
    assert await welcomes.check(draft("staff", "chen.yu", attachments=(good,))) == []
    assert await welcomes.check(draft("department", 3)) == []
    film = Attachment(kind="video", material=str(picture.id))
    none = Slot(text="x", attachments=(Attachment(kind="file", material="5"),))
    found = await welcomes.check(draft("channel", 5, attachments=(good, film), slots=(none,)))
    assert [violation.field for violation in found] == [
        "scope.id",
        "attachments.1.material",
        "slots.0.attachments.0.material",
    ]


async def test_a_welcome_that_was_sent_is_known_for_its_time(database):
    one = store(database)
    one.decide("welcome", "wanted", "by_corp", user_id="chen.yu", external_user_id="wm1")
    one.decide("welcome", "sent", "welcomed", user_id="lin.qiao", external_user_id="wm1")
    await one.commit()
    assert not await store(database).welcomes.greeted("chen.yu", "wm1", since=NOW)
    assert await store(database).welcomes.greeted("lin.qiao", "wm1", since=NOW)
    assert not await store(database).welcomes.greeted("lin.qiao", "wm1", since=NOW + timedelta(seconds=1))
