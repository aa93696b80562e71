"""Members of staff and departments, as WeCom has them."""

from collections.abc import Callable, Collection
from datetime import datetime

from sop.events import DutyChanged, Own
from sop.staff import Department, Member, climb, led
from storage.engine.many import joined
from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope
from storage.values import decode, encode, to_ms

MEMBER = "user_id, name, departments, leads, leader, active, contactable"
_DEPARTMENT = "id, name, parent_id, leaders"
_PUT = upsert(
    "staff",
    ("corp_id", "user_id"),
    ("name", "departments", "leads", "leader", "active", "contactable", "changed_at"),
    when="excluded.changed_at >= staff.changed_at",
)
_PUT_DEPARTMENT = upsert(
    "departments",
    ("corp_id", "id"),
    ("name", "parent_id", "leaders", "changed_at"),
    when="excluded.changed_at >= departments.changed_at",
)
_LEAVE = Statement("""
    UPDATE staff SET active = FALSE, contactable = FALSE, changed_at = :changed_at
    WHERE corp_id = :corp_id AND user_id = :user_id AND active
""")
_DISSOLVE = Statement("DELETE FROM departments WHERE corp_id = :corp_id AND id = :id")
_FIND = Statement(f"SELECT {MEMBER} FROM staff WHERE corp_id = :corp_id AND user_id = :user_id")
_WITHIN = Statement("""
    SELECT user_id FROM staff WHERE corp_id = :corp_id AND EXISTS (
        SELECT 1 FROM {each}(CAST(departments AS {json})) AS own
        JOIN {each}(CAST(:departments AS {json})) AS led ON CAST(own.value AS TEXT) = CAST(led.value AS TEXT))
""")
_MEMBERS = Statement(f"SELECT {MEMBER} FROM staff WHERE corp_id = :corp_id ORDER BY user_id")
_DEPARTMENTS = Statement(f"SELECT {_DEPARTMENT} FROM departments WHERE corp_id = :corp_id ORDER BY id")
_NAMES = joined("t.user_id, t.name", "staff AS t", on="t.corp_id = :corp_id AND t.user_id = k.user_id", user_id="TEXT")


class Staff:
    """The members and departments of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int] | None = None) -> None:
        self._scope = scope
        self._announce = announce

    async def find(self, user_id: str) -> Member | None:
        """One member, those who left too."""
        found = await self._scope.read(_FIND, read_member, user_id=user_id)
        return found[0] if found else None

    async def names(self, user_ids: Collection[str]) -> dict[str, str]:
        """How some of them are called, as far as that is known."""
        rows = await self._scope.fetch(_NAMES, keys=encode([[each] for each in sorted(user_ids)]))
        return {row["user_id"]: row["name"] for row in rows if row["name"]}

    async def members(self) -> tuple[Member, ...]:
        """All members, those who left too, by user id."""
        return tuple(read_member(row) for row in await self._scope.fetch(_MEMBERS))

    async def departments(self) -> dict[int, Department]:
        """All departments by id."""
        rows = await self._scope.fetch(_DEPARTMENTS)
        return {row["id"]: _department(row) for row in rows}

    async def leads(self, user_id: str) -> tuple[str, ...]:
        """The nearest active leads of a member, none for one we don't know or who is above all."""
        member = await self.find(user_id)
        if member is None:
            return ()
        for floor in climb(member, await self.departments()):
            found = [await self.find(lead) for lead in floor]
            active = tuple(lead.user_id for lead in found if lead and lead.active)
            if active:
                return active
        return ()

    async def team(self, user_id: str) -> frozenset[str]:
        """A member and everybody in the departments that they lead or that hang below, those who left too."""
        member = await self.find(user_id)
        departments = led(member, await self.departments()) if member else frozenset()
        rows = await self._scope.fetch(_WITHIN, departments=encode(sorted(departments))) if departments else ()
        return frozenset({user_id, *(row["user_id"] for row in rows)})

    def put(self, member: Member, *, at: datetime) -> None:
        """Store a member as WeCom told at a moment; what was stored later stays."""
        self._scope.write(
            _PUT,
            user_id=member.user_id,
            name=member.name,
            departments=encode(member.departments),
            leads=encode(member.leads),
            leader=member.leader,
            active=member.active,
            contactable=member.contactable,
            changed_at=to_ms(at),
        )

    def leave(self, user_id: str) -> None:
        """A member is gone; the row stays, with all that happened."""
        self._scope.write(_LEAVE, user_id=user_id, changed_at=self._scope.at)
        self._turn(user_id)

    async def replace(self, members: Collection[Member], departments: Collection[Department], *, at: datetime) -> None:
        """Make the directory what WeCom told at a moment: who is missing is gone."""
        known = {member.user_id: member for member in await self.members()}
        for member in members:
            before = known.get(member.user_id)
            if member != before:
                self.put(member, at=at)
            if known and (before is None or _reach(member) != _reach(before)):
                self._turn(member.user_id)
        for gone in known.keys() - {member.user_id for member in members}:
            if known[gone].active:
                self.leave(gone)
        await self.plant(departments, at=at)

    async def plant(self, departments: Collection[Department], *, at: datetime) -> None:
        """Make the tree what WeCom told at a moment."""
        tree = await self.departments()
        for department in departments:
            if department != tree.get(department.id):
                self._put(department, at)
        for dissolved in tree.keys() - {department.id for department in departments}:
            self._scope.write(_DISSOLVE, id=dissolved)

    def _turn(self, user_id: str) -> None:
        """The codes that led to a member may have to lead elsewhere."""
        if self._announce:
            self._announce(DutyChanged(corp_id=self._scope.corp_id, at=self._scope.now, user_id=user_id))

    def _put(self, department: Department, at: datetime) -> None:
        self._scope.write(
            _PUT_DEPARTMENT,
            id=department.id,
            name=department.name,
            parent_id=department.parent_id,
            leaders=encode(department.leaders),
            changed_at=to_ms(at),
        )


def _reach(member: Member) -> tuple[object, ...]:
    """What decides whether and by which codes customers come to a member."""
    return member.active, member.contactable, member.departments


def read_member(row: Row) -> Member:
    """A member of a row with the columns of `MEMBER`."""
    return Member(
        user_id=row["user_id"],
        name=row["name"],
        departments=tuple(decode(row["departments"])),
        leads=tuple(decode(row["leads"])),
        leader=row["leader"],
        active=bool(row["active"]),
        contactable=bool(row["contactable"]),
    )


def _department(row: Row) -> Department:
    return Department(id=row["id"], name=row["name"], parent_id=row["parent_id"], leaders=tuple(decode(row["leaders"])))
