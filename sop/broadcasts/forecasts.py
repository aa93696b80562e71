"""What a run would come to: messages, tasks, who has to confirm how many on which day, and who is left out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sop.broadcasts.document import Broadcast
from sop.broadcasts.plans import Judged, kind, personal
from sop.deliveries.workload import tasks
from sop.policy import Delay
from sop.reasons import Skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What was found of `looked` targets out of `size`; numbers are of all of them, reckoned up where it was fewer.

    `confirmations` are by member and day; without a member: WeCom picks who chatted last.
    """

    size: int
    looked: int
    messages: int
    mailings: int
    delayed: Mapping[str, int]
    skipped: Mapping[str, int]
    confirmations: Mapping[tuple[str, date], int]
    days: Mapping[date, int]
    bytes: int

    @property
    def exact(self) -> bool:
        """Whether everybody was looked at."""
        return self.looked >= self.size


def forecast(judged: Iterable[Judged], broadcast: Broadcast, *, size: int, looked: int, zone: ZoneInfo) -> Forecast:
    """Add up what the gate said of some of the targets."""
    scale = size / looked if looked else 0.0
    skipped, delayed, days = Counter[str](), Counter[str](), Counter[date]()
    alike: defaultdict[tuple[str, date], Counter[int]] = defaultdict(Counter)
    contents: dict[tuple[str, int], int] = {}
    longest = 0
    for message, verdict, _ in judged:
        if isinstance(verdict, Skip):
            skipped[verdict.reason] += 1
            continue
        at = message.due_at
        if isinstance(verdict, Delay):
            delayed[verdict.reason] += 1
            at = verdict.until
        day = at.astimezone(zone).date()
        days[day] += 1
        number = contents.setdefault((message.content.text, id(message.content.attachments)), len(contents))
        alike[message.user_id, day][number] += 1
        longest = max(longest, len(message.content.text.encode(errors="replace")))
    own = any(map(personal, broadcast.contents))
    confirmations = {
        key: _grown(len(counts), scale)
        if own
        else sum(tasks(_grown(count, scale), kind(broadcast)) for count in counts.values())
        for key, counts in alike.items()
    }
    return Forecast(
        size=size,
        looked=looked,
        messages=_grown(days.total(), scale),
        mailings=sum(confirmations.values()),
        delayed={reason: _grown(count, scale) for reason, count in delayed.items()},
        skipped={reason: _grown(count, scale) for reason, count in skipped.items()},
        confirmations=confirmations,
        days={day: _grown(count, scale) for day, count in sorted(days.items())},
        bytes=longest,
    )


def _grown(count: int, scale: float) -> int:
    return round(count * scale)
