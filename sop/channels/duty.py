"""Who is on duty: by the rota of a code, and by what members say of themselves."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sop import slots
from sop.limits import Violation
from sop.reasons import define
from sop.slots import Window

SWITCHED = define("switched", "员工上班或下班", "A member went on or off duty")
HORIZON = 8  # days in which everything weekly has changed, if it ever does
_UNDATED, _OPEN_ENDED = 10**6, 10**5  # days: wider than any span of dates

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Window):
    """When some are on duty. On each day those shifts govern whose dates span the fewest days: so dates override weeks.

    A closed shift means nobody, and wins over the others of its day: a holiday, a lunch break.
    """

    staff: tuple[str, ...] = ()  # user ids; empty is everyone whom the code leads to
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What a member has said: off duty until then, or until they say otherwise; on duty means as the rota has it."""

    user_id: str
    on: bool = True
    since: datetime | None = None
    until: datetime | None = None  # of being off
    by: str = ""  # who said it: the member, or an operator's token

    def off(self, at: datetime) -> bool:
        """Whether the member is off duty by their own word."""
        return not self.on and (self.until is None or at < self.until)


def on_duty(rota: Sequence[Shift], at: datetime, zone: ZoneInfo) -> frozenset[str] | None:
    """Whom the rota has on duty at a moment; None is everyone. Without a rota everyone always is."""
    if not rota:
        return None
    days: dict[date, list[Shift]] = {}
    for shift in rota:
        day = slots.day_of(shift, at, zone)
        if day is not None:
            days.setdefault(day, []).append(shift)
    crew: set[str] = set()
    for day, running in days.items():
        governing = _govern(rota, day)
        counting = [shift for shift in running if shift in governing]
        if any(shift.closed for shift in counting):
            continue
        if any(not shift.staff for shift in counting):
            return None
        crew.update(name for shift in counting for name in shift.staff)
    return frozenset(crew)


def next_change(
    windows: Sequence[Window], state: Callable[[datetime], T], after: datetime, zone: ZoneInfo
) -> datetime | None:
    """When the state that follows from windows is another one than now; None when it never is.

    Dates further away than the horizon are looked at again when the horizon is reached.
    """
    now = state(after)
    moments = slots.edges(windows, after, zone, days=HORIZON)
    for moment in moments:
        if state(moment) != now:
            return moment
    today = after.astimezone(zone).date()
    dated = any(
        (window.since and window.since > today) or (window.until and window.until >= today) for window in windows
    )
    return moments[-1] if dated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """How the rotas of all their codes have a member: on duty now, until then or from then on; None is open-ended."""

    on: bool
    until: datetime | None = None


def hours(user_id: str, rotas: Sequence[Sequence[Shift]], at: datetime, zone: ZoneInfo) -> Hours | None:
    """Until when a member is on duty by any rota, else from when; None when no code has the member at all."""
    if not rotas:
        return None

    def on(moment: datetime) -> bool:
        crews = (on_duty(rota, moment, zone) for rota in rotas)
        return any(crew is None or user_id in crew for crew in crews)

    windows = [shift for rota in rotas for shift in rota]
    return Hours(on=on(at), until=next_change(windows, on, at, zone))


def check(rota: Iterable[Shift], *, known: frozenset[str] | None) -> list[Violation]:
    """What is wrong with a rota; `known` are the members of the code, None where departments make them unknown."""
    found = []
    for number, shift in enumerate(rota):
        field = f"rota.{number}"
        found += slots.check(field, shift)
        strange = sorted(set(shift.staff) - known) if known is not None else []
        found += [
            Violation(f"{field}.staff", f"{name} 不在渠道员工中", f"{name} is not among the code's staff")
            for name in strange
        ]
        if shift.closed and shift.staff:
            found.append(Violation(f"{field}.staff", "休息时段不需要员工", "a closed shift names nobody"))
    return found


def _govern(rota: Iterable[Shift], day: date) -> list[Shift]:
    """The shifts of a day with the narrowest dates."""
    fitting = [shift for shift in rota if slots.includes(shift, day)]
    narrowest = min(map(_span, fitting), default=0)
    return [shift for shift in fitting if _span(shift) == narrowest]


def _span(shift: Shift) -> int:
    if shift.since and shift.until:
        return (shift.until - shift.since).days
    return _OPEN_ENDED if shift.since or shift.until else _UNDATED
