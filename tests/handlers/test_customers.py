import pytest

from handlers.customers import consent, refresh, relate, reply
from sop.relations import Deed, Status
from storage.tags import Binding
from tests.handlers.desk import PAIR, START, after
from wecom.customers import Mark
from wecom.errors import TryLater
from wecom.events import ArchiveConsented, ChatStarted, ContactAdded, ContactEdited, ContactHalfAdded

ADDED = ContactAdded(corp_id="ww1", at=START, **PAIR)
EDITED = ContactEdited(corp_id="ww1", at=after(minutes=5), **PAIR)
VIP = Mark(tag_id="et1", name="VIP", kind=1)


async def relation(desk):
    return await desk.store().relations.find("wm1", "chen")


async def test_an_add_is_stored_with_its_channel_without_asking_wecom(desk):
    channel = await desk.channel()
    await desk.run(relate, ContactAdded(corp_id="ww1", at=START, state=channel.state, **PAIR))
    found = await relation(desk)
    assert (found.status, found.adds, found.channel_id, found.state) == (Status.ACTIVE, 1, channel.id, channel.state)
    assert (await desk.store().customers.find("wm1")).name == ""
    assert await desk.timeline() == ["added"]


async def test_the_same_add_told_twice_is_one_add(desk):
    await desk.run(relate, ADDED)
    await desk.run(relate, ADDED)
    assert (await relation(desk)).adds == 1
    assert await desk.timeline() == ["added"]


async def test_a_half_add_is_confirmed_by_the_add(desk):
    channel = await desk.channel()
    await desk.run(relate, ContactHalfAdded(corp_id="ww1", at=START, state=channel.state, **PAIR))
    assert (await relation(desk)).status is Status.HALF
    await desk.run(relate, ContactAdded(corp_id="ww1", at=after(seconds=1), **PAIR))
    found = await relation(desk)
    assert (found.status, found.adds, found.channel_id) == (Status.ACTIVE, 1, channel.id)


async def test_a_foreign_state_is_kept_though_no_channel_has_it(desk):
    await desk.run(relate, ContactAdded(corp_id="ww1", at=START, state="other", **PAIR))
    found = await relation(desk)
    assert (found.state, found.channel_id) == ("other", None)


async def test_a_new_customer_gets_a_name_and_a_description(desk):
    desk.world.show("小周", remark="周女士", description="秋冬", add_way=1, marks=(VIP,))
    await desk.run(refresh, ADDED)
    await desk.run(relate, ADDED)
    assert (await desk.store().customers.find("wm1")).name == "小周"
    found = await relation(desk)
    assert (found.remark, found.description, found.add_way, found.adds) == ("周女士", "秋冬", 1, 1)
    assert await desk.timeline() == ["added"]


async def test_reading_after_relating_changes_nothing_of_the_standing(desk):
    desk.world.show("小周", added_at=after(seconds=1))
    await desk.run(relate, ContactHalfAdded(corp_id="ww1", at=START, **PAIR))
    await desk.run(refresh, ContactHalfAdded(corp_id="ww1", at=START, **PAIR))
    found = await relation(desk)
    assert (found.status, found.added_at) == (Status.HALF, START)


async def test_a_relation_that_wecom_no_longer_has_stays_as_it_was(desk):
    await desk.run(relate, ADDED)
    await desk.run(refresh, ADDED)
    assert (await desk.store().customers.find("wm1")).name == ""
    assert (await relation(desk)).status is Status.ACTIVE


async def test_a_busy_wecom_is_asked_again(desk):
    desk.world.profiles["wm1"] = TryLater("externalcontact/get", code=-1)
    with pytest.raises(TryLater):
        await desk.run(refresh, ADDED)


async def test_an_edit_converges_and_is_written_down(desk):
    await desk.run(relate, ADDED)
    store = desk.store()
    ours = Binding(tag_id="et2", source="rule", rule="channel:1@1", at=START)
    theirs = Binding(tag_id="et3", source="staff", at=START)
    store.tags.bind("wm1", "chen", bindings=[ours, theirs])
    await store.commit()
    personal = Mark(name="老乡", kind=2)
    desk.world.show("小周", remark="周女士", marks=(VIP, personal, Mark(tag_id="et2", name="新客", kind=1)))
    await desk.run(refresh, EDITED)
    bindings = {each.tag_id: each for each in await desk.store().tags.bindings("wm1", "chen")}
    assert bindings.keys() == {"et1", "et2"}
    assert (bindings["et1"].source, bindings["et1"].at) == ("staff", EDITED.at)
    assert (bindings["et2"].source, bindings["et2"].rule) == ("rule", "channel:1@1")
    last = (await desk.store().history.timeline("wm1"))[0]
    assert last.what == "edited"
    assert last.facts == {"tagged": ["et1"], "untagged": ["et3"], "remark": "周女士"}


async def test_tags_of_another_member_are_left_alone(desk):
    store = desk.store()
    store.tags.bind("wm1", "lin", bindings=[Binding(tag_id="et9", source="staff", at=START)])
    await store.commit()
    desk.world.show("小周")
    await desk.run(refresh, EDITED)
    assert len(await desk.store().tags.bindings("wm1", "lin")) == 1


async def test_a_customer_from_before_our_time_is_found_by_an_edit(desk):
    channel = await desk.channel()
    desk.world.show("小周", state=channel.state, added_at=after(days=-30))
    await desk.run(refresh, EDITED)
    found = await relation(desk)
    assert (found.status, found.adds, found.added_at) == (Status.ACTIVE, 1, after(days=-30))
    assert found.channel_id == channel.id
    assert await desk.timeline() == ["edited"]
    await desk.run(relate, ContactAdded(corp_id="ww1", at=after(days=-30, seconds=2), **PAIR))
    assert (await relation(desk)).adds == 1


async def test_consent_and_replies_are_noted(desk):
    await desk.run(relate, ADDED)
    await desk.run(consent, ArchiveConsented(corp_id="ww1", at=after(seconds=9), **PAIR))
    await desk.run(reply, ChatStarted(corp_id="ww1", at=after(seconds=5), **PAIR))
    await desk.run(reply, ChatStarted(corp_id="ww1", at=after(seconds=3), **PAIR))
    assert (await relation(desk)).replied_at == after(seconds=5)
    assert await desk.timeline() == ["added", "replied", "replied", "archive_consented"]


async def test_a_reply_may_come_before_the_add(desk):
    await desk.run(reply, ChatStarted(corp_id="ww1", at=after(seconds=5), **PAIR))
    await desk.run(relate, ADDED)
    found = await relation(desk)
    assert (found.adds, found.added_at, found.replied_at) == (1, START, after(seconds=5))


async def test_a_late_add_does_not_bring_a_lost_customer_back(desk):
    await desk.record(Deed.LOST, after(minutes=1))
    await desk.run(relate, ADDED)
    assert (await relation(desk)).status is Status.LOST
