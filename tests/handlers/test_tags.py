from handlers.tags.library import bury, deleted, edited, made, read, refresh, reorder
from sop.events import DirectoryDue, Outcome
from sop.intents import AddTags, DeleteTags, EditTag
from sop.tags import Draft, Edit, NewTag
from storage.tags import Binding
from tests.handlers.desk import START, after
from wecom.errors import Misconfigured
from wecom.events import TagCreated, TagDeleted, TagsShuffled, TagUpdated
from wecom.tags import Tag, TagGroup

LEVELS = TagGroup(
    id="g1", name="等级", order=5, tags=(Tag(id="et1", name="VIP", order=1), Tag(id="et2", name="新客", order=2))
)
CITY = TagGroup(id="g2", name="城市", order=9, tags=(Tag(id="et3", name="上海"),))
CREATED = TagCreated(corp_id="ww1", at=START, id="et1", tag_type="tag")
ROUND = DirectoryDue(corp_id="ww1", at=START)
VIP = Binding(tag_id="et1", source="staff", at=START)


async def names(desk) -> list[str]:
    return [f"{group.name}/{tag.name}" for group in await desk.store().tags.library() for tag in group.tags]


async def test_the_library_is_read_anew(desk):
    desk.world.groups = (LEVELS, CITY)
    await desk.run(read, ROUND)
    assert await names(desk) == ["城市/上海", "等级/新客", "等级/VIP"]
    desk.world.groups = (CITY, TagGroup(id="g1", name="级别", tags=(Tag(id="et1", name="SVIP"),)))
    desk.now = after(minutes=1)
    await desk.run(read, ROUND)
    assert await names(desk) == ["城市/上海", "级别/SVIP"]


async def test_what_wecom_marks_as_deleted_is_no_longer_there(desk):
    gone = TagGroup(id="g2", name="城市", deleted=True, tags=(Tag(id="et3"),))
    half = TagGroup(id="g1", name="等级", tags=(Tag(id="et1", name="VIP", deleted=True), Tag(id="et2")))
    desk.world.groups = (half, gone)
    await desk.run(read, ROUND)
    assert (await desk.store().tags.find(["et1", "et2", "et3"])).keys() == {"et2"}


async def test_only_what_an_event_names_is_read(desk):
    desk.world.groups = (LEVELS, CITY)
    await desk.run(refresh, CREATED)
    assert await names(desk) == ["等级/VIP"]
    await desk.run(refresh, TagUpdated(corp_id="ww1", at=START, id="g2", tag_type="tag_group"))
    assert await names(desk) == ["城市/上海", "等级/VIP"]
    await desk.run(reorder, TagsShuffled(corp_id="ww1", at=START, group_id="g1"))
    assert await names(desk) == ["城市/上海", "等级/新客", "等级/VIP"]


async def test_an_event_about_what_is_deleted_meanwhile_deletes_it(desk):
    desk.world.groups = (LEVELS,)
    await desk.run(read, ROUND)
    desk.world.groups = (
        TagGroup(id="g1", name="等级", tags=(Tag(id="et1", name="VIP", deleted=True), LEVELS.tags[1])),
    )
    await desk.run(refresh, TagUpdated(corp_id="ww1", at=START, id="et1", tag_type="tag"))
    assert await names(desk) == ["等级/新客"]
    desk.world.groups = (TagGroup(id="g1", name="等级", deleted=True, tags=LEVELS.tags),)
    await desk.run(refresh, TagUpdated(corp_id="ww1", at=START, id="g1", tag_type="tag_group"))
    assert await names(desk) == []


async def test_tags_of_rule_groups_are_kept_apart(desk):
    desk.world.groups = (LEVELS,)
    desk.world.strategy = (TagGroup(id="sg1", name="区域", strategy_id=7, tags=(Tag(id="st1", name="华东"),)),)
    await desk.run(read, ROUND)
    kinds = {group.name: (group.kind, group.strategy_id) for group in await desk.store().tags.library()}
    assert kinds == {"等级": ("corp", 0), "区域": ("strategy", 7)}
    desk.world.refusal = Misconfigured("externalcontact/get_strategy_tag_list", code=48002)
    await desk.run(read, ROUND)
    assert "区域/华东" in await names(desk)


async def test_a_deleted_group_takes_its_tags_with_it(desk):
    desk.world.groups = (LEVELS, CITY)
    await desk.run(read, ROUND)
    await desk.run(bury, TagDeleted(corp_id="ww1", at=START, id="g1", tag_type="tag_group"))
    assert await names(desk) == ["城市/上海"]
    await desk.run(bury, TagDeleted(corp_id="ww1", at=START, id="et3", tag_type="tag"))
    assert await names(desk) == []


async def wanted(desk, draft) -> int:
    numbers = []
    await desk.apply(lambda store: numbers.append(store.tags.add(draft)[1]))
    return numbers[0]


CITIES = Draft(group_name="城市", tags=(NewTag(name="上海", position=2), NewTag(name="北京")))
MADE = {
    "group_id": "g2",
    "name": "城市",
    "position": 0,
    "tags": [{"id": "et3", "name": "上海", "position": 2}, {"id": "et4", "name": "北京", "position": 0}],
}


async def test_new_tags_are_pending_until_wecom_has_made_them(desk):
    number = await wanted(desk, CITIES)
    assert await names(desk) == []
    (group,) = await desk.store().tags.library(wanted=True)
    assert next((tag.name, tag.status, tag.id[:4]) for tag in group.tags) == ("上海", "pending", "new:")
    await desk.settle(made, AddTags(change=number, group_name="城市", tags=CITIES.tags), result=MADE)
    (group,) = await desk.store().tags.library(wanted=True)
    assert [(tag.id, tag.name, tag.status) for tag in group.tags] == [("et3", "上海", "live"), ("et4", "北京", "live")]
    assert ("library", "sent", "library_changed") in await desk.decisions()


async def test_new_tags_that_wecom_refuses_say_why(desk):
    number = await wanted(desk, CITIES)
    intent = AddTags(change=number, group_name="城市", tags=CITIES.tags)
    await desk.settle(made, intent, outcome=Outcome.REFUSED, code=40126, reason="limit")
    (group,) = await desk.store().tags.library(wanted=True)
    assert {(tag.status, tag.code) for tag in (group, *group.tags)} == {("refused", 40126)}
    assert await desk.store().tags.count() == 0


async def change(desk, identity, *, group=False, **edit) -> EditTag:
    numbers = []
    await desk.apply(lambda store: numbers.append(store.tags.edit(identity, Edit(**edit), group=group)))
    return EditTag(change=numbers[0], id=identity, group=group, **edit)


async def test_a_reading_from_before_a_change_does_not_undo_it(desk):
    desk.world.groups = (LEVELS,)
    await desk.run(read, ROUND)
    intent = await change(desk, "et1", name="贵宾")
    desk.now = after(seconds=5)
    await desk.settle(edited, intent)
    desk.now = after(seconds=3)
    await desk.run(refresh, CREATED)
    assert await names(desk) == ["等级/新客", "等级/贵宾"]


async def test_a_reading_from_before_tags_were_made_does_not_lose_them(desk):
    number = await wanted(desk, CITIES)
    desk.now = after(seconds=5)
    await desk.settle(made, AddTags(change=number, group_name="城市", tags=CITIES.tags), result=MADE)
    desk.now = after(seconds=3)
    await desk.run(read, ROUND)
    assert await names(desk) == ["城市/上海", "城市/北京"]


async def test_the_last_of_two_changes_counts(desk):
    desk.world.groups = (LEVELS,)
    await desk.run(read, ROUND)
    first, second = await change(desk, "et1", name="甲"), await change(desk, "et1", name="乙")
    await desk.settle(edited, first, at=after(seconds=1))
    assert (await desk.store().tags.find(["et1"]))["et1"].status == "pending"
    await desk.settle(edited, second, outcome=Outcome.REFUSED, at=after(seconds=2), code=40071)
    tag = (await desk.store().tags.find(["et1"]))["et1"]
    assert (tag.name, tag.status, tag.code) == ("甲", "refused", 40071)


async def test_a_group_goes_with_its_last_tag(desk):
    desk.world.groups = (LEVELS, CITY)
    await desk.run(read, ROUND)
    await desk.apply(lambda store: store.tags.bind("wm1", "chen", bindings=[VIP]))
    await desk.settle(deleted, DeleteTags(change=1, id="et3"))
    assert await desk.store().tags.named("城市", kind="corp") == ""
    await desk.settle(deleted, DeleteTags(change=2, id="g1", group=True))
    assert await names(desk) == []
    assert await desk.store().tags.bindings("wm1", "chen") == ()


async def test_a_deletion_told_before_the_creation_is_final(desk):
    await desk.run(bury, TagDeleted(corp_id="ww1", at=START, id="et1", tag_type="tag"))
    desk.now = after(seconds=-1)
    desk.world.groups = (LEVELS,)
    await desk.run(read, ROUND)
    assert await names(desk) == ["等级/新客"]
