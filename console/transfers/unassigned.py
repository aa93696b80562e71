"""Customers of members who have left, and whom nobody has taken over."""

from datetime import datetime

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Line, Page, Walk
from storage.transfers import unassigned

routes = Routes()


class OrphanQuery(Walk):
    """Whose customers."""

    staff: Line = ""


class Orphan(Answer):
    """A customer of a member who left."""

    handover: str
    external_user_id: str
    name: str
    left_at: datetime
    seen_at: datetime


class Left(Answer):
    """A member who has left, and how many customers are nobody's."""

    handover: str
    name: str
    count: int
    left_at: datetime


class Lefts(Answer):
    """All of them."""

    items: tuple[Left, ...]


@routes.on("GET /unassigned", Permission.READ_TRANSFERS, "待分配客户", "Customers who are nobody's")
async def browse(call: Call, query: OrphanQuery) -> Page[Orphan]:
    """As the daily look at WeCom's list found them; a leader sees those of the own departments."""
    place = read_place(query.after, str, str)
    found = await call.store.unassigned.page(
        staff=call.principal.within(query.staff),
        after=("", "") if place is None else (str(place[0]), str(place[1])),
        most=query.limit + 1,
    )
    return turn(found, query.limit, lambda one: _show(call, one), lambda one: (one.handover, one.external_user_id))


@routes.on("GET /unassigned/staff", Permission.READ_TRANSFERS, "离职员工待分配数", "Members who left, with numbers")
async def count(call: Call) -> Lefts:
    """Members whose customers wait, by user id."""
    found = [one for one in await call.store.unassigned.counts() if call.principal.sees(one.handover)]
    names = {member.user_id: member.name for member in await call.store.staff.members()}
    return Lefts(
        items=tuple(
            Left(handover=one.handover, name=names.get(one.handover, ""), count=one.count, left_at=one.left_at)
            for one in found
        )
    )


def _show(call: Call, one: unassigned.Orphan) -> Orphan:
    values = {name: getattr(one, name) for name in Orphan.model_fields}
    return Orphan(**values | {"name": call.principal.veil(one.name)})
