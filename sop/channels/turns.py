"""Turns: what a channel's code shows at WeCom at a moment, and when that may change by time alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sop import slots
from sop.channels import Draft, assignment, duty
from sop.channels.assignment import GONE, OFF_DUTY, OFF_ROTA, Assignment, Candidate, Rules
from sop.channels.duty import Presence
from sop.conclusions import Conclusion
from sop.reasons import define
from sop.staff import Member

NAME = 30  # characters of a contact way's remark, which administrators read

TURNED = define("turned", "可接待员工有变化，正在更新活码", "Whom the code shows has changed; WeCom is being told")
UNCHANGED = define("unchanged", "企业微信上已是所要的，无需更新", "WeCom has it so already; no call is needed")
EXPIRED = define("expired", "渠道已到期，自动归档", "The channel's time is over: it is archived")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a contact way at WeCom is made of."""

    users: tuple[str, ...]
    departments: tuple[int, ...] = ()
    remark: str = ""
    skip_verify: bool = True
    session: int = 0  # seconds that a chat lives which began by it, 0 for ever
    conclusion: Conclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adds:
    """How many one member had by a channel: since midnight, and since the balance began."""

    today: int = 0
    lately: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Among whom the adds are kept in proportion, and since when they are counted."""

    crew: frozenset[str] = frozenset()
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that bears on whom a channel shows at a moment; who is not in `members` is unknown to us, not gone."""

    at: datetime
    zone: ZoneInfo
    members: Mapping[str, Member]
    below: tuple[str, ...] = ()  # user ids of the members of its departments
    presences: Mapping[str, Presence]
    adds: Mapping[str, Adds]
    shown: View | None = None  # what WeCom has, as far as we know
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a channel is to show, why, and when to look again."""

    view: View
    assignment: Assignment
    candidates: tuple[Candidate, ...]
    balance: Balance
    next_at: datetime | None


def turn(draft: Draft, scene: Scene) -> Turn:
    """Decide what a channel shows. As long as nobody is left out it is what the operator wrote, departments whole."""
    candidates = _line_up(draft, scene)
    rules = Rules(strategy=draft.strategy, cap=draft.cap, taken=sum(each.today for each in scene.adds.values()))
    ready = frozenset(one.user_id for one in assignment.reachable(candidates, rules))
    balance = scene.balance
    if draft.strategy != "any" and ready != balance.crew:
        balance = Balance(crew=ready, since=scene.at.replace(microsecond=0))  # WeCom tells adds by the second
        candidates = tuple(replace(one, lately=0) for one in candidates)
    shown = frozenset(scene.shown.users) if scene.shown else frozenset()
    if scene.shown and scene.shown.departments:
        shown |= set(scene.below)
    made = assignment.assign(candidates, rules, shown=shown)
    regulars = {one.user_id for one in candidates if not one.backup}
    whole = regulars == set(made.users) or (not regulars and not rules.full)
    view = View(
        users=draft.staff if whole else made.users,
        departments=draft.departments if whole else (),
        remark=draft.name[:NAME],
        skip_verify=_accepts(draft, scene.at, scene.zone),
        session=draft.lives,
        conclusion=draft.conclusion,
    )
    return Turn(
        view=view, assignment=made, candidates=candidates, balance=balance, next_at=_next(draft, scene, rules=rules)
    )


def begin_day(at: datetime, zone: ZoneInfo, *, days: int = 0) -> datetime:
    """The midnight at which the day of a moment began on the clocks of the zone, or of another day before or after."""
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=days), time(0), zone).astimezone(UTC)


def _line_up(draft: Draft, scene: Scene) -> tuple[Candidate, ...]:
    """Everyone who may stand behind the channel: named members, those of the departments, backups."""
    if draft.temporary:
        return tuple(Candidate(user_id=user_id) for user_id in draft.staff)
    crew = duty.on_duty(draft.rota, scene.at, scene.zone)
    terms = {each.user_id: each for each in draft.roster}
    regulars = dict.fromkeys((*draft.staff, *scene.below))
    found = []
    for user_id in dict.fromkeys((*regulars, *draft.backup)):
        own, adds = terms.get(user_id), scene.adds.get(user_id, Adds())
        backup = user_id not in regulars
        off_rota = not backup and crew is not None and user_id not in crew
        found.append(
            Candidate(
                user_id=user_id,
                weight=own.weight if own else 1,
                cap=(own.cap if own else 0) or draft.member_cap,
                today=adds.today,
                lately=adds.lately,
                hindrance=_hinder(user_id, scene) or (OFF_ROTA if off_rota else ""),
                backup=backup,
            )
        )
    return tuple(found)


def _hinder(user_id: str, scene: Scene) -> str:
    member, presence = scene.members.get(user_id), scene.presences.get(user_id)
    if member and not (member.active and member.contactable):
        return GONE
    return OFF_DUTY if presence and presence.off(scene.at) else ""


def _accepts(draft: Draft, at: datetime, zone: ZoneInfo) -> bool:
    """Whether customers are added without confirmation at a moment."""
    return draft.skip_verify and (not draft.accept or any(slots.covers(window, at, zone) for window in draft.accept))


def _next(draft: Draft, scene: Scene, *, rules: Rules) -> datetime | None:
    """When to look again, unless something happens before."""

    def state(moment: datetime) -> tuple[frozenset[str] | None, bool]:
        return duty.on_duty(draft.rota, moment, scene.zone), _accepts(draft, moment, scene.zone)

    moments = [
        duty.next_change((*draft.rota, *draft.accept), state, scene.at, scene.zone),
        begin_day(scene.at, scene.zone, days=1) if draft.counts and rules.taken else None,
        draft.expires_at,
        *(each.until for each in scene.presences.values() if each.off(scene.at)),
    ]
    return min((moment for moment in moments if moment and moment > scene.at), default=None)
