"""Moments as they stand in JSON."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from console.api.shapes import Answer, DepartmentNumber, Identity, Key, Name, Shape, Text
from console.wording import AttachmentIn, AttachmentOut, read_attachments, show_attachments
from sop.moments import Draft
from sop.reasons import explain
from storage.moments import Moment
from storage.moments.parts import Numbers

_MOST = 100
_Attachments = Annotated[tuple[AttachmentIn, ...], Field(max_length=_MOST)]
_Users = Annotated[tuple[Key, ...], Field(max_length=100_000)]
_Departments = Annotated[tuple[DepartmentNumber, ...], Field(max_length=1000)]
_Tags = Annotated[tuple[Key, ...], Field(max_length=_MOST)]


class MomentIn(Shape):
    """A moment: text, up to nine pictures or a video or a link (its `material` is the cover), by whom and for whom.

    Without users and departments all members publish it, with tags those who have a customer that carries one of them;
    with tags only such customers see it. `due_at`: when it is posted; without, once it is submitted (and approved).
    """

    name: Name
    text: Text = ""
    attachments: _Attachments = ()
    users: _Users = ()
    departments: _Departments = ()
    tags: _Tags = ()
    due_at: AwareDatetime | None = None


class MomentChange(Shape):
    """What is to be different; what is left out stays. `due_at` given as null takes the time away."""

    name: Name | None = None
    text: Text | None = None
    attachments: _Attachments | None = None
    users: _Users | None = None
    departments: _Departments | None = None
    tags: _Tags | None = None
    due_at: AwareDatetime | None = None


class Counts(Answer):
    """How many members stand how, how many customers can see it, and what they made of it."""

    wanted: int = 0
    asked: int = 0
    published: int = 0
    missed: int = 0
    left_out: int = 0
    cancelled: int = 0
    audience: int = 0
    likes: int = 0
    comments: int = 0


class MomentOut(Answer):
    """A moment.

    `status`: draft, waiting (for approval), approved (waits for its time), posting, unknown (no answer came: it is
    looked for, not posted again), making, live, ended, refused, failed, cancelled.
    """

    id: Identity
    name: str
    text: str
    attachments: tuple[AttachmentOut, ...]
    departments: tuple[int, ...]
    tags: tuple[str, ...]
    due_at: datetime | None
    status: str
    cancelling: bool
    author: str
    approver: str
    version: int
    moment_id: str | None
    code: int
    reason: str
    reason_zh: str
    reason_en: str
    said: str
    invalid: dict[str, Any]
    posted_at: datetime | None
    looked_at: datetime | None
    reminders: int
    created_at: datetime
    changed_at: datetime
    ended_at: datetime | None


class MomentDetail(MomentOut):
    """A moment with its numbers; those who are named are at /moments/{id}/members."""

    counts: Counts


def read_draft(body: MomentIn) -> Draft:
    """A moment as the rules take it."""
    values = body.model_dump(exclude={"attachments"})
    return Draft(**values, attachments=read_attachments(body.attachments))


def merge(moment: Draft, body: MomentChange) -> Draft:
    """What is written of a moment after a change."""
    names = ("name", "text", "attachments", "users", "departments", "tags", "due_at")
    values = {name: getattr(moment, name) for name in names}
    for name in body.model_fields_set:
        given = getattr(body, name)
        if given is None and name != "due_at":
            continue
        values[name] = read_attachments(given) if name == "attachments" else given
    return Draft(**values)


def show(moment: Moment) -> dict[str, Any]:
    """The fields of a moment; what became of it in words."""
    plain = MomentOut.model_fields.keys() - {"attachments", "moment_id", "reason_zh", "reason_en", "status"}
    words = explain(moment.reason) if moment.reason else ("", "")
    return {
        **{name: getattr(moment, name) for name in plain},
        "status": moment.status.value,
        "attachments": show_attachments(moment.attachments),
        "moment_id": moment.moment_id or None,
        "reason_zh": words[0],
        "reason_en": words[1],
    }


def count(numbers: Numbers) -> Counts:
    """The numbers of a moment."""
    states = {state.value: number for state, number in numbers.states.items()}
    return Counts(**states, audience=numbers.audience, likes=numbers.likes, comments=numbers.comments)
