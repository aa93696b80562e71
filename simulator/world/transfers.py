"""Customers on their way from one member to another (pages 92125, 94088, 94081, 94082)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

DAY = 86_400.0
WAIT = DAY  # until a transfer takes effect, unless the customer refuses
WINDOW = 90 * DAY
MOST_MOVES = 2  # of one customer of members in service, within the window
YEAR = 365 * DAY
CHINA = 8 * 3600.0  # days begin at midnight there


class Fate(IntEnum):
    """How a transfer stands; the platform's numbers."""

    DONE = 1
    WAITING = 2
    REFUSED = 3
    FULL = 4  # the taker's limit of customers


@dataclass(slots=True)
class Transfer:
    """One customer who is, or was to be, handed over."""

    handover: str
    takeover: str
    external_userid: str
    resigned: bool
    asked_at: float
    message: str = ""
    fate: Fate = Fate.WAITING
    at: float = 0.0  # when it took, or is going to take, effect; 0 when it was refused


@dataclass(frozen=True, slots=True)
class Passed:
    """A group that was given away."""

    chat_id: str
    giver: str
    at: float
    resigned: bool


@dataclass(slots=True)
class Transfers:
    """The transfers of a corp: of each pair of members the newest of each customer, and how often each has moved."""

    passed: list[Passed] = field(default_factory=list)
    _by_pair: dict[tuple[str, str, bool], dict[str, Transfer]] = field(default_factory=dict)
    _waiting: dict[str, Transfer] = field(default_factory=dict)
    _moves: dict[str, list[tuple[str, float, bool]]] = field(default_factory=dict)  # by customer: from whom, when

    def begin(self, transfer: Transfer) -> None:
        """Take a transfer in; the customer is in no other."""
        pair = (transfer.handover, transfer.takeover, transfer.resigned)
        self._by_pair.setdefault(pair, {})[transfer.external_userid] = transfer
        self._waiting[transfer.external_userid] = transfer

    def end(self, transfer: Transfer, fate: Fate, *, at: float) -> None:
        """Note how a transfer ended."""
        transfer.fate = fate
        transfer.at = at if fate is Fate.DONE else 0.0
        self._waiting.pop(transfer.external_userid, None)
        if fate is Fate.DONE:
            self._moves.setdefault(transfer.external_userid, []).append((transfer.handover, at, transfer.resigned))

    def drop(self, transfer: Transfer) -> None:
        """Forget a transfer that came to nothing: no result will ever tell of it."""
        self._waiting.pop(transfer.external_userid, None)
        del self._by_pair[transfer.handover, transfer.takeover, transfer.resigned][transfer.external_userid]

    def waiting(self, external_userid: str) -> Transfer | None:
        """The transfer that a customer is in."""
        return self._waiting.get(external_userid)

    def coming(self, takeover: str) -> int:
        """How many customers are on their way to a member."""
        return sum(one.takeover == takeover for one in self._waiting.values())

    def of_pair(self, handover: str, takeover: str, *, resigned: bool) -> list[Transfer]:
        """The transfers from one member to another, in the order they were first asked for."""
        return list(self._by_pair.get((handover, takeover, resigned), {}).values())

    def moves(self, external_userid: str, *, now: float) -> int:
        """How often members in service have handed a customer over within the window."""
        return sum(at > now - WINDOW and not resigned for _, at, resigned in self._moves.get(external_userid, ()))

    def gave(self, userid: str, external_userid: str) -> bool:
        """Whether a member has once handed this customer over."""
        return any(giver == userid for giver, _, _ in self._moves.get(external_userid, ()))

    def pass_group(self, chat_id: str, giver: str, *, at: float, resigned: bool) -> None:
        """Note that a group was given away by the API."""
        self.passed.append(Passed(chat_id, giver, at, resigned))

    def passes(self, chat_id: str, *, now: float) -> int:
        """How often members in service have given a group away within the window."""
        return sum(one.chat_id == chat_id and one.at > now - WINDOW and not one.resigned for one in self.passed)

    def given_today(self, giver: str, *, now: float) -> int:
        """How many groups one person has given away on this natural day."""
        midnight = now - (now + CHINA) % DAY
        return sum(one.giver == giver and one.at >= midnight for one in self.passed)

    def __iter__(self) -> Iterator[Transfer]:
        for pair in self._by_pair.values():
            yield from pair.values()
