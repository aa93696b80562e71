from typing import Any

import pytest

from handlers.channels.ways import converge, created, deleted, updated
from sop import reasons
from sop.channels import Draft
from sop.events import ChannelChanged, Outcome
from sop.intents import CreateContactWay, DeleteContactWay, UpdateContactWay
from tests.handlers.desk import START, Desk

CALLS = (CreateContactWay, UpdateContactWay, DeleteContactWay)
MADE = {"config_id": "cfg", "qr_code": "https://qr"}
WIDER = Draft(name="上海门店", staff=("chen", "lin"))


async def look(desk: Desk, channel, times: int = 1) -> None:
    for _ in range(times):
        event = ChannelChanged(corp_id="ww1", at=START, channel_id=channel.id, version=channel.version)
        await desk.run(converge, event)


async def now(desk: Desk, channel):
    return await desk.store().channels.get(channel.id)


async def calls(desk: Desk) -> list[Any]:
    return [call for kind in CALLS for call in await desk.intents(kind)]


async def live(desk: Desk):
    channel = await desk.channel()
    await look(desk, channel)
    (call,) = await calls(desk)
    await desk.settle(created, call, result=MADE)
    return await now(desk, channel)


async def want(desk: Desk, channel, draft: Draft | None = WIDER):
    store = desk.store()
    if draft:
        store.channels.change(channel, draft)
    else:
        store.channels.remove(channel)
    await store.commit()
    return await now(desk, channel)


async def test_a_new_channel_is_created_once_however_often_it_is_looked_at(desk):
    channel = await desk.channel(departments=(3,), skip_verify=False)
    await look(desk, channel, times=2)
    (call,) = await calls(desk)
    assert call == CreateContactWay(
        channel_id=channel.id,
        version=1,
        state=channel.state,
        users=("chen",),
        departments=(3,),
        remark="上海门店",
        skip_verify=False,
        turn=1,
    )
    assert await desk.decisions() == [("channel", "wanted", reasons.CHANNEL_WANTED)]


async def test_what_wecom_made_is_kept(desk):
    channel = await live(desk)
    assert (channel.status, channel.config_id, channel.qr_code) == ("live", "cfg", "https://qr")
    assert (await desk.decisions())[-1] == ("channel", "sent", reasons.CHANNEL_LIVE)
    await look(desk, channel)
    assert len(await calls(desk)) == 1


async def test_a_change_is_one_update_and_the_picture_stays(desk):
    channel = await want(desk, await live(desk))
    await look(desk, channel, times=2)
    (call,) = await desk.intents(UpdateContactWay)
    assert (call.version, call.config_id, call.users) == (2, "cfg", ("chen", "lin"))
    await desk.settle(updated, call)
    channel = await now(desk, channel)
    assert (channel.status, channel.seen, channel.qr_code) == ("live", 2, "https://qr")


async def test_a_change_waits_for_the_call_under_way_and_then_follows(desk):
    channel = await desk.channel()
    await look(desk, channel)
    channel = await want(desk, channel)
    await look(desk, channel)
    (call,) = await calls(desk)
    await desk.settle(created, call, result=MADE)
    assert (await now(desk, channel)).status == "pending"
    assert len(await desk.events(ChannelChanged.kind)) == 3, "two wishes and another look"
    await look(desk, channel)
    assert [type(call) for call in await calls(desk)] == [CreateContactWay, UpdateContactWay]


@pytest.mark.parametrize(
    ("outcome", "reason"), [(Outcome.REFUSED, reasons.CHANNEL_REFUSED), (Outcome.DEAD, reasons.CHANNEL_FAILED)]
)
async def test_what_wecom_refuses_is_told_and_tried_again_only_when_changed(desk, outcome, reason):
    channel = await desk.channel()
    await look(desk, channel)
    (call,) = await calls(desk)
    await desk.settle(created, call, outcome=outcome, code=41054, reason="not activated")
    channel = await now(desk, channel)
    assert (channel.status, channel.reason) == ("refused", "41054 not activated")
    assert (await desk.decisions())[-1] == ("channel", outcome.value, reason)
    await look(desk, channel)
    assert len(await calls(desk)) == 1
    await look(desk, await want(desk, channel))
    assert [call.version for call in await calls(desk)] == [1, 2]


async def test_a_removed_channel_is_deleted_at_wecom_and_its_late_scans_still_resolve(desk):
    channel = await want(desk, await live(desk), None)
    await look(desk, channel, times=2)
    (call,) = await desk.intents(DeleteContactWay)
    assert call.config_id == "cfg"
    await desk.settle(deleted, call)
    assert (await now(desk, channel)).status == "deleted"
    assert (await desk.store().channels.by_state(channel.state)).id == channel.id
    assert (await desk.decisions())[-1] == ("channel", "sent", reasons.CHANNEL_DELETED)


async def test_a_channel_that_wecom_never_had_is_gone_at_once(desk):
    channel = await want(desk, await desk.channel(), None)
    await look(desk, channel)
    assert await calls(desk) == []
    assert (await now(desk, channel)).status == "deleted"


async def test_a_channel_removed_while_it_is_made_is_deleted_afterwards(desk):
    channel = await desk.channel()
    await look(desk, channel)
    channel = await want(desk, channel, None)
    await look(desk, channel)
    (call,) = await calls(desk)
    await desk.settle(created, call, result=MADE)
    await look(desk, channel)
    assert [type(call) for call in await calls(desk)] == [CreateContactWay, DeleteContactWay]


async def test_a_deletion_that_was_refused_can_be_wanted_again(desk):
    channel = await want(desk, await live(desk), None)
    await look(desk, channel)
    (call,) = await desk.intents(DeleteContactWay)
    await desk.settle(deleted, call, outcome=Outcome.REFUSED, code=60020, reason="ip")
    channel = await now(desk, channel)
    assert channel.status == "refused"
    await look(desk, await want(desk, channel, None))
    assert len(await desk.intents(DeleteContactWay)) == 2


async def test_a_channel_nobody_knows_changes_nothing(desk):
    await desk.run(converge, ChannelChanged(corp_id="ww1", at=START, channel_id=5, version=1))
    assert await calls(desk) == []
