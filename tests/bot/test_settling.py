"""The end of an intent is handled where it is written; where that cannot be, it becomes an event and is not lost."""

import asyncio
import base64

from simulator.actions import staff
from sop import reasons
from sop.events import Settled
from sop.intents import MarkTags, UploadMaterial
from storage.inspect import DecisionFilter
from storage.store import Store
from tests.stage import MARKING
from wecom.events import ContactEdited

KIND = f"settled:{MarkTags.kind}"


async def add(stage):
    """A customer of a channel that marks them; as in life, WeCom's answer comes after the add has been handled."""
    stage.simulator.platform.latency = 0.4
    relation = stage.scan(await stage.channel(tags=[stage.tag_id("门店")]))
    await stage.until(lambda: stage.calls(MARKING))
    return relation


async def marked(stage, relation):
    """The decisions that say that the tags were marked."""
    found = await stage.inspect.decisions(DecisionFilter(customer=relation.external_userid, what="tag"))
    return [one for one in found if one.reason == reasons.TAGS_MARKED]


async def test_what_is_done_about_an_end_is_done_with_it_and_comes_of_the_same_event(living):
    relation = await add(living)
    await living.until(living.idle)
    (event,) = await living.events("contact_added")
    (decision,) = await marked(living, relation)
    assert (decision.event_id, decision.handler) == (event.id, "tags.marks.keep")
    assert await living.events(KIND) == []


async def test_a_handler_that_fails_is_tried_again_and_what_wecom_did_is_known_meanwhile(stage):
    tries = []
    service = stage.hire()

    @service.router.on(Settled, of=MarkTags)
    async def react(event: Settled, store: Store) -> None:
        tries.append(event.outcome)
        if len(tries) < 3:
            raise RuntimeError("not yet")

    await stage.serve(service)
    await stage.settled()
    relation = await add(stage)
    (intent,) = await stage.until(lambda: stage.intents(kind=MarkTags.kind, status="done"))
    (event,) = await stage.until(lambda: stage.events(KIND))
    await stage.until(lambda: len(tries) == 3)
    await stage.until(stage.idle)
    assert event.origin == "courier"
    assert {one.status for one in await stage.inspect.reactions(event.id)} == {"done"}
    assert len(await marked(stage, relation)) == 1
    assert intent.attempt == 1
    assert len(stage.calls(MARKING)) == 1


async def test_while_something_happens_to_the_customer_the_end_waits_for_its_turn(stage):
    """What a handler of an earlier event has read must not overtake what WeCom has done since."""
    order, begun, proceed = [], asyncio.Event(), asyncio.Event()
    service = stage.hire()

    @service.router.on(ContactEdited)
    async def dawdle(event: ContactEdited) -> None:
        begun.set()
        await proceed.wait()
        order.append("edited")

    @service.router.on(Settled, of=MarkTags)
    async def react(event: Settled) -> None:
        if proceed.is_set():
            order.append("marked")

    await stage.serve(service)
    await stage.settled()
    relation = stage.scan(await stage.channel())
    await stage.until(lambda: stage.events("contact_added"))
    await stage.until(stage.idle)
    stage.act(staff.note, relation, remark="老客户")
    await begun.wait()
    await stage.want(MarkTags(
        user_id=relation.userid, external_user_id=relation.external_userid, add=(stage.tag_id("门店"),), cause="test"
    ))  # fmt: skip
    await stage.until(lambda: stage.calls(MARKING))
    await stage.until(lambda: stage.intents(kind=MarkTags.kind, status="done"))
    assert len(await stage.events(KIND)) == 1
    proceed.set()
    await stage.until(stage.idle)
    assert order == ["edited", "marked"]


async def test_what_wecom_answered_is_told_in_the_same_words_at_once_as_later(living):
    content = base64.b64encode(b"\xff\xd8\xff a picture").decode()
    material = await living.post("materials", {"kind": "image", "filename": "a.jpg", "content": content})
    await living.until(lambda: lent(living, material["id"]))
    await living.until(living.idle)
    assert await living.events(f"settled:{UploadMaterial.kind}") == []


async def lent(stage, material_id):
    """Whether the material has a media id at WeCom."""
    return [one for one in (await stage.get("materials"))["items"] if one["id"] == material_id and one["expires_at"]]
