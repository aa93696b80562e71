"""What the endpoints of broadcasts take and answer."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from console.api.shapes import Answer, Identity, Line, Name, Shape

Edition = Annotated[int, Field(ge=1, le=2**31 - 1)]
RunNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
Document = dict[str, Any]
"""A broadcast as JSON; its schema is at /broadcasts/schema."""


class BroadcastIn(Shape):
    """A broadcast as it is written."""

    document: Document


class BroadcastChange(Shape):
    """What it says now; `edition` is the one that was read, so that two editors do not overwrite each other."""

    document: Document
    edition: Edition


class Decided(Shape):
    """Which edition is meant: what is approved is what was read."""

    edition: Edition
    note: Line = ""


class Noted(Shape):
    """Why, for those who look at it later."""

    note: Line = ""


class Copying(Shape):
    """What the copy is called, if not the same."""

    name: Name | None = None


class Chosen(Shape):
    """Which variant the rest of the audience gets."""

    variant: Name


class ApprovalShape(Shape):
    """When approval is needed: with an audience of `above` or more (null: never), by how many people."""

    above: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    approvers: Annotated[int, Field(ge=1, le=5)] = 1


class ApprovalOut(Answer):
    """When approval is needed, and by how many people."""

    above: int | None
    approvers: int


class ActOut(Answer):
    """Somebody did something with it."""

    what: str
    who: str
    note: str
    edition: int
    at: datetime


class BroadcastLine(Answer):
    """A broadcast in a list; `next_at` is when its next run goes out."""

    id: Identity
    name: str
    kind: str
    status: str
    edition: int
    size: int | None
    runs: int
    next_at: datetime | None
    created_at: datetime
    changed_at: datetime


class BroadcastOut(BroadcastLine):
    """A broadcast; `approved` is how many have approved what it says now, of `approvers` who have to."""

    document: Document
    sentence: str
    approvers: int
    approved: int
    acts: tuple[ActOut, ...]


class BroadcastSchema(Answer):
    """A JSON schema."""

    document: dict[str, Any]
