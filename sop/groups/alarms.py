"""Alarms about customer groups: what is one, and how it is told to those who can do something about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop.groups.codes import SEATS as SCAN_SEATS
from sop.intents import Prompt
from sop.prompts import Voice
from sop.reasons import define
from sop.removals import Notice, burst
from sop.texts import clean

SEATS = 500
RELIEF = 10  # percent below the threshold at which a full group may be an alarm once more

ALARM_FULL = define("alarm_full", "客户群接近人数上限", "The group is nearly full")
ALARM_LEAVING = define("alarm_leaving", "短时间内多人退群", "Many leave the group in a short time")
ALARM_JOINING = define("alarm_joining", "短时间内大量进群，疑似广告", "Many join in a short time: it may be spam")
ALARM_MANY = define("alarm_many", "同一客户加入了过多群", "One customer is in many groups")
ALARM_OWNER = define("alarm_owner", "群主离职，客户群待继承", "The owner has left: the groups need another one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When something is an alarm; operators may set each."""

    full_percent: int = 90  # of the 200 seats for who scans, and of the 500 in all
    leaves: int = 10  # within
    leave_minutes: int = 10
    joins: int = 20  # within
    join_seconds: int = 60
    groups: int = 5  # a customer in more than so many


def near(members: int, thresholds: Thresholds) -> dict[str, int]:
    """The limits that a group is near, by the kind of the alarm."""
    limits = {"near_scan": SCAN_SEATS, "near_full": SEATS}
    return {kind: most for kind, most in limits.items() if members * 100 >= most * thresholds.full_percent}


def relieved(members: int, thresholds: Thresholds) -> tuple[str, ...]:
    """The alarms that may be given again, since the group has become emptier."""
    limits = {"near_scan": SCAN_SEATS, "near_full": SEATS}
    least = thresholds.full_percent - RELIEF
    return tuple(kind for kind, most in limits.items() if members * 100 < most * least)


def rush(moments: Sequence[datetime], *, most: int, within: timedelta) -> int:
    """How many moved at the end of these moments within so short a time; 0 when that is no alarm."""
    return burst(moments, moments[-1], most=most, within=within) if moments else 0


def tell_full(group: str, members: int, most: int, voice: Voice, *, notice: Notice) -> Prompt:
    """A group is near one of its limits."""
    kind = "group.scan" if most == SCAN_SEATS else "group.full"
    return _prompt(kind, group, voice, notice=notice, count=members, most=most)


def tell_rush(kind: str, group: str, count: int, within: timedelta, voice: Voice, *, notice: Notice) -> Prompt:
    """Many have left (`leaving`) or joined (`joining`) in a short time."""
    return _prompt(f"group.{kind}", group, voice, notice=notice, count=count, seconds=int(within.total_seconds()))


def tell_many(customer: str, groups: Sequence[str], voice: Voice, *, notice: Notice) -> Prompt:
    """A customer is in many groups."""
    name = clean(customer) or voice.say("somebody")
    return _prompt("group.many", name, voice, notice=notice, count=len(groups))


def tell_owner(staff: str, count: int, voice: Voice, *, notice: Notice) -> Prompt:
    """The owner of groups has left the corp."""
    return _prompt("group.owner", staff, voice, notice=notice, count=count)


def _prompt(kind: str, name: str, voice: Voice, *, notice: Notice, **values: int) -> Prompt:
    shown = clean(name) or voice.say("group.unnamed")
    return Prompt(
        users=notice.users,
        title=voice.say(f"{kind}.title", name=shown),
        text=voice.say(f"{kind}.text", name=shown, **values),
        facts=(voice.fact("count", str(values["count"])),),
        url=notice.url,
        cause=notice.cause,
    )
