"""The steps of the gate that are a matter of time: quiet hours, caps and WeCom's quota, at a moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sop.policy import caps, causes, quiet
from sop.policy.asking import Asking, Name, Standing, Step
from sop.policy.caps import Cap
from sop.policy.rules import Policy
from sop.slots import SHANGHAI


@dataclass(frozen=True, slots=True)
class Timing:
    """One message for one customer; `horizon` is how long it may be held back."""

    asking: Asking
    standing: Standing
    policy: Policy
    horizon: datetime

    def steps(self, at: datetime) -> Iterator[Step]:
        """What they find at a moment, in their order."""
        yield self._quiet(at)
        yield self._flow(at)
        yield self._all(at)
        yield self._quota(at)

    @property
    def _zone(self) -> ZoneInfo:
        return self.standing.zone or self.policy.zone

    def _quiet(self, at: datetime) -> Step:
        until = quiet.opens(self.policy.quiet, at, self._zone, self.policy.patience)
        if until == at:
            return Step("quiet_hours", at, "pass")
        if self.asking.transactional:
            return Step("quiet_hours", at, "bypass", causes.DESPITE[causes.QUIET_HOURS])
        if until is None or until > self.horizon:
            return Step("quiet_hours", at, "skip", causes.NEVER_OPEN)
        return Step("quiet_hours", at, "delay", causes.QUIET_HOURS, until)

    def _flow(self, at: datetime) -> Step:
        cap, own = self.asking.cap, (self.asking.origin, self.asking.origin_id)
        if cap is None or not cap.count:
            return Step("flow_cap", at, "pass")
        days = [each.at for each in self.standing.past if each.counts and (each.origin, each.origin_id) == own]
        return self._capped("flow_cap", at, (cap,), days)

    def _all(self, at: datetime) -> Step:
        wanted = self.policy.group_caps if self.asking.kind == "group" else self.policy.caps
        if not any(cap.count for cap in wanted):
            return Step("global_cap", at, "pass")
        return self._capped("global_cap", at, wanted, [each.at for each in self.standing.past if each.counts])

    def _capped(self, name: Name, at: datetime, wanted: Sequence[Cap], past: Sequence[datetime]) -> Step:
        """The strictest of some caps: one that skips before any that delays, then the one that delays longest."""
        reason = causes.FLOW_CAP if name == "flow_cap" else causes.GLOBAL_CAP
        today, *days = (moment.astimezone(self._zone).date() for moment in (at, *past))
        last = self.horizon.astimezone(self._zone).date()
        free = today
        for cap in wanted:
            found = caps.room(cap, days, today, until=last if cap.over == "delay" else today)
            if found != today and self.asking.transactional:
                return Step(name, at, "bypass", causes.DESPITE[reason])
            if found is None:
                return Step(name, at, "skip", reason)
            free = max(free, found)
        if free == today:
            return Step(name, at, "pass")
        return Step(name, at, "delay", reason, caps.begin(free, self._zone))

    def _quota(self, at: datetime) -> Step:
        quota = self.policy.quota
        today, *days = (
            moment.astimezone(SHANGHAI).date() for moment in (at, *(each.at for each in self.standing.past))
        )
        last = self.horizon.astimezone(SHANGHAI).date() if quota.over == "delay" else today
        free = caps.allowance(quota, days, today, until=last)
        if free is None:
            return Step("quota", at, "skip", causes.QUOTA)
        if free == today:
            return Step("quota", at, "pass")
        return Step("quota", at, "delay", causes.QUOTA, caps.begin(free, SHANGHAI))
