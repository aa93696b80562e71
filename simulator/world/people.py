"""A corp's own people: departments as a tree, and the members in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

ROOT = 1


class Status(IntEnum):
    """Whether a member can work; the platform's numbers."""

    ACTIVE = 1
    DISABLED = 2
    INACTIVE = 4  # has never logged in
    LEFT = 5


@dataclass(slots=True)
class Department:
    """A node of the corp's tree; the root is 1 and has the parent 0."""

    id: int
    name: str
    parent_id: int = ROOT
    order: int = 0
    leaders: list[str] = field(default_factory=list)  # kept by `Directory.promote`


@dataclass(slots=True)
class Member:
    """A member of staff; the first department is the main one."""

    userid: str
    name: str
    departments: list[int]
    position: str = ""
    status: Status = Status.ACTIVE
    customer_contact: bool = True
    direct_leaders: list[str] = field(default_factory=list)
    alias: str = ""
    leads: set[int] = field(default_factory=set)  # departments
    verified: bool = True  # by real name
    banned: bool = False
    absent: bool = False  # has not logged in for a year
    most_customers: int = 20_000
    left_at: float = 0.0

    @property
    def serves(self) -> bool:
        """Whether customers can be added: activated, and given the customer-contact function."""
        return self.customer_contact and self.status is Status.ACTIVE


@dataclass(slots=True)
class Directory:
    """All departments and members; userids are found in any spelling of upper and lower case."""

    departments: dict[int, Department] = field(default_factory=dict)
    _members: dict[str, Member] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def add(self, member: Member) -> Member:
        """Take in a member whose departments exist."""
        unknown = [number for number in member.departments if number not in self.departments]
        if unknown or not member.departments:
            raise ValueError(f"{member.userid}: unknown departments {unknown}")
        self._members[member.userid.lower()] = member
        return member

    def found(self, department: Department) -> Department:
        """Take in a department under an existing parent."""
        if department.id != ROOT and department.parent_id not in self.departments:
            raise ValueError(f"{department.name}: unknown parent {department.parent_id}")
        self.departments[department.id] = department
        return department

    def promote(self, member: Member, department_id: int) -> None:
        """Make a member the leader of a department."""
        member.leads.add(department_id)
        self.departments[department_id].leaders.append(member.userid)

    def find(self, userid: str) -> Member | None:
        """Return the member who has not left, if there is one."""
        member = self._members.get(userid.lower())
        return member if member is not None and member.status is not Status.LEFT else None

    def former(self, userid: str) -> Member | None:
        """Return the member of that userid who has left, if there is one."""
        member = self._members.get(userid.lower())
        return member if member is not None and member.status is Status.LEFT else None

    def ever(self, userid: str) -> Member | None:
        """Return the member, who may have left."""
        return self._members.get(userid.lower())

    def line(self, department_id: int) -> Iterator[int]:
        """Walk from a department up to the root."""
        while department_id in self.departments:
            yield department_id
            department_id = self.departments[department_id].parent_id

    def below(self, department_id: int) -> list[Department]:
        """Return the department and everything under it, in the order of ids."""
        return [one for one in self.departments.values() if department_id in self.line(one.id)]

    def staff(self, department_id: int, *, deep: bool) -> list[Member]:
        """Return who works in a department, and under it when `deep`."""
        wanted = {one.id for one in self.below(department_id)} if deep else {department_id}
        return [
            member for member in self if member.status is not Status.LEFT and not wanted.isdisjoint(member.departments)
        ]


@dataclass(frozen=True, slots=True)
class Scope:
    """An app's visible range (可见范围): members, and departments with all below them."""

    users: frozenset[str] = frozenset()
    departments: frozenset[int] = frozenset({ROOT})

    def covers(self, member: Member, directory: Directory) -> bool:
        """Whether the app may see this member."""
        if member.userid in self.users:
            return True
        return any(self.reaches(number, directory) for number in member.departments)

    def reaches(self, department_id: int, directory: Directory) -> bool:
        """Whether the app may see this department."""
        return any(number in self.departments for number in directory.line(department_id))
