"""Who may do what: the one table of roles and permissions, and what is shown to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from console.api.problem import Problem

VEIL = "**"


class Role(StrEnum):
    """What a token stands for."""

    ADMIN = "admin"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    REP = "rep"
    LEADER = "leader"
    INTEGRATION = "integration"  # another system, which may tell of events and nothing else


class Permission(StrEnum):
    """What an endpoint, or a part of an answer, asks for."""

    READ_RULES = "rules.read"  # channels, welcomes, follow-ups, materials, settings
    WRITE_RULES = "rules.write"
    READ_TAGS = "tags.read"
    WRITE_TAGS = "tags.write"  # the library, tag rules, bulk tagging
    MARK_CUSTOMERS = "customers.mark"  # put tags on one customer, or take them off; set the fields of one
    WRITE_FIELDS = "fields.write"  # which fields there are, and those of many customers
    READ_CUSTOMERS = "customers.read"
    SEE_PEOPLE = "customers.unmasked"  # names, remarks, avatars and unionid as they are
    READ_GROUPS = "groups.read"  # customer groups that one owns or is in, or all
    WRITE_GROUPS = "groups.write"  # their labels and city
    READ_BROADCASTS = "broadcasts.read"  # what is sent to whom, when; their numbers are among the numbers
    WRITE_BROADCASTS = "broadcasts.write"
    APPROVE_BROADCASTS = "broadcasts.approve"  # those of others
    SEND_EVENTS = "events.write"  # tell of business events, and read what they must be like
    READ_STAFF = "staff.read"
    WRITE_DUTY = "duty.write"  # who is on duty: everybody within the data scope
    READ_MESSAGES = "messages.read"  # what goes to many: mailings, broadcasts, who was sent what and why not
    WRITE_MESSAGES = "messages.write"
    READ_TASKS = "tasks.read"
    WRITE_TASKS = "tasks.write"
    READ_REASONS = "reasons.read"  # decisions: why something was or was not done
    READ_WORKINGS = "workings.read"  # events, intents, reactions
    WRITE_WORKINGS = "workings.write"  # replay, retry
    READ_NUMBERS = "numbers.read"
    READ_TRANSFERS = "transfers.read"
    WRITE_TRANSFERS = "transfers.write"
    MANAGE_TOKENS = "tokens.manage"


_READING = frozenset(
    {
        Permission.READ_RULES, Permission.READ_TAGS, Permission.READ_CUSTOMERS, Permission.READ_STAFF,
        Permission.READ_TASKS, Permission.READ_REASONS, Permission.READ_WORKINGS, Permission.READ_NUMBERS,
        Permission.READ_GROUPS, Permission.READ_TRANSFERS, Permission.READ_MESSAGES, Permission.READ_BROADCASTS,
    }
)  # fmt: skip
_WRITING = frozenset(
    {
        Permission.WRITE_RULES, Permission.WRITE_TASKS, Permission.WRITE_WORKINGS, Permission.WRITE_TAGS,
        Permission.MARK_CUSTOMERS, Permission.WRITE_GROUPS, Permission.WRITE_DUTY,
        Permission.WRITE_TRANSFERS, Permission.WRITE_FIELDS, Permission.SEND_EVENTS, Permission.WRITE_MESSAGES,
        Permission.WRITE_BROADCASTS, Permission.APPROVE_BROADCASTS,
    }
)  # fmt: skip
_OWN = frozenset(
    {
        Permission.READ_TAGS, Permission.READ_CUSTOMERS, Permission.SEE_PEOPLE, Permission.READ_STAFF,
        Permission.READ_TASKS, Permission.WRITE_TASKS, Permission.READ_REASONS, Permission.MARK_CUSTOMERS,
        Permission.READ_GROUPS, Permission.WRITE_DUTY, Permission.READ_MESSAGES,
    }
)  # fmt: skip
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.OPERATOR: _READING | _WRITING | {Permission.SEE_PEOPLE},
    Role.REVIEWER: _READING | {Permission.APPROVE_BROADCASTS},
    Role.REP: _OWN,
    Role.INTEGRATION: frozenset({Permission.SEND_EVENTS}),
    Role.LEADER: _OWN
    | {
        Permission.READ_NUMBERS,
        Permission.READ_TRANSFERS,
        Permission.WRITE_TRANSFERS,
        Permission.WRITE_MESSAGES,
    },
}
PERSONAL = frozenset({Role.REP, Role.LEADER})  # speak for a member of staff, and see no more than that member may


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls: a token, its role, the member it speaks for, and the members whose customers and work it sees.

    `staff` is the data scope: user ids, or None for everybody's. Every list, number and row keeps to it.
    `corp_id` is whose member it speaks for; empty for who speaks for none, and for tokens from before there were two.
    """

    token_id: int
    role: Role
    user_id: str = ""
    corp_id: str = ""
    staff: frozenset[str] | None = None

    @property
    def person(self) -> str:
        """Who it is, as far as can be told: the member it speaks for, else the token. So an author is known again."""
        return self.user_id or f"token:{self.token_id}"

    def may(self, permission: Permission) -> bool:
        """Whether the role includes a permission."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Refuse unless the role includes a permission."""
        if not self.may(permission):
            raise Problem("forbidden", role=self.role.value, permission=permission.value)

    def sees(self, user_id: str) -> bool:
        """Whether the rows of this member are within the data scope."""
        return self.staff is None or user_id in self.staff

    def within(self, user_id: str) -> frozenset[str] | None:
        """Whose rows are meant by one who asks for a member's, or with "" for all; refuses what is out of scope."""
        if not user_id:
            return self.staff
        if not self.sees(user_id):
            raise Problem("out-of-scope", staff=user_id)
        return frozenset({user_id})

    def veil(self, name: str) -> str:
        """A person's name as this token may see it."""
        return name if self.may(Permission.SEE_PEOPLE) or not name else name[0] + VEIL

    def hide(self, value: str) -> str:
        """What identifies a person, or nothing."""
        return value if self.may(Permission.SEE_PEOPLE) else ""
