"""What the endpoints of flows take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from console.api.shapes import Answer, Identity, Key, Shape
from sop.reasons import explain

Edition = Annotated[int, Field(ge=1, le=2**31)]
Document = dict[str, Any]
"""A flow as JSON; its schema is at /flows/schema."""


class FlowIn(Shape):
    """A flow as it is written."""

    document: Document


class FlowChange(Shape):
    """A changed draft; `edition` is the one that was read, so that two editors do not overwrite each other."""

    document: Document
    edition: Edition


class Publishing(Shape):
    """What becomes of those who are inside: they follow the new version, or finish theirs."""

    mode: Literal["follow", "finish"]
    edition: Edition


class Entrance(Shape):
    """Customers, or groups, to be put in by hand; `data` is what variables and conditions see of the event."""

    subjects: Annotated[tuple[Key, ...], Field(min_length=1, max_length=10_000)]
    key: str = Field(default="", max_length=200)
    data: dict[str, Any] = Field(default_factory=dict)


class FaultOut(Answer):
    """Something that is wrong with a flow: where, what to do, and whether it cannot be published so."""

    node: str
    field: str
    zh: str
    en: str
    stops: bool


class FlowOut(Answer):
    """A flow: its draft, what is wrong with that, and the version that is published."""

    id: Identity
    name: str
    subject: str
    status: str
    version: int
    edition: int
    document: Document
    faults: tuple[FaultOut, ...]
    created_at: datetime
    changed_at: datetime


class FlowLine(Answer):
    """A flow in a list."""

    id: Identity
    name: str
    subject: str
    status: str
    version: int
    edition: int
    changed_at: datetime


class VersionOut(Answer):
    """A published version."""

    number: int
    document: Document
    digest: str
    mode: str
    by: str
    published_at: datetime


class VersionsOut(Answer):
    """All published versions, the newest first."""

    items: tuple[VersionOut, ...]


class Linted(Answer):
    """What is wrong with a document."""

    faults: tuple[FaultOut, ...]


class OutlookOut(Answer):
    """What publishing the draft means for those at one node, if they follow."""

    node: str
    title: str
    count: int
    fate: str
    to: str


class Outlooks(Answer):
    """Everybody who is inside, node by node."""

    inside: int
    items: tuple[OutlookOut, ...]


class Published(Answer):
    """The version that is out now."""

    version: int


class Taken(Answer):
    """How many were put in: those who may not come in again are left out when they are let in."""

    asked: int


class ReasonOut(Answer):
    """Why, as a code and as a sentence in both languages."""

    code: str
    zh: str
    en: str


class Share(Answer):
    """So many at a node, or ended for a reason."""

    node: str = ""
    status: str
    reason: ReasonOut | None = None
    count: int


class ArmOut(Answer):
    """One arm of an experiment."""

    node: str
    arm: str
    exposed: int
    converted: int


class NumbersOut(Answer):
    """Entered is the sum of those who are parked and those who have ended."""

    entered: int
    parked: int
    ended: int
    items: tuple[Share, ...]
    arms: tuple[ArmOut, ...]


class PlaceOut(Answer):
    """Where somebody is in a flow, or how they ended."""

    id: Identity
    flow_id: Identity
    version: int
    subject: str
    user_id: str
    key: str
    status: str
    node: str
    visit: int
    entered_at: datetime
    node_at: datetime
    due_at: datetime | None
    reason: ReasonOut | None
    ended_at: datetime | None


class StepOut(Answer):
    """A step that was taken, and why it went as it did."""

    node: str
    visit: int
    verdict: str
    reason: ReasonOut
    port: str
    facts: dict[str, Any]
    at: datetime


class WayOut(Answer):
    """Somebody's way through a flow."""

    place: PlaceOut
    steps: tuple[StepOut, ...]


def why(code: str) -> ReasonOut:
    """A reason with its sentences."""
    sentence = explain(code)
    return ReasonOut(code=code, zh=sentence.zh, en=sentence.en)
