import pytest

from handlers.tags.library import bury, read
from handlers.tags.marks import keep, mark
from sop.events import Outcome
from sop.intents import MarkTags
from storage.tags import Binding
from tests.handlers.desk import PAIR, START, after
from tests.handlers.test_tags import LEVELS, ROUND
from wecom.events import ContactAdded, TagDeleted


async def added(desk, **wanted) -> ContactAdded:
    channel = await desk.channel(**wanted)
    return ContactAdded(corp_id="ww1", at=START, state=channel.state, **PAIR)


async def test_a_channel_tags_its_customers(desk):
    event = await added(desk, tags=("et1", "et2"))
    await desk.run(mark, event)
    await desk.run(mark, event)
    (intent,) = await desk.intents(MarkTags)
    assert (intent.add, intent.user_id, intent.external_user_id) == (("et1", "et2"), "chen", "wm1")
    channel = await desk.store().channels.by_state(event.state)
    assert intent.rule == f"channel:{channel.id}@1"


async def test_a_return_is_tagged_again(desk):
    event = await added(desk, tags=("et1",))
    await desk.run(mark, event)
    await desk.run(mark, ContactAdded(corp_id="ww1", at=after(days=1), state=event.state, **PAIR))
    assert len(await desk.intents(MarkTags)) == 2


async def test_a_tag_that_was_deleted_is_left_out_with_a_reason(desk):
    desk.world.groups = (LEVELS,)
    await desk.run(read, ROUND)
    await desk.run(bury, TagDeleted(corp_id="ww1", at=START, id="et1", tag_type="tag"))
    await desk.run(mark, await added(desk, tags=("et1", "et2", "et9")))
    (intent,) = await desk.intents(MarkTags)
    assert intent.add == ("et2", "et9")
    assert await desk.decisions() == [("tag", "skipped", "tag_deleted")]


async def test_nothing_is_tagged_without_tags_or_channel(desk):
    await desk.run(mark, await added(desk))
    await desk.run(mark, ContactAdded(corp_id="ww1", at=START, state="other", **PAIR))
    await desk.run(mark, ContactAdded(corp_id="ww1", at=START, **PAIR))
    assert await desk.intents(MarkTags) == []


MARK = MarkTags(**PAIR, add=("et1",), remove=("et2",), rule="channel:7@2", cause="added:1")


async def test_what_was_marked_is_bound_with_its_rule(desk):
    desk.world.groups = (LEVELS,)
    await desk.run(read, ROUND)
    store = desk.store()
    store.tags.bind("wm1", "chen", bindings=[Binding(tag_id="et2", source="staff", at=START)])
    await store.commit()
    desk.now = after(seconds=3)
    await desk.settle(keep, MARK)
    await desk.settle(keep, MARK)
    (binding,) = await desk.store().tags.bindings("wm1", "chen")
    assert (binding.tag_id, binding.source, binding.rule, binding.at) == (
        "et1",
        "channel",
        "channel:7@2",
        after(seconds=3),
    )
    assert binding.event_id
    assert sorted(await desk.timeline()) == ["tagged", "untagged"]
    tagged = next(entry for entry in await desk.store().history.timeline("wm1") if entry.what == "tagged")
    assert tagged.facts == {"tags": ["et1"], "names": ["VIP"], "rule": "channel:7@2"}
    assert ("tag", "sent", "tags_marked") in await desk.decisions()


async def test_two_markings_in_one_moment_are_two_facts(desk):
    await desk.settle(keep, MARK, intent_id=1)
    await desk.settle(keep, MARK, intent_id=2)
    assert (await desk.timeline()).count("tagged") == 2


@pytest.mark.parametrize(
    ("outcome", "code", "reason"),
    [
        (Outcome.REFUSED, 84061, "not_related"),
        (Outcome.REFUSED, 40068, "tags_refused"),
        (Outcome.LATE, 0, "tags_failed"),
        (Outcome.DEAD, -1, "tags_failed"),
        (Outcome.CANCELLED, 0, "cancelled"),
    ],
)
async def test_what_was_not_marked_has_a_reason(desk, outcome, code, reason):
    await desk.settle(keep, MARK, outcome=outcome, code=code)
    assert await desk.store().tags.bindings("wm1", "chen") == ()
    assert await desk.timeline() == []
    assert await desk.decisions() == [("tag", outcome.value, reason)]
