"""Who has published a moment, and what customers make of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Page, Walk
from console.moments.drafts import find
from sop.moments import Part
from storage.moments.parts import FIRST, MemberPart
from storage.moments.reactions import START
from storage.moments.reactions import Reaction as Stored
from storage.values import to_ms

routes = Routes()


class PublisherQuery(Walk):
    """Which members: those whose part stands so."""

    state: Part | None = None


class Publisher(Answer):
    """The part of one member; `published_at`: when it was first seen to be; `audience`: customers who can see it."""

    user_id: str
    state: Part
    published_at: datetime | None
    audience: int | None
    likes: int
    comments: int


class MomentTask(Publisher):
    """What one member is, or was, asked to publish."""

    moment_id: Identity
    name: str


class MomentReaction(Answer):
    """A like or a comment, whose words WeCom does not tell, to what a member published; by a customer or by staff."""

    user_id: str
    what: Literal["liked", "commented"]
    external_user_id: str | None
    staff_id: str | None
    name: str
    at: datetime


@routes.on("GET /moment-tasks", Permission.READ_TASKS, "待发表的朋友圈", "What members are asked to publish")
async def tasks(call: Call, query: PublisherQuery) -> Page[MomentTask]:
    """Of members within the caller's data scope, the newest moment first: a rep sees what waits for them."""
    place = read_place(query.after, int, str)
    found = await call.store.moments.parts.tasks(
        state=query.state,
        staff=call.principal.staff,
        before=FIRST if place is None else (int(place[0]), str(place[1])),
        most=query.limit + 1,
    )
    return turn(found, query.limit, _task, lambda one: (one[1].moment_id, one[1].user_id))


def _task(found: tuple[str, MemberPart]) -> MomentTask:
    name, part = found
    return MomentTask(**Publisher.model_validate(part).model_dump(), moment_id=part.moment_id, name=name)


@routes.on("GET /moments/{moment_id}/members", Permission.READ_NUMBERS, "朋友圈发表明细", "Who publishes a moment")
async def members(call: Call, moment_id: Identity, query: PublisherQuery) -> Page[Publisher]:
    """Members within the caller's data scope."""
    moment = await find(call, moment_id)
    place = read_place(query.after, str)
    found = await call.store.moments.parts.page(
        moment.id,
        state=query.state,
        staff=call.principal.staff,
        after="" if place is None else str(place[0]),
        most=query.limit + 1,
    )
    return turn(found, query.limit, Publisher.model_validate, lambda part: (part.user_id,))


@routes.on("GET /moments/{moment_id}/reactions", Permission.READ_CUSTOMERS, "朋友圈互动", "Likes and comments")
async def reactions(call: Call, moment_id: Identity, query: Walk) -> Page[MomentReaction]:
    """The newest first, to what members within the caller's data scope have published."""
    moment = await find(call, moment_id)
    place = read_place(query.after, int, str, str, str)
    after = START if place is None else (int(place[0]), str(place[1]), str(place[2]), str(place[3]))
    found = await call.store.moments.reactions.page(
        moment.id, staff=call.principal.staff, after=after, most=query.limit + 1
    )
    names = await call.store.customers.names([one.by_id for one in found if not one.staff])

    return turn(found, query.limit, lambda one: _show(call, one, names), _place)


def _show(call: Call, one: Stored, names: Mapping[str, str]) -> MomentReaction:
    return MomentReaction(
        user_id=one.user_id,
        what=one.what,
        external_user_id=None if one.staff else one.by_id,
        staff_id=one.by_id if one.staff else None,
        name=call.principal.veil(names.get(one.by_id, "")),
        at=one.at,
    )


def _place(one: Stored) -> tuple[int | str, ...]:
    return to_ms(one.at), one.what, one.by_id, one.user_id
