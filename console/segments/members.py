"""Who is in a segment, who came and went, and why somebody is in it or is not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_before, read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Page, Walk
from console.conditions.trying import ClauseOut, ConditionExplanation, explain, show_people
from console.customers import find as find_customer
from console.segments.rules import find
from storage.segments.members import Member

routes = Routes()


class MoveQuery(Walk):
    """Which moves: of the last run unless another is named, those who entered or those who left."""

    run: Annotated[int, Field(ge=0, lt=2**31)] = 0
    entered: bool = True


class MemberOut(Answer):
    """A customer in a segment, and since when; or who came or went, and when."""

    external_user_id: str
    name: str
    at: datetime


class RunOut(Answer):
    """One refresh: how many entered and left, and how many were members at its end."""

    run: int
    version: int
    job_id: Identity
    count: int
    entered: int
    left: int
    status: str
    begun_at: datetime
    ended_at: datetime | None


class Membership(Answer):
    """A segment that a customer is in."""

    id: Identity
    name: str
    at: datetime


class Memberships(Answer):
    """The segments that a customer is in."""

    items: tuple[Membership, ...]


class MemberExplanation(ConditionExplanation):
    """Why a customer meets the condition of a segment now, or does not; `member` is as of the last refresh."""

    member: bool
    clauses: tuple[ClauseOut, ...]


@routes.on("GET /segments/{segment_id}/members", Permission.READ_CUSTOMERS, "分群成员", "List the members of a segment")
async def browse(call: Call, segment_id: Identity, query: Walk) -> Page[MemberOut]:
    """As of the last refresh; a rep sees their own customers, a leader their departments'."""
    segment = await find(call, segment_id)
    found = await call.store.segments.members(
        segment.id, after=_place(query.after), most=query.limit + 1, staff=call.principal.staff
    )
    return await _turn(call, found, query.limit)


@routes.on("GET /segments/{segment_id}/runs", Permission.READ_RULES, "分群刷新记录", "List the refreshes of a segment")
async def runs(call: Call, segment_id: Identity, query: Walk) -> Page[RunOut]:
    """The newest first."""
    segment = await find(call, segment_id)
    found = await call.store.segments.runs(segment.id, before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, RunOut.model_validate, lambda run: (run.run,))


@routes.on(
    "GET /segments/{segment_id}/moves", Permission.READ_CUSTOMERS, "分群进出", "List who entered or left a segment"
)
async def moves(call: Call, segment_id: Identity, query: MoveQuery) -> Page[MemberOut]:
    """In one run, within the caller's sight."""
    segment = await find(call, segment_id)
    found = await call.store.segments.moves(
        segment.id,
        query.run or segment.run,
        entered=query.entered,
        after=_place(query.after),
        most=query.limit + 1,
        staff=call.principal.staff,
    )
    return await _turn(call, found, query.limit)


@routes.on(
    "GET /segments/{segment_id}/customers/{external_user_id}",
    Permission.READ_CUSTOMERS,
    "客户是否属于分群及原因",
    "Explain why a customer is in a segment or is not",
)
async def tell(call: Call, segment_id: Identity, external_user_id: Key) -> MemberExplanation:
    """Clause by clause."""
    segment = await find(call, segment_id)
    told = await explain(call, segment.condition, external_user_id)
    inside = await call.store.segments.of_customer(external_user_id)
    member = segment.id in {identity for identity, _, _ in inside}
    return MemberExplanation(holds=told.holds, clauses=told.clauses, member=member)


@routes.on(
    "GET /customers/{external_user_id}/segments",
    Permission.READ_CUSTOMERS,
    "客户所属分群",
    "List a customer's segments",
)
async def of_customer(call: Call, external_user_id: Key) -> Memberships:
    """As of the last refresh of each."""
    await find_customer(call, external_user_id)
    found = await call.store.segments.of_customer(external_user_id)
    return Memberships(items=tuple(Membership(id=identity, name=name, at=at) for identity, name, at in found))


def _place(cursor: str) -> str:
    place = read_place(cursor, str)
    return "" if place is None else str(place[0])


async def _turn(call: Call, found: Sequence[Member], limit: int) -> Page[MemberOut]:
    people = await show_people(call, [each.external_user_id for each in found])
    rows = [(member, person.name) for member, person in zip(found, people, strict=True)]
    return turn(
        rows,
        limit,
        lambda row: MemberOut(external_user_id=row[0].external_user_id, name=row[1], at=row[0].at),
        lambda row: (row[0].external_user_id,),
    )
