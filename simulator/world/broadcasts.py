"""Mass messages (企业群发): tasks that members confirm, and what became of them (pages 92135 and 93338)."""

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import IntEnum

from simulator.errors import Refusal
from simulator.world.caps import Intake
from simulator.world.mint import Mint

DISPATCH = 1.0  # seconds in which the records answer 41063
MOST_REMINDERS = 3
DAY = 86_400.0
SINGLE, GROUP = "single", "group"


class Outcome(IntEnum):
    """What became of the message to one customer or group; the platform's numbers."""

    UNSENT = 0
    SENT = 1
    NOT_FRIENDS = 2  # or a group that is not the sender's any more
    OVER_CAP = 3


@dataclass(slots=True)
class Recipient:
    """One customer, or group, of one member's task."""

    id: str  # an external_userid or a chat_id
    outcome: Outcome = Outcome.UNSENT
    at: int = 0


@dataclass(slots=True)
class Task:
    """What one member is asked to confirm; `open`: an owner who was not told for which groups chooses then."""

    userid: str
    recipients: list[Recipient] = field(default_factory=list)
    open: bool = False
    confirmed_at: int = 0

    def count(self) -> dict[str, int]:
        """How many recipients have come to which end."""
        return {name.name.lower(): count for name, count in Counter(one.outcome for one in self.recipients).items()}


@dataclass(slots=True, kw_only=True)
class Broadcast:
    """A mass message with its tasks by member; one that a member made by hand has a creator and no app."""

    msgid: str
    kind: str = SINGLE
    agent_id: int = 0
    creator: str = ""
    created_at: float
    content: dict[str, object]
    tasks: dict[str, Task]
    selectable: bool = False  # members may leave customers out
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

    def cancel(self) -> None:
        """Stop what is not sent yet; 41093 when that was done."""
        if self.cancelled:
            raise Refusal(41093)
        self.cancelled = True


@dataclass(slots=True)
class Broadcasts:
    """All mass messages of a corp, and what customers and groups took in."""

    mint: Mint
    intake: Intake = field(default_factory=Intake)
    by_id: dict[str, Broadcast] = field(default_factory=dict)

    def add(self, broadcast: Broadcast) -> Broadcast:
        """Take in a mass message under the id it has."""
        self.by_id[broadcast.msgid] = broadcast
        return broadcast

    def name(self) -> str:
        """A new msgid."""
        return self.mint.text("msg", 32)

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

    def asked(self, msgid: str, *, now: float) -> Broadcast:
        """Return one that members are asked to confirm; one of a member's own is 41047."""
        broadcast = self.dispatched(msgid, now=now)
        if broadcast.creator:
            raise Refusal(41047)
        return broadcast
