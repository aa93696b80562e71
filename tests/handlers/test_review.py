"""Every night each code is compared with what it should show."""

from datetime import timedelta

from handlers.channels.review import JOB, PAGE, begin, step
from handlers.channels.ways import converge, created, deleted, updated
from handlers.jobs import conclude
from sop.channels import Draft
from sop.channels.duty import Presence
from sop.events import ChannelTurned, Outcome, PartEnded, ReviewDue, StepDue
from sop.intents import CreateContactWay, DeleteContactWay, UpdateContactWay
from sop.staff import Member
from tests.handlers.desk import START, Desk


async def review(desk: Desk) -> list[int]:
    """A whole review; the channels that it wants looked at."""
    skip = len(await desk.announced(0))
    await desk.run(begin, ReviewDue(corp_id="ww1", at=START))
    turned = []
    while found := (await desk.announced(skip)):
        skip += len(found)
        for event in found:
            match event:
                case StepDue():
                    await desk.run(step, event)
                case PartEnded():
                    await desk.run(conclude, event)
                case ChannelTurned():
                    turned.append(event.channel_id)
    return turned


async def live(desk: Desk):
    channel = await desk.channel(staff=("chen", "lin"))
    await desk.run(converge, ChannelTurned(corp_id="ww1", at=START, channel_id=channel.id))
    (call,) = [call for call in await desk.intents(CreateContactWay) if call.channel_id == channel.id]
    await desk.settle(created, call, result={"config_id": "cfg"})
    return channel


async def test_a_code_that_shows_what_it_should_is_left_alone(desk):
    await live(desk)
    assert await review(desk) == []


async def test_what_was_missed_is_found_at_night(desk):
    first, second = await live(desk), await live(desk)
    await desk.apply(lambda store: store.staff.put(Member(user_id="lin", active=False), at=START))
    assert await review(desk) == [second.id, first.id]
    (job,) = await desk.store().jobs.page(kind=JOB)
    assert (job.status, job.done) == ("done", 2)


async def test_what_wecom_did_not_take_is_tried_once_a_night(desk):
    channel = await live(desk)
    look = ChannelTurned(corp_id="ww1", at=START, channel_id=channel.id)
    await desk.apply(lambda store: store.duty.set(Presence(user_id="lin", on=False, since=START)))
    await desk.run(converge, look)
    (call,) = await desk.intents(UpdateContactWay)
    await desk.settle(updated, call, outcome=Outcome.DEAD, reason="tried too often")
    await desk.run(converge, look)
    assert len(await desk.intents(UpdateContactWay)) == 1
    assert await review(desk) == [channel.id]
    await desk.run(converge, look)
    assert len(await desk.intents(UpdateContactWay)) == 2


async def test_a_review_goes_through_all_pages(desk):
    def open_shops(store):
        for _ in range(PAGE + 1):
            store.channels.add(Draft(name="门店", staff=("chen",)))

    await desk.apply(open_shops)
    assert len(await review(desk)) == PAGE + 1


async def test_without_channels_there_is_nothing_to_review(desk):
    assert await review(desk) == []
    assert await desk.store().jobs.page(kind=JOB) == ()


async def test_a_deletion_that_wecom_refuses_is_wanted_once_a_night(desk):
    channel = await live(desk)
    draft = Draft(name="上海门店", staff=("chen", "lin"), expires_at=START + timedelta(hours=1))
    await desk.apply(lambda store: store.channels.change(channel, draft))
    look = ChannelTurned(corp_id="ww1", at=START, channel_id=channel.id)
    await desk.run(converge, look)
    desk.now = START + timedelta(hours=1)
    for night in range(2):
        await desk.run(converge, look)
        await desk.run(converge, look)
        call = (await desk.intents(DeleteContactWay))[night]
        await desk.settle(deleted, call, outcome=Outcome.REFUSED, code=60020, reason="ip")
        await desk.run(converge, look)
        assert len(await desk.intents(DeleteContactWay)) == night + 1
        await review(desk)
