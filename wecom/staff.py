"""Members of staff, departments, and the app that sees them."""

from enum import IntEnum

import msgspec
from msgspec import field

from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import AgentId, DepartmentId, UserId
from wecom.pages import Page

ROOT = DepartmentId(1)


class Activity(IntEnum):
    """Whether a member uses WeCom."""

    UNKNOWN = 0
    ACTIVE = 1
    DISABLED = 2
    INACTIVE = 4  # invited, never logged in
    LEFT = 5


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member; apps made after June 2022 see neither phone nor mail nor picture."""

    user_id: UserId = field(name="userid")
    name: str = ""
    alias: str = ""
    departments: tuple[DepartmentId, ...] = field(default=(), name="department")
    main_department: DepartmentId = DepartmentId(0)
    leads: tuple[bool, ...] = field(default=(), name="is_leader_in_dept")  # as `departments`
    leaders: tuple[UserId, ...] = field(default=(), name="direct_leader")
    position: str = ""
    status: int = Activity.UNKNOWN
    gender: int = 0
    mobile: str = ""
    email: str = ""
    avatar: str = ""
    qr_code: str = ""


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """One member in one department; a member of several comes several times."""

    user_id: UserId = field(name="userid")
    department: DepartmentId


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A department; a larger order stands first."""

    id: DepartmentId
    name: str = ""
    parent_id: DepartmentId = field(default=DepartmentId(0), name="parentid")
    order: int = 0
    leaders: tuple[UserId, ...] = field(default=(), name="department_leader")


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An app, and who may see it."""

    agent_id: AgentId
    name: str
    closed: bool
    users: tuple[UserId, ...]
    departments: tuple[DepartmentId, ...]
    tags: tuple[int, ...]
    domain: str  # trusted for OAuth and the sidebar


class _Members(Status):
    userlist: tuple[Member, ...] = ()


class _Memberships(Status):
    dept_user: tuple[Membership, ...] = ()
    next_cursor: str = ""


class _Departments(Status):
    department: tuple[Department, ...] = ()


class _Followers(Status):
    follow_user: tuple[UserId, ...] = ()


class _Addresses(Status):
    ip_list: tuple[str, ...] = ()


class _UserId(msgspec.Struct):
    userid: UserId


class _Users(msgspec.Struct):
    user: tuple[_UserId, ...] = ()


class _Parties(msgspec.Struct):
    partyid: tuple[DepartmentId, ...] = ()


class _Tags(msgspec.Struct):
    tagid: tuple[int, ...] = ()


class _Agent(Status):
    agentid: AgentId = AgentId(0)
    name: str = ""
    close: bool = False
    allow_userinfos: _Users = field(default_factory=_Users)
    allow_partys: _Parties = field(default_factory=_Parties)
    allow_tags: _Tags = field(default_factory=_Tags)
    redirect_domain: str = ""


class Staff:
    """The APIs of members and departments, within what the app may see."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, user_id: UserId) -> Member:
        """Page 90196: one member."""
        return await self._caller.get("user/get", Member, userid=user_id)

    async def list(self, department_id: DepartmentId = ROOT) -> tuple[Member, ...]:
        """Page 90201: the direct members of a department, in detail."""
        return (await self._caller.get("user/list", _Members, department_id=department_id)).userlist

    async def names(self, department_id: DepartmentId = ROOT) -> tuple[Member, ...]:
        """Page 90200: the direct members of a department, with id, name and departments only."""
        return (await self._caller.get("user/simplelist", _Members, department_id=department_id)).userlist

    async def ids(self, cursor: str = "", *, limit: int = 10_000) -> Page[Membership]:
        """Page 96067: all memberships of the corp, at most 10 000 a page."""
        answer = await self._caller.ask("user/list_id", {"cursor": cursor, "limit": limit}, _Memberships)
        return Page(answer.dept_user, answer.next_cursor)

    async def departments(self, root: DepartmentId | None = None) -> tuple[Department, ...]:
        """Page 90208: a department with all below it; without one, all that the app may see."""
        query = {} if root is None else {"id": root}
        return (await self._caller.get("department/list", _Departments, **query)).department

    async def followers(self) -> tuple[UserId, ...]:
        """Page 92571: the members who may have customers."""
        return (await self._caller.get("externalcontact/get_follow_user_list", _Followers)).follow_user

    async def agent(self) -> Agent:
        """Page 90227: the app that calls, and who may see it."""
        answer = await self._caller.get("agent/get", _Agent, agentid=self._caller.agent_id)
        return Agent(
            agent_id=answer.agentid,
            name=answer.name,
            closed=answer.close,
            users=tuple(user.userid for user in answer.allow_userinfos.user),
            departments=answer.allow_partys.partyid,
            tags=answer.allow_tags.tagid,
            domain=answer.redirect_domain,
        )

    async def callback_addresses(self) -> tuple[str, ...]:
        """Page 92521: where callbacks come from; may contain patterns such as 101.226.103.*."""
        return (await self._caller.get("getcallbackip", _Addresses)).ip_list
