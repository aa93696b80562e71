"""Mass messages (企业群发): tasks that members confirm, and what became of them (pages 92135 and 93338)."""

from calendar import monthrange
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum

from simulator.errors import Refusal
from simulator.world.mint import Mint

CHINA = timezone(timedelta(hours=8))
DISPATCH = 1.0  # seconds in which the records answer 41063
MOST_REMINDERS = 3
DAY = 86_400.0


class Outcome(IntEnum):
    """What became of the message to one customer; the platform's numbers."""

    UNSENT = 0
    SENT = 1
    NOT_FRIENDS = 2
    OVER_CAP = 3


@dataclass(slots=True)
class Recipient:
    """One customer of one member's task."""

    external_userid: str
    outcome: Outcome = Outcome.UNSENT
    at: int = 0


@dataclass(slots=True)
class Task:
    """What one member is asked to confirm."""

    userid: str
    recipients: list[Recipient]
    confirmed_at: int = 0


@dataclass(slots=True)
class Broadcast:
    """A mass message with its tasks by member."""

    msgid: str
    agent_id: int
    created_at: float
    content: dict[str, object]
    tasks: dict[str, Task]
    cancelled: bool = False
    reminders: deque[float] = field(default_factory=deque)

    def remind(self, *, now: float) -> None:
        """Count a reminder: 41093 when cancelled, 41094 for the fourth within 24 hours."""
        if self.cancelled:
            raise Refusal(41093)
        while self.reminders and self.reminders[0] <= now - DAY:
            self.reminders.popleft()
        if len(self.reminders) >= MOST_REMINDERS:
            raise Refusal(41094)
        self.reminders.append(now)


@dataclass(slots=True)
class Broadcasts:
    """All mass messages of a corp, and how many each customer got in which month."""

    mint: Mint
    by_id: dict[str, Broadcast] = field(default_factory=dict)
    _received: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def create(self, agent_id: int, content: dict[str, object], tasks: dict[str, Task], *, now: float) -> Broadcast:
        """Take in a mass message."""
        broadcast = Broadcast(self.mint.text("msg", 32), agent_id, now, content, tasks)
        self.by_id[broadcast.msgid] = broadcast
        return broadcast

    def dispatched(self, msgid: str, *, now: float) -> Broadcast:
        """Return one whose tasks stand: 41046, 41047, or 41063 right after its creation."""
        broadcast = self.find(msgid)
        if now < broadcast.created_at + DISPATCH:
            raise Refusal(41063)
        return broadcast

    def find(self, msgid: str) -> Broadcast:
        """Return a mass message, or refuse with 41046 or 41047."""
        if not msgid:
            raise Refusal(41046)
        if msgid not in self.by_id:
            raise Refusal(41047)
        return self.by_id[msgid]

    def allow(self, external_userid: str, *, now: float) -> bool:
        """Count one message of this month, unless as many as the month has days have arrived (page 92135)."""
        today = datetime.fromtimestamp(now, UTC).astimezone(CHINA)
        key = (external_userid, today.year, today.month)
        if self._received.get(key, 0) >= monthrange(today.year, today.month)[1]:
            return False
        self._received[key] = self._received.get(key, 0) + 1
        return True
