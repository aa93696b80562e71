"""Channels: what an operator may ask for, and the state by which a scan is recognised."""

from dataclasses import dataclass
from datetime import datetime

from sop import conclusions, digits, limits, remarks, slots, texts
from sop.channels import assignment, duty
from sop.channels.assignment import Strategy, Terms
from sop.channels.duty import Shift
from sop.conclusions import Conclusion
from sop.limits import Violation
from sop.slots import Window

DAY = 86_400
LONGEST = 14 * DAY  # seconds that a temporary code, or a chat by it, may live
PREFIX = "s-"  # of the states that are ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A channel as an operator writes it: whom a scan leads to, and what is done with those who come."""

    name: str
    staff: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()  # put on every customer who comes this way
    remark: str = ""  # template of the remark that the member gets for the customer
    description: str = ""  # template of what stands below it
    skip_verify: bool = True  # customers are added without the member's confirmation
    accept: tuple[Window, ...] = ()  # only while one of these is open, if there are any
    strategy: Strategy = "any"
    cap: int = 0  # adds in a day, 0 for any number
    member_cap: int = 0  # the same for each member
    roster: tuple[Terms, ...] = ()  # members with another weight or cap
    rota: tuple[Shift, ...] = ()  # who is on duty when; without it everyone always is
    backup: tuple[str, ...] = ()  # who stands in when nobody else can be reached
    folder_id: int | None = None
    exclusive: bool = False  # customers of one outside corp go to one member; for ever as it was made
    temporary: int = 0  # seconds that WeCom lets the code live, 0 for ever; for ever as it was made
    session: int = 0  # seconds that a chat lives which began by a temporary code, 0 for a day
    conclusion: Conclusion | None = None  # what the customer is told at the end of it
    expires_at: datetime | None = None  # when we take the code away

    @property
    def lives(self) -> int:
        """Seconds that a chat lives which began by the code; 0 for ever, of a code that is not temporary."""
        return (self.session or DAY) if self.temporary else 0

    @property
    def counts(self) -> bool:
        """Whether the day's adds matter to whom it shows."""
        return bool(self.strategy != "any" or self.cap or self.member_cap or any(each.cap for each in self.roster))


def make_state(number: int) -> str:
    """The state of the channel with this id: ours by its prefix, unique as the id is, at most 15 characters."""
    return PREFIX + digits.write(number)


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a channel as written."""
    found = limits.CHANNEL_NAME.check("name", draft.name.strip())
    found += limits.CHANNEL_STAFF.check("staff", draft.staff)
    found += limits.CHANNEL_DEPARTMENTS.check("departments", draft.departments)
    found += limits.CHANNEL_TAGS.check("tags", draft.tags)
    found += limits.REMARK.check("remark", draft.remark) + texts.check("remark", draft.remark, known=remarks.NAMES)
    found += limits.DESCRIPTION.check("description", draft.description)
    found += texts.check("description", draft.description, known=remarks.NAMES)
    if not draft.staff and not draft.departments:
        found.append(
            Violation("staff", "请至少选择一名员工或一个部门", "name at least one member of staff or one department")
        )
    for field in ("staff", "departments", "tags", "backup"):
        values: tuple[object, ...] = getattr(draft, field)
        if len(set(values)) < len(values):
            found.append(Violation(field, "有重复项", "something stands in it twice"))
    return found + _check_duty(draft) + (_check_temporary(draft) if draft.temporary else _check_lasting(draft))


def check_change(before: Draft, draft: Draft) -> list[Violation]:
    """What cannot be changed about a channel once WeCom has made its code."""
    kept = []
    if before.conclusion and not draft.conclusion:
        zh, en = "结束语设置后不能清空，只能修改", "a conclusion, once given, can be another but not none"
        kept = [Violation("conclusion", zh, en)]
    fixed = (("exclusive", "专属接待", "exclusive"), ("temporary", "临时活码", "temporary"))
    return kept + [
        Violation(
            field,
            f"“{zh}”创建后不能修改，请复制为新渠道",
            f"`{en}` cannot be changed after creation: copy the channel instead",
        )
        for field, zh, en in fixed
        if getattr(before, field) != getattr(draft, field)
    ]


def _check_duty(draft: Draft) -> list[Violation]:
    found = limits.SLOTS.check("accept", draft.accept) + limits.SLOTS.check("rota", draft.rota)
    for number, window in enumerate(draft.accept):
        found += slots.check(f"accept.{number}", window)
    found += duty.check(draft.rota, known=None if draft.departments else frozenset(draft.staff))
    found += _check_roster(draft) + assignment.check(draft.roster, strategy=draft.strategy, member_cap=draft.member_cap)
    found += limits.CHANNEL_STAFF.check("backup", draft.backup)
    found += [
        Violation("backup", f"{name} 已是渠道员工", f"{name} is among the staff already")
        for name in sorted(set(draft.backup) & set(draft.staff))
    ]
    return found


def _check_roster(draft: Draft) -> list[Violation]:
    """Terms for somebody whom the code never shows are a mistake; of whom departments are made is not known here."""
    known = {*draft.staff, *draft.backup}
    return [
        Violation(f"roster.{number}.user_id", f"{each.user_id} 不在渠道员工中", f"{each.user_id} is not of the code")
        for number, each in enumerate(draft.roster)
        if not draft.departments and each.user_id not in known
    ]


def _check_temporary(draft: Draft) -> list[Violation]:
    """Page 92228: at most 14 days, and for a single user."""
    found = []
    if draft.temporary > LONGEST:
        found.append(Violation("temporary", "临时活码最长 14 天", "a temporary code lives at most 14 days"))
    if draft.session > LONGEST:
        found.append(Violation("session", "临时会话最长 14 天", "a temporary chat lives at most 14 days"))
    if draft.conclusion:
        found += conclusions.check("conclusion", draft.conclusion)
    if len(draft.staff) != 1 or draft.departments:
        found.append(Violation("staff", "临时活码只能有一名员工", "a temporary code has exactly one member"))
    if draft.rota or draft.backup or draft.counts:
        found.append(
            Violation(
                "temporary",
                "临时活码不支持排班、上限、分配方式和备用员工",
                "a temporary code has no rota, caps, strategy or backup",
            )
        )
    return found


def _check_lasting(draft: Draft) -> list[Violation]:
    """Only the chats of temporary codes end by themselves."""
    given = {"session": bool(draft.session), "conclusion": draft.conclusion is not None}
    return [
        Violation(field, "仅临时活码（temporary）可设置", "only temporary codes have it: set `temporary`")
        for field, there in given.items()
        if there
    ]
