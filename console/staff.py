"""Staff: the members, and their day in numbers."""

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, DepartmentNumber, Key, Line, Page, Walk
from console.api.words import Words
from storage.listing import Listing, StaffFilter

routes = Routes()
_MEMBER = Words("员工", "member of staff")


class StaffQuery(Walk):
    """Which members: `words` in the name or user id, of one department (not of those below), still here or not."""

    words: Line = ""
    department: DepartmentNumber | None = None
    active: bool | None = None


class Department(Answer):
    """A department; `parent_id` is 0 at the top."""

    id: int
    name: str
    parent_id: int
    leaders: tuple[str, ...]


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


@routes.on("GET /departments", Permission.READ_STAFF, "部门列表", "List departments by id")
async def browse_departments(call: Call, query: Walk) -> Page[Department]:
    """Every department that the app may see: codes, links, welcomes and rules name them by id."""
    place = read_place(query.after, int)
    after = 0 if place is None else int(place[0])
    tree = await call.store.staff.departments()
    found = [tree[number] for number in sorted(tree) if number > after][: query.limit + 1]
    return turn(found, query.limit, Department.model_validate, lambda department: (department.id,))


@routes.on("GET /staff", Permission.READ_STAFF, "员工列表", "List members of staff by user id")
async def browse(call: Call, query: StaffQuery) -> Page[Member]:
    """A rep sees only themself, a leader their departments."""
    place = read_place(query.after, str)
    which = StaffFilter(
        words=query.words,
        department=query.department,
        active=query.active,
        only=call.principal.staff,
    )
    after = "" if place is None else str(place[0])
    found = await Listing(call.store.scope).staff(which, limit=query.limit + 1, after=after)
    return turn(found, query.limit, Member.model_validate, lambda member: (member.user_id,))


@routes.on("GET /staff/{user_id}", Permission.READ_STAFF, "查看员工", "Show a member of staff")
async def show(call: Call, user_id: Key) -> MemberDetail:
    """With today's numbers; the day begins at midnight on the corp's clocks."""
    member = await call.store.staff.find(user_id)
    if member is None or not call.principal.sees(user_id):
        raise missing(_MEMBER)
    tally = await call.store.history.tally(user_id, since=call.midnight)
    listing = Listing(call.store.scope)
    pending = await call.store.tasks.count(user_id)
    return MemberDetail(
        **Member.model_validate(member).model_dump(),
        customers=await listing.follows(user_id),
        today=Today(added=tally.added, lost=tally.lost, removed=tally.removed, open_tasks=pending),
    )
