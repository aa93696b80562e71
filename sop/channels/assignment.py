"""Assignment: whom a code shows to WeCom, which picks one of them for each scan by itself.

Those who are off duty or have had their day's cap are never shown while anybody else is. Among the others the adds are
kept in proportion by hiding who is ahead of their share: more than two adds and more than a tenth of it. Who was hidden
is shown again when no longer ahead. Between these two marks nothing changes, so that a code is updated rarely.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sop.limits import Violation
from sop.reasons import define

Strategy = Literal["any", "even", "weighted", "capacity"]
Mode = Literal["staff", "backup", "last"]
MOST = 100  # users behind one contact way (page 92228)
SLACK = 2.0  # adds
TOLERANCE = 0.1  # of a member's share

ON_DUTY = define("on_duty", "在岗，可接待", "On duty: customers may come")
OFF_ROTA = define("off_rota", "不在排班时段", "Not on duty by the rota")
OFF_DUTY = define("off_duty", "已下班", "Has gone off duty")
GONE = define("gone", "已离职，或没有客户联系权限", "Has left, or may not contact customers")
CAPPED = define("capped", "已达员工当日上限", "Has had the day's cap")
CODE_CAPPED = define("code_capped", "渠道已达当日上限", "The code has had the day's cap")
AHEAD = define("ahead", "已领先应得份额，暂不分配", "Is ahead of the share, so others come first")
CROWDED = define("crowded", "超过 100 人，暂不展示", "More than 100 are reachable; this one is not among them")
BACKUP = define("backup", "备用员工接待中", "Stands in for those who cannot be reached")
SPARE = define("spare", "备用员工，暂不需要", "Is a backup and not needed now")
GIVEN = define("given", "企业微信从活码当前展示的员工中选出", "WeCom chose among those whom the code shows")
GIVEN_BACKUP = define("given_backup", "由备用员工接待", "A backup stood in")
GIVEN_LAST = define(
    "given_last",
    "无人可接待也没有备用员工，由上一批员工接待",
    "Nobody could be reached and there is no backup: the last crew",
)
GIVEN_BEFORE = define(
    "given_before",
    "企业微信在活码更新生效前已选定该员工",
    "WeCom chose before it had our update: this member is no longer shown",
)
OVERSHOT = define("overshot", "更新生效前超出当日上限", "Beyond the day's cap: WeCom chose before it had our update")
LAST = define("last", "无人可接待且没有备用员工，保留上一批", "Nobody can be reached and there is no backup: kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for one member of a code."""

    user_id: str
    weight: int = 1
    cap: int = 0  # adds in a day; 0 is the code's cap for everyone


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A member who may stand behind a code, as things are now."""

    user_id: str
    weight: int = 1
    cap: int = 0  # adds in a day, 0 for any number
    today: int = 0  # adds by this code since midnight
    lately: int = 0  # of them, since the adds are kept in proportion among those who can be reached now
    hindrance: str = ""  # why customers cannot come, apart from caps
    backup: bool = False

    @property
    def capped(self) -> bool:
        """Whether the day's cap is reached."""
        return 0 < self.cap <= self.today

    @property
    def open(self) -> bool:
        """Whether customers may come."""
        return not self.hindrance and not self.capped


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a code distributes, and how many were added by it today."""

    strategy: Strategy = "any"
    cap: int = 0  # of the code in a day, 0 for none
    taken: int = 0

    @property
    def full(self) -> bool:
        """Whether the code's cap is reached."""
        return 0 < self.cap <= self.taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Whom to show, in the order of the candidates, and why each one is shown or not."""

    users: tuple[str, ...]
    mode: Mode
    reasons: Mapping[str, str] = field(default_factory=dict)


def assign(candidates: Sequence[Candidate], rules: Rules, *, shown: frozenset[str] = frozenset()) -> Assignment:
    """Choose whom to show; `shown` is what WeCom shows now, which stays where nobody can be reached."""
    reasons = {one.user_id: _judge(one, rules) for one in candidates}
    ready = reachable(candidates, rules)
    if ready:
        hidden = _ahead(ready, rules.strategy, shown)
        reasons.update(dict.fromkeys(hidden, AHEAD))
        chosen = [one.user_id for one in ready if one.user_id not in hidden]
        reasons.update(dict.fromkeys(chosen[MOST:], CROWDED))
        return Assignment(users=tuple(chosen[:MOST]), mode="staff", reasons=reasons)
    spare = [one.user_id for one in candidates if one.backup and one.open][:MOST]
    if spare:
        return Assignment(users=tuple(spare), mode="backup", reasons=reasons | dict.fromkeys(spare, BACKUP))
    kept = _keep(candidates, shown)[:MOST]
    return Assignment(users=kept, mode="last", reasons=reasons | dict.fromkeys(kept, LAST))


def reachable(candidates: Sequence[Candidate], rules: Rules) -> list[Candidate]:
    """The members to whom customers may come now, backups apart."""
    return [] if rules.full else [one for one in candidates if one.open and not one.backup]


def shares(ready: Sequence[Candidate], strategy: Strategy) -> dict[str, float]:
    """The part of the adds that each is to have; together 1.

    By capacity it follows what each had left of the day's cap when the counting began, so that all are full together.
    """
    match strategy:
        case "weighted":
            parts = {one.user_id: one.weight for one in ready}
        case "capacity":
            parts = {one.user_id: max(one.cap - one.today + one.lately, 1) for one in ready}
        case _:
            parts = {one.user_id: 1 for one in ready}
    whole = sum(parts.values())
    return {name: part / whole for name, part in parts.items()}


def explain(user_id: str, *, mode: str, shown: Sequence[str] | None, over: bool) -> str:
    """The reason of an add: why WeCom could give it to this member. `shown` is None where departments are shown."""
    if over:
        return OVERSHOT
    if shown is not None and user_id not in shown:
        return GIVEN_BEFORE
    return {"backup": GIVEN_BACKUP, "last": GIVEN_LAST}.get(mode, GIVEN)


def check(roster: Sequence[Terms], *, strategy: Strategy, member_cap: int) -> list[Violation]:
    """What is wrong with the terms of a code's members."""
    found = []
    names = [terms.user_id for terms in roster]
    if len(set(names)) < len(names):
        found.append(Violation("roster", "有重复项", "something stands in it twice"))
    if strategy == "capacity" and not member_cap:
        found.append(
            Violation(
                "member_cap", "按剩余容量分配时请设置每人每日上限", "to assign by capacity, give a daily cap per member"
            )
        )
    return found


def _judge(one: Candidate, rules: Rules) -> str:
    if one.hindrance:
        return one.hindrance
    if one.capped:
        return CAPPED
    if one.backup:
        return SPARE
    return CODE_CAPPED if rules.full else ON_DUTY


def _ahead(ready: Sequence[Candidate], strategy: Strategy, shown: frozenset[str]) -> set[str]:
    """Who is hidden so that the others catch up. Never all: leads add up to nothing, so somebody is not ahead."""
    if strategy == "any" or len(ready) == 1:
        return set()
    total = sum(one.lately for one in ready)
    wanted, hidden = shares(ready, strategy), set()
    for one in ready:
        fair = wanted[one.user_id] * total
        mark = max(SLACK, fair * TOLERANCE) if one.user_id in shown else 0.0
        if one.lately - fair > mark + 1e-9:
            hidden.add(one.user_id)
    return hidden


def _keep(candidates: Sequence[Candidate], shown: frozenset[str]) -> tuple[str, ...]:
    """Somebody has to be shown: the last who were, if they are still there; those with room before those without."""
    here = [one for one in candidates if one.hindrance != GONE] or list(candidates)
    last = [one for one in here if one.user_id in shown] or here
    return tuple(one.user_id for one in ([one for one in last if not one.capped] or last))
