"""What apps sent to members, cards that can be clicked, and the codes that update them (page 90236)."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from simulator.errors import Refusal
from simulator.world.mint import Mint

PER_MINUTE = 30
PER_HOUR = 1000
MINUTE = 60.0
HOUR = 3600.0
CODE_LIFETIME = 72 * HOUR
RECALL_WITHIN = 24 * HOUR
KEPT = 200  # messages per member
REMEMBERED = 100_000  # messages, codes and repetitions of a corp, so that a world can run for long
K = TypeVar("K")
V = TypeVar("V")
URL = 1  # the type of a button that opens an address
INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")


@dataclass(slots=True)
class Message:
    """One sending of an app, as each of its members sees it."""

    msgid: str
    agent_id: int
    kind: str
    content: dict[str, object]
    at: float
    userids: list[str]
    recalled: bool = False
    updates: dict[str, dict[str, object]] = field(default_factory=dict)  # userid -> button or new card

    @property
    def task_id(self) -> str:
        """The card's own id, chosen by the app."""
        return str(self.content.get("task_id", ""))

    def shown(self, userid: str) -> dict[str, object]:
        """Return what this member sees now: another card in its place, or the card with its buttons greyed."""
        change = self.updates.get(userid, {})
        return change if "card_type" in change else {**self.content, **change}

    def keys(self, userid: str) -> set[str]:
        """What this member can still press: buttons of a card whose buttons are not greyed, and entries of its menu."""
        card = self.shown(userid)
        found = _keys(card.get("action_menu"), "action_list")
        if "button" in card:
            return found
        return found | _keys(card, "button_list") | _keys({"submit": [card.get("submit_button")]}, "submit")


@dataclass(slots=True)
class ResponseCode:
    """Allows one update of a card."""

    message: Message
    issued_at: float
    used: bool = False


@dataclass(slots=True)
class Mailroom:
    """Messages, inboxes, and the limits of what one member gets from one app."""

    mint: Mint
    messages: dict[str, Message] = field(default_factory=dict)
    codes: dict[str, ResponseCode] = field(default_factory=dict)
    inboxes: dict[str, deque[Message]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=KEPT)))
    _tasks: dict[tuple[int, str], Message] = field(default_factory=dict)
    _received: dict[tuple[int, str], deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _seen: dict[tuple[int, bytes], float] = field(default_factory=dict)

    def repeats(self, agent_id: int, digest: bytes, *, interval: float, now: float) -> bool:
        """Whether the same message went out within the interval (enable_duplicate_check)."""
        key = (agent_id, digest)
        _forget(self._seen)
        if now < self._seen.get(key, 0.0):
            return True
        self._seen[key] = now + interval
        return False

    def send(self, message: Message) -> Message:
        """Put a message into inboxes; what is over a member's rate is dropped without a word."""
        message.userids = [one for one in message.userids if self._takes(message.agent_id, one, message.at)]
        for userid in message.userids:
            self.inboxes[userid].append(message)
        _forget(self.messages)
        _forget(self._tasks)
        self.messages[message.msgid] = message
        if message.task_id:
            self._tasks[message.agent_id, message.task_id] = message
        return message

    def carded(self, agent_id: int, task_id: str) -> Message | None:
        """Return the card with this task_id, unique in its app."""
        return self._tasks.get((agent_id, task_id))

    def issue(self, message: Message, *, now: float) -> str:
        """Give out a code that allows one update of the card within 72 hours."""
        _forget(self.codes)
        code = self.mint.text("rc", 40)
        self.codes[code] = ResponseCode(message, now)
        return code

    def updatable(self, code: str, agent_id: int, *, now: float) -> Message:
        """Return the code's card: 60140 when unknown, used or too old, 42015 when another app sent it."""
        found = self.codes.get(code)
        if found is None or found.used or now >= found.issued_at + CODE_LIFETIME:
            raise Refusal(60140)
        if found.message.agent_id != agent_id:
            raise Refusal(42015)
        return found.message

    def update(self, code: str, change: dict[str, dict[str, object]]) -> None:
        """Show members (by userid) a changed card, and use the code up."""
        found = self.codes[code]
        found.used = True
        found.message.updates.update(change)

    def recall(self, msgid: str, agent_id: int, *, now: float) -> None:
        """Take a message back: 40058 for another app's or an unknown one, 42052 after 24 hours."""
        message = self.messages.get(msgid)
        if message is None or message.agent_id != agent_id:
            raise Refusal(40058, "msgid")
        if now >= message.at + RECALL_WITHIN:
            raise Refusal(42052)
        message.recalled = True

    def of(self, userid: str) -> Iterator[Message]:
        """Walk a member's inbox, oldest first."""
        return iter(self.inboxes.get(userid, ()))

    def _takes(self, agent_id: int, userid: str, now: float) -> bool:
        times = self._received[agent_id, userid]
        while times and times[0] <= now - HOUR:
            times.popleft()
        minute = sum(1 for at in reversed(times) if at > now - MINUTE) if len(times) >= PER_MINUTE else 0
        if len(times) >= PER_HOUR or minute >= PER_MINUTE:
            return False
        times.append(now)
        return True


def _keys(block: object, name: str) -> set[str]:
    """The keys of buttons that call back, in a list of a block."""
    found = block.get(name) if isinstance(block, dict) else None
    return {
        str(one["key"]) for one in found or () if isinstance(one, dict) and one.get("type") != URL and one.get("key")
    }


def _forget(remembered: dict[K, V]) -> None:
    """Make room by dropping the oldest."""
    if len(remembered) >= REMEMBERED:
        del remembered[next(iter(remembered))]
