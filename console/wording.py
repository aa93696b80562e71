"""The parts that welcomes are made of, as they stand in JSON: attachments and slots."""

from datetime import date, time
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from console.shapes import Answer, Identity, Line, Shape, Text
from sop import greeting, intents
from sop.intents import AttachmentKind

Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Weekday = Annotated[int, Field(ge=1, le=7)]
Address = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00-\x20\x7f]*$")]
_MOST = 100  # of anything in a list; the limits of the rules are below


class AttachmentIn(Shape):
    """One attachment; which fields it has depends on its kind. `material` is the id of an uploaded one."""

    kind: AttachmentKind
    material: Identity | None = None
    title: Line = ""
    url: Address = ""
    picture: Address = ""
    description: Text = ""
    app_id: Line = ""
    page: Address = ""


class SlotIn(Shape):
    """What is said instead while a window is open: from ≤ now < to on the weekdays (1 is Monday) and dates given."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_by_alias=True)

    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    start: Clock = Field(default="00:00", alias="from")
    end: Clock = Field(default="24:00", alias="to")
    since: date | None = None
    until: date | None = None
    text: Text = ""
    attachments: Annotated[tuple[AttachmentIn, ...], Field(max_length=_MOST)] = ()


class AttachmentOut(Answer):
    """One attachment; empty fields are those its kind does not have."""

    kind: str
    material: str
    title: str
    url: str
    picture: str
    description: str
    app_id: str
    page: str


class SlotOut(Answer):
    """What is said instead while a window is open."""

    weekdays: tuple[int, ...]
    start: str = Field(serialization_alias="from")
    end: str = Field(serialization_alias="to")
    since: date | None
    until: date | None
    text: str
    attachments: tuple[AttachmentOut, ...]


def read_attachments(given: tuple[AttachmentIn, ...]) -> tuple[intents.Attachment, ...]:
    """Attachments as the rules take them."""
    return tuple(
        intents.Attachment(
            **each.model_dump(exclude={"material"}), material="" if each.material is None else str(each.material)
        )
        for each in given
    )


def read_slots(given: tuple[SlotIn, ...]) -> tuple[greeting.Slot, ...]:
    """Slots as the rules take them."""
    return tuple(
        greeting.Slot(
            weekdays=each.weekdays,
            start=_read_time(each.start),
            end=_read_time(each.end),
            since=each.since,
            until=each.until,
            text=each.text,
            attachments=read_attachments(each.attachments),
        )
        for each in given
    )


def show_attachments(stored: tuple[intents.Attachment, ...]) -> tuple[AttachmentOut, ...]:
    """Attachments as they stand in JSON."""
    return tuple(AttachmentOut.model_validate(each) for each in stored)


def show_slots(stored: tuple[greeting.Slot, ...]) -> tuple[SlotOut, ...]:
    """Slots as they stand in JSON."""
    return tuple(
        SlotOut(
            weekdays=each.weekdays,
            start=f"{each.start:%H:%M}",
            end=f"{each.end:%H:%M}" if each.end != time(0) else "24:00",
            since=each.since,
            until=each.until,
            text=each.text,
            attachments=show_attachments(each.attachments),
        )
        for each in stored
    )


def _read_time(clock: str) -> time:
    """24:00 is the midnight at the end of a day, which the rules call 00:00."""
    return time(0) if clock == "24:00" else time.fromisoformat(clock)
