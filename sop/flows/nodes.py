"""The nodes of a flow: what is done, waited for or decided at one step.

`next` names the node that follows; without one the flow is over. Spans of time are ISO 8601 durations (P3D, PT90M).
"""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any, Literal

from msgspec import Struct, field

from sop.intents import Attachment
from sop.schedules import Dated

Tree = dict[str, Any]  # a condition, see `sop.conditions`


class Base(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True, omit_defaults=True):
    """What every node has."""

    title: str = ""  # for people
    next: str = ""

    def ways(self) -> Iterator[tuple[str, str]]:
        """Where it can lead, each by the name of the port; an empty node is the end."""
        yield "next", self.next


class Message(Base, frozen=True, kw_only=True, tag="message"):
    """A message to the customer or into the group, which the member confirms; it passes the contact policy."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    sender: Literal["member", "last_contact"] = "member"
    topic: str = ""  # otherwise the flow's
    transactional: bool = False
    skipped: str = ""  # where those go who do not get it, if not on to `next`

    def ways(self) -> Iterator[tuple[str, str]]:
        """On, or aside."""
        yield "next", self.next
        if self.skipped:
            yield "skipped", self.skipped


class Task(Base, frozen=True, kw_only=True, tag="task"):
    """Something the member is to do, with the message ready to be sent."""

    name: str
    text: str = ""
    due: timedelta = timedelta(0)
    escalate: timedelta | None = None  # after the due time, to the lead
    to: Literal["member", "lead"] = "member"


class Tag(Base, frozen=True, kw_only=True, tag="tag"):
    """Put tags on the customer, or take them off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Change(Base, frozen=True, kw_only=True, tag="field"):
    """Change a field of the customer, such as the stage."""

    name: str
    value: str | int | float | bool | None = None  # None clears it
    plus: float | None = None  # adds to a number instead


class Moment(Base, frozen=True, kw_only=True, tag="moment"):
    """Post a moment by the members of those who come to it: one for each day, however many come."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    tags: tuple[str, ...] = ()  # who may see it; everybody without


class Welcome(Base, frozen=True, kw_only=True, tag="welcome"):
    """What a new customer is greeted with instead of the welcome rule's words; only before anything is waited for."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


class Webhook(Base, frozen=True, kw_only=True, tag="webhook"):
    """Tell another system; `name` is what it is told of, as its requests say."""

    endpoint: int
    name: str = "flow"
    data: dict[str, Any] = field(default_factory=dict)


class Clock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A wall time: the first `at` on one of the weekdays, so many days on; 1 is Monday."""

    at: time
    days: int = 0
    weekdays: tuple[int, ...] = ()


class Occurrence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An event, with what its data must be like; `same` data must be what the enrolment began with: the same order."""

    event: str
    where: Tree = field(default_factory=dict)
    same: tuple[str, ...] = ()


class Wait(Base, frozen=True, kw_only=True, tag="wait"):
    """Wait: for a span, until a wall time, until a day of the customer's, or until something happens or holds.

    The last two end after `within` at the latest, and then go to `timeout` (else to `next`, too).
    """

    span: timedelta | None = field(default=None, name="for")
    until: Clock | None = None
    date: Dated | None = None
    event: Occurrence | None = None
    condition: Tree | None = None
    within: timedelta | None = None
    timeout: str = ""

    def ways(self) -> Iterator[tuple[str, str]]:
        """On, or where it leads when the time is over."""
        yield "next", self.next
        if self.timeout:
            yield "timeout", self.timeout

    @property
    def listens(self) -> bool:
        """Whether something that happens may end it."""
        return self.event is not None or self.condition is not None

    @property
    def takes_time(self) -> bool:
        """Whether it cannot be over as soon as it begins."""
        return self.span is not None or self.until is not None


class Case(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way of a branch."""

    name: str
    condition: Tree = field(name="if")
    next: str = ""


class Branch(Base, frozen=True, kw_only=True, tag="branch"):
    """Go the first way whose condition holds, else to `next`."""

    cases: tuple[Case, ...]

    def ways(self) -> Iterator[tuple[str, str]]:
        """Each case by its name."""
        for case in self.cases:
            yield case.name, case.next
        yield "next", self.next


class Arm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One arm of an experiment; shares are parts of their sum."""

    name: str
    share: int = 1
    next: str = ""
    holdout: bool = False  # leaves the flow, to be compared with


class Split(Base, frozen=True, kw_only=True, tag="split"):
    """Divide at random, the same way each time for the same subject; a promoted arm takes everybody from then on."""

    arms: tuple[Arm, ...]
    salt: str = ""  # by default the flow and the node
    promoted: str = ""

    def ways(self) -> Iterator[tuple[str, str]]:
        """Each arm by its name."""
        for arm in self.arms:
            yield arm.name, "" if arm.holdout else arm.next


class Jump(Base, frozen=True, kw_only=True, tag="jump"):
    """Go back to a node, so often at most; then on to `next`."""

    to: str
    most: int = 1

    def ways(self) -> Iterator[tuple[str, str]]:
        """Back, or on."""
        yield "again", self.to
        yield "next", self.next


class Goal(Base, frozen=True, kw_only=True, tag="goal"):
    """The goal is reached by coming here."""


class Exit(Base, frozen=True, kw_only=True, tag="exit"):
    """Leave the flow."""

    reason: str = ""

    def ways(self) -> Iterator[tuple[str, str]]:
        """Nowhere."""
        yield "next", ""


Node = Message | Task | Tag | Change | Moment | Welcome | Webhook | Wait | Branch | Split | Jump | Goal | Exit
