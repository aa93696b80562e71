"""Staff: the members, and their day in numbers."""

from console.call import Call
from console.paging import read_place, turn
from console.problem import missing
from console.roles import Permission
from console.routes import Routes
from console.shapes import Answer, Key, Page, Walk
from console.words import Words
from storage.listing import Listing, TaskFilter

routes = Routes()
_MEMBER = Words("员工", "member of staff")
_MANY = 1000


class Member(Answer):
    """A member of staff; `contactable` ones may follow customers, who left is not `active`."""

    user_id: str
    name: str
    departments: tuple[int, ...]
    leader: str
    active: bool
    contactable: bool


class Today(Answer):
    """A member's day so far: different customers who came, left or were removed; tasks not done yet."""

    added: int
    lost: int
    removed: int
    open_tasks: int


class MemberDetail(Member):
    """A member with today's numbers and how many customers they have."""

    customers: int
    today: Today


@routes.on("GET /staff", Permission.READ_STAFF, "员工列表", "List members of staff by user id")
async def browse(call: Call, query: Walk) -> Page[Member]:
    """A rep sees only themself, a leader their departments."""
    place = read_place(query.after, str)
    after = "" if place is None else str(place[0])
    found = await Listing(call.store.scope).staff(limit=query.limit + 1, after=after, only=call.principal.staff)
    return turn(found, query.limit, Member.model_validate, lambda member: (member.user_id,))


@routes.on("GET /staff/{user_id}", Permission.READ_STAFF, "查看员工", "Show a member of staff")
async def show(call: Call, user_id: Key) -> MemberDetail:
    """With today's numbers; the day begins at midnight on the corp's clocks."""
    member = await call.store.staff.find(user_id)
    if member is None or not call.principal.sees(user_id):
        raise missing(_MEMBER)
    tally = await call.store.history.tally(user_id, since=call.midnight)
    listing = Listing(call.store.scope)
    tasks = await listing.tasks(TaskFilter(staff={user_id}, status="open"), limit=_MANY)
    return MemberDetail(
        **Member.model_validate(member).model_dump(),
        customers=await listing.follows(user_id),
        today=Today(added=tally.added, lost=tally.lost, removed=tally.removed, open_tasks=len(tasks)),
    )
