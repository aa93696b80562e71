"""Who may do what: the one table of roles and permissions, and what is shown to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from console.problem import Problem

VEIL = "**"


class Role(StrEnum):
    """What a token stands for."""

    ADMIN = "admin"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    REP = "rep"


class Permission(StrEnum):
    """What an endpoint, or a part of an answer, asks for."""

    READ_RULES = "rules.read"  # channels, welcomes, follow-ups, materials, settings
    WRITE_RULES = "rules.write"
    READ_TAGS = "tags.read"
    READ_CUSTOMERS = "customers.read"
    SEE_PEOPLE = "customers.unmasked"  # names, remarks, avatars and unionid as they are
    READ_STAFF = "staff.read"
    READ_TASKS = "tasks.read"
    WRITE_TASKS = "tasks.write"
    READ_REASONS = "reasons.read"  # decisions: why something was or was not done
    READ_WORKINGS = "workings.read"  # events, intents, reactions
    WRITE_WORKINGS = "workings.write"  # replay, retry
    READ_NUMBERS = "numbers.read"
    MANAGE_TOKENS = "tokens.manage"


_READING = frozenset(
    {
        Permission.READ_RULES, Permission.READ_TAGS, Permission.READ_CUSTOMERS, Permission.READ_STAFF,
        Permission.READ_TASKS, Permission.READ_REASONS, Permission.READ_WORKINGS, Permission.READ_NUMBERS,
    }
)  # fmt: skip
_WRITING = frozenset({Permission.WRITE_RULES, Permission.WRITE_TASKS, Permission.WRITE_WORKINGS})
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.OPERATOR: _READING | _WRITING | {Permission.SEE_PEOPLE},
    Role.REVIEWER: _READING,
    Role.REP: frozenset(
        {
            Permission.READ_TAGS, Permission.READ_CUSTOMERS, Permission.SEE_PEOPLE, Permission.READ_STAFF,
            Permission.READ_TASKS, Permission.WRITE_TASKS, Permission.READ_REASONS,
        }
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls: a token, its role, and the member of staff it speaks for."""

    token_id: int
    role: Role
    user_id: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether the role includes a permission."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Refuse unless the role includes a permission."""
        if not self.may(permission):
            raise Problem("forbidden", role=self.role.value, permission=permission.value)

    @property
    def own(self) -> str | None:
        """The member whose customers and tasks are all that this token sees; None where it sees everyone's."""
        return self.user_id if self.role is Role.REP else None

    def bound(self, staff: str) -> str:
        """The member whose rows are asked for, "" for everyone; a rep cannot ask for somebody else's."""
        if self.own is None:
            return staff
        if staff not in {"", self.own}:
            raise Problem("forbidden", role=self.role.value, permission=f"staff={staff}")
        return self.own

    def veil(self, name: str) -> str:
        """A person's name as this token may see it."""
        return name if self.may(Permission.SEE_PEOPLE) or not name else name[0] + VEIL

    def hide(self, value: str) -> str:
        """What identifies a person, or nothing."""
        return value if self.may(Permission.SEE_PEOPLE) else ""
