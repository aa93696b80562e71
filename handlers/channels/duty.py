"""Duty: members go on and off duty, and the codes that lead to them follow."""

from datetime import timedelta

from handlers.router import Router
from sop.channels import duty
from sop.channels.duty import SWITCHED, Presence
from sop.events import DutyChanged
from sop.prompts import Voice
from storage.store import Store
from wecom.events import StaffCreated, StaffUpdated

AT_ONCE = 200  # channels that are told in one transaction
PAUSE = timedelta(seconds=10)

router = Router()


@router.on(DutyChanged)
async def spread(event: DutyChanged, store: Store) -> None:
    """Have every channel of the member looked at anew, so many at a time."""
    found = await store.duty.channels(event.user_id, after=event.after, most=AT_ONCE)
    for channel_id in found:
        store.channels.revisit(channel_id)
    if len(found) == AT_ONCE:
        store.duty.turn(event.user_id, after=found[-1])


@router.on(StaffCreated, StaffUpdated)
async def follow(event: StaffCreated | StaffUpdated, store: Store) -> None:
    """Whoever can be reached otherwise by now is read from WeCom first; their codes are looked at soon after."""
    due = store.now + PAUSE
    changed = DutyChanged(corp_id=store.scope.corp_id, at=due, user_id=event.user_id)
    store.schedule(changed, name=f"duty:{event.user_id}", due_at=due)


async def switch(user_id: str, store: Store, voice: Voice, *, on: bool) -> str:
    """Note what a member says of themself; the answer, which tells until when the rota has them."""
    before = (await store.duty.of([user_id])).get(user_id, Presence(user_id=user_id))
    if before.off(store.now) == on or (not on and before.until):
        store.duty.set(Presence(user_id=user_id, on=on, since=store.now, by=user_id))
        store.decide("duty", "on" if on else "off", SWITCHED, user_id=user_id, by=user_id)
    if not on:
        return voice.say("duty.off")
    hours = duty.hours(user_id, await store.duty.rotas(user_id), store.now, voice.zone)
    if hours is None:
        return voice.say("duty.nowhere")
    if hours.until is None:
        return voice.say("duty.open" if hours.on else "duty.unplanned")
    moment = voice.time(hours.until)
    return voice.say("duty.until" if hours.on else "duty.later", time=moment)
