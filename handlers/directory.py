"""The directory: members and departments follow WeCom."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from handlers.reader import Reader
from handlers.router import Router
from sop.events import DirectoryDue
from sop.staff import Department, Member
from storage.store import Store
from wecom import staff as wecom
from wecom.errors import Refused
from wecom.events import (
    DepartmentCreated,
    DepartmentDeleted,
    DepartmentUpdated,
    StaffCreated,
    StaffDeleted,
    StaffUpdated,
)

router = Router()
PAUSE = timedelta(seconds=10)  # many changes at once are read once
UNSEEN = (60011, 60111)  # WeCom's codes for a member whom the app may not see, or who does not exist
_GONE = (wecom.Activity.LEFT, wecom.Activity.DISABLED)


@router.on(DirectoryDue)
async def read(_: DirectoryDue, store: Store, reader: Reader) -> None:
    """Read all departments and members that the app may see; who is no longer among them has left."""
    departments = await reader.departments()
    told: dict[str, wecom.Member] = {}
    for department in departments:
        told.update((member.user_id, member) for member in await reader.members(department.id))
    if not told:
        return  # an app that sees nobody says nothing about who has left
    contactable = set(await reader.follow_users())
    members = [member(each, contactable=each.user_id in contactable) for each in told.values()]
    await store.staff.replace(members, list(tree(departments, members)), at=store.now)


@router.on(StaffCreated, StaffUpdated)
async def meet(event: StaffCreated | StaffUpdated, store: Store, reader: Reader) -> None:
    """Read the one member; who is out of sight has left. A new user id leaves the old one behind."""
    user_id = event.user_id
    if isinstance(event, StaffUpdated) and event.new_user_id:
        store.staff.leave(user_id)
        user_id = event.new_user_id
    try:
        told = await reader.member(user_id)
    except Refused as refused:
        if refused.code not in UNSEEN:
            raise
        store.staff.leave(user_id)
        return
    contactable = told.user_id in await reader.follow_users()
    store.staff.put(member(told, contactable=contactable), at=store.now)


@router.on(StaffDeleted)
async def part(event: StaffDeleted, store: Store) -> None:
    """A member has left."""
    store.staff.leave(event.user_id)


@router.on(StaffCreated, StaffUpdated, DepartmentCreated, DepartmentUpdated, DepartmentDeleted)
async def reread(
    _: StaffCreated | StaffUpdated | DepartmentCreated | DepartmentUpdated | DepartmentDeleted, store: Store
) -> None:
    """Read the tree and its leaders soon, once for all changes of the moment."""
    due = store.now + PAUSE
    store.schedule(DirectoryDue(corp_id=store.scope.corp_id, at=due), name="directory:changed", due_at=due)


def member(told: wecom.Member, *, contactable: bool) -> Member:
    """A member as WeCom tells."""
    return Member(
        user_id=told.user_id,
        name=told.name,
        departments=tuple(told.departments),
        leads=tuple(each for each, leads in zip(told.departments, told.leads, strict=False) if leads),
        leader=next(iter(told.leaders), ""),
        active=told.status not in _GONE,
        contactable=contactable,
    )


def tree(told: Iterable[wecom.Department], members: Collection[Member]) -> Iterable[Department]:
    """Departments with their leaders, whom WeCom names at the department or at the member."""
    for each in told:
        leaders = (*each.leaders, *(member.user_id for member in members if each.id in member.leads))
        yield Department(id=each.id, name=each.name, parent_id=each.parent_id, leaders=tuple(dict.fromkeys(leaders)))
