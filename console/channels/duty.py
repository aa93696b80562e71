"""Duty: whether a member takes new customers, by their own word and by the rotas of their codes."""

from datetime import datetime

from pydantic import AwareDatetime

from console.api.call import Call
from console.api.problem import invalid, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Shape
from console.api.words import Words
from sop.channels import duty
from sop.channels.duty import SWITCHED, Presence

routes = Routes()
_MEMBER = Words("员工", "member of staff")
_PAST = Words("时间已过", "this moment is past")
_ENDLESS = Words("只有下班可以设定结束时间", "only being off duty can end by itself")


class DutyIn(Shape):
    """On duty as the rotas have it, or off: until then, or until somebody says otherwise."""

    on: bool
    until: AwareDatetime | None = None


class Duty(Answer):
    """How a member stands. `scheduled` is what the rotas say (null: no code leads there), until `scheduled_until`."""

    user_id: str
    on: bool
    since: datetime | None
    until: datetime | None
    by: str
    scheduled: bool | None
    scheduled_until: datetime | None


@routes.on("GET /staff/{user_id}/duty", Permission.READ_STAFF, "查看在岗状态", "Show whether a member is on duty")
async def show(call: Call, user_id: Key) -> Duty:
    """A rep sees themself, a leader their departments."""
    await _find(call, user_id)
    presence = (await call.store.duty.of([user_id])).get(user_id, Presence(user_id=user_id))
    return await _show(call, presence)


@routes.on("PUT /staff/{user_id}/duty", Permission.WRITE_DUTY, "员工上班或下班", "Put a member on or off duty")
async def change(call: Call, user_id: Key, body: DutyIn) -> Duty:
    """The member's codes follow at once; the same again changes nothing but who said it."""
    await _find(call, user_id)
    if body.until and body.on:
        raise invalid("until", _ENDLESS)
    if body.until and body.until <= call.now:
        raise invalid("until", _PAST)
    by = call.principal.user_id or f"token:{call.principal.token_id}"
    presence = Presence(user_id=user_id, on=body.on, since=call.now, until=body.until, by=by)
    call.store.duty.set(presence)
    call.store.decide("duty", "on" if body.on else "off", SWITCHED, user_id=user_id, by=by, until=body.until)
    return await _show(call, presence)


async def _find(call: Call, user_id: str) -> None:
    if not call.principal.sees(user_id) or await call.store.staff.find(user_id) is None:
        raise missing(_MEMBER)


async def _show(call: Call, presence: Presence) -> Duty:
    hours = duty.hours(presence.user_id, await call.store.duty.rotas(presence.user_id), call.now, call.corp.zone)
    off = presence.off(call.now)
    return Duty(
        user_id=presence.user_id,
        on=not off,
        since=presence.since,
        until=presence.until if off else None,
        by=presence.by,
        scheduled=hours.on if hours else None,
        scheduled_until=hours.until if hours else None,
    )
