"""How a member and a customer stand: a fold over the facts between them, whatever order they came in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

NEAR = timedelta(minutes=1)  # an add, and when WeCom says the relation began, are seconds apart
SKEW = timedelta(seconds=1)  # WeCom's moments are whole seconds, ours are not


class Deed(StrEnum):
    """What can happen to a relation."""

    HALF_ADDED = "half_added"  # by the customer, not confirmed by the member yet
    FOUND = "found"  # it was there before we knew of it
    ADDED = "added"
    RETURNED = "returned"  # added again
    REPLIED = "replied"
    LOST = "lost"  # the customer removed the member
    REMOVED = "removed"  # the member removed the customer
    MOVED = "moved"  # handed over to another member


class Status(StrEnum):
    """How a relation stands."""

    ACTIVE = "active"
    HALF = "half"
    LOST = "lost"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of a relation; adds say where the customer came from."""

    deed: Deed
    at: datetime
    state: str = ""
    channel_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a relation stands after all known facts; `adds` counts visits, a half add and its add being one."""

    status: Status
    adds: int
    first_added_at: datetime
    added_at: datetime  # the latest add
    ended_at: datetime | None = None
    replied_at: datetime | None = None
    changed_at: datetime  # of the newest fact that says how it stands
    state: str = ""
    channel_id: int | None = None
    firm: bool = False  # the latest visit was confirmed, so that a further add is a new one
    found: bool = False  # the moment of the latest visit is one that a reading found, not that of an event


OPENING = {
    Deed.HALF_ADDED: Status.HALF,
    Deed.FOUND: Status.ACTIVE,
    Deed.ADDED: Status.ACTIVE,
    Deed.RETURNED: Status.ACTIVE,
}
ENDING = {Deed.LOST: Status.LOST, Deed.REMOVED: Status.REMOVED, Deed.MOVED: Status.MOVED}
_RANK = {deed: rank for rank, deed in enumerate(Deed)}  # facts of one second


def fold(facts: Iterable[Fact]) -> Standing:
    """How the relation stands; ValueError when there is no fact."""
    standing: Standing | None = None
    for fact in sorted(set(facts), key=_order):
        standing = _begin(fact) if standing is None else _apply(standing, fact)
    if standing is None:
        raise ValueError("a relation of which nothing is known does not exist")
    return standing


def visits(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The first add of each visit, oldest first, with where the customer came from as far as its adds tell."""
    standing: Standing | None = None
    found: list[Fact] = []
    for fact in sorted(set(facts), key=_order):
        before, standing = standing, _begin(fact) if standing is None else _apply(standing, fact)
        if standing.adds > (before.adds if before else 0):
            found.append(fact)
        elif fact.deed in OPENING:
            found[-1] = replace(found[-1], state=standing.state, channel_id=standing.channel_id)
    return tuple(found)


def _order(fact: Fact) -> tuple[datetime, int, str, int]:
    return fact.at, _RANK[fact.deed], fact.state, fact.channel_id or 0


def _begin(fact: Fact) -> Standing:
    """An add makes the relation; anything else says that an add was missed."""
    blank = Standing(
        status=Status.ACTIVE, adds=0, first_added_at=fact.at, added_at=fact.at, changed_at=fact.at, firm=True
    )
    return _apply(blank, fact)


def _apply(before: Standing, fact: Fact) -> Standing:
    if fact.deed is Deed.REPLIED:
        return replace(before, replied_at=fact.at)
    if fact.deed in ENDING:
        ended_at = before.ended_at or fact.at
        return replace(before, status=ENDING[fact.deed], ended_at=ended_at, changed_at=fact.at)
    again = not _same_visit(before, fact)
    found = fact.deed is Deed.FOUND
    return replace(
        before,
        status=OPENING[fact.deed],
        adds=before.adds + again,
        first_added_at=before.first_added_at if before.adds else fact.at,
        added_at=before.added_at if found and not again and before.firm else fact.at,
        ended_at=None,
        changed_at=fact.at,
        state=fact.state or ("" if again else before.state),
        channel_id=fact.channel_id or (None if again else before.channel_id),
        firm=fact.deed is not Deed.HALF_ADDED,
        found=found and (again or not before.firm),
    )


def _same_visit(before: Standing, fact: Fact) -> bool:
    """Whether an add confirms the last one; after a confirmed one, or an end, it is a new visit."""
    if not before.adds or before.ended_at is not None:
        return False
    if not before.firm or fact.at == before.added_at:
        return True
    return (before.found or fact.deed is Deed.FOUND) and fact.at - before.added_at <= NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a reading showed of a pair: asked for at `asked`, together since `added_at`, or not together (None)."""

    asked: datetime
    added_at: datetime | None


def learn(status: Status, added_at: datetime, changed_at: datetime, *, sight: Sight) -> Fact | None:
    """What a reading tells beyond what is held of a relation; None where it tells nothing, or is older than that.

    `added_at` and `changed_at` are those of `Standing`. An event always wins over what was asked for before it. WeCom
    goes on to show the member a customer who has left, until the member removes them, and never shows a half add.
    """
    before = sight.asked.replace(microsecond=0) - SKEW  # an event of this second or later is newer than the reading
    shown = sight.added_at
    if shown is None:
        missed = status in (Status.ACTIVE, Status.LOST) and changed_at < before
        return Fact(deed=Deed.REMOVED, at=before) if missed else None
    match status:
        case Status.ACTIVE:
            return Fact(deed=Deed.FOUND, at=shown) if shown > added_at + NEAR else None
        case Status.LOST:
            return Fact(deed=Deed.FOUND, at=shown) if shown > changed_at else None
        case Status.HALF if shown == changed_at:
            return Fact(deed=Deed.FOUND, at=shown)
        case _:
            since = shown if shown > changed_at else before
            return Fact(deed=Deed.FOUND, at=since) if since > changed_at else None
