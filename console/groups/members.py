"""Who is and was in customer groups, and who is in several."""

from datetime import datetime

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Page, Walk
from console.customers import find as find_customer
from console.groups.ledger import find
from storage.groups.lists import GroupLists, PastStay
from storage.values import to_ms

routes = Routes()


class MemberQuery(Walk):
    """`everyone`: those who have left, too."""

    everyone: bool = False


class GroupMember(Answer):
    """Somebody's stay in a group: how they came and, if they have, how they left."""

    member_id: str
    kind: str
    name: str
    scene: str
    inviter: str
    state: str
    joined_at: datetime
    left_at: datetime | None
    parting: str


class OverlapQuery(Walk):
    """In at least how many groups."""

    least: int = Field(default=2, ge=2, le=1000)


class Overlap(Answer):
    """A customer who is in several groups."""

    external_user_id: str
    name: str
    groups: int


class JoinedGroup(Answer):
    """A group that somebody is in."""

    chat_id: str
    name: str


@routes.on("GET /groups/{chat_id}/members", Permission.READ_GROUPS, "群成员", "List the members of a group")
async def browse_members(call: Call, chat_id: Key, query: MemberQuery) -> Page[GroupMember]:
    """The last to come first; names are shortened for who may not see people."""
    await find(call, chat_id)
    place = read_place(query.after, int, str)
    found = await GroupLists(call.store.scope).members(
        chat_id,
        everyone=query.everyone,
        limit=query.limit + 1,
        after=None if place is None else (int(place[0]), str(place[1])),
    )
    return turn(
        found, query.limit, lambda one: _show_member(call, one), lambda one: (to_ms(one.joined_at), one.member_id)
    )


@routes.on("GET /group-overlaps", Permission.READ_GROUPS, "同时在多个群的客户", "Customers in several groups")
async def browse_overlaps(call: Call, query: OverlapQuery) -> Page[Overlap]:
    """Counted over the groups that the caller may see; their groups are at /customers/{external_user_id}/groups."""
    place = read_place(query.after, str)
    found = await GroupLists(call.store.scope).overlaps(
        least=query.least,
        staff=call.principal.staff,
        after="" if place is None else str(place[0]),
        limit=query.limit + 1,
    )
    return turn(
        found,
        query.limit,
        lambda one: Overlap(external_user_id=one[0], name=call.principal.veil(one[1]), groups=one[2]),
        lambda one: (one[0],),
    )


@routes.on("GET /customers/{external_user_id}/groups", Permission.READ_GROUPS, "客户所在群", "A customer's groups")
async def of_customer(call: Call, external_user_id: Key) -> Page[JoinedGroup]:
    """The groups that a customer is in, as far as the caller may see them; the longest stay first."""
    lists = GroupLists(call.store.scope)
    found = await call.store.groups.of_member(external_user_id)
    seen = [one for one in found if await lists.sees(one[0], call.principal.staff)]
    if not seen:
        await find_customer(call, external_user_id)
    return Page(items=tuple(JoinedGroup(chat_id=chat_id, name=name) for chat_id, name in seen))


def _show_member(call: Call, one: PastStay) -> GroupMember:
    shown = GroupMember.model_validate(one)
    return shown.model_copy(update={"name": one.name if one.kind == "staff" else call.principal.veil(one.name)})
