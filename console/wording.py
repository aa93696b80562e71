"""The parts that welcomes are made of, as they stand in JSON: attachments and slots."""

from typing import Annotated

from pydantic import Field, StringConstraints

from console.api.shapes import Answer, Identity, Line, Shape, Text
from console.windows import WindowIn, WindowOut, read_window, show_window
from sop import greeting, intents
from sop.intents import AttachmentKind

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


class SlotIn(WindowIn):
    """What is said instead while a window is open: from ≤ now < to on the weekdays (1 is Monday) and dates given."""

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


class SlotOut(WindowOut):
    """What is said instead while a window is open."""

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
        greeting.Slot(**read_window(each), text=each.text, attachments=read_attachments(each.attachments))
        for each in given
    )


def show_attachments(stored: tuple[intents.Attachment, ...]) -> tuple[AttachmentOut, ...]:
    """Attachments as they stand in JSON."""
    return tuple(AttachmentOut.model_validate(each) for each in stored)


def show_slots(stored: tuple[greeting.Slot, ...]) -> tuple[SlotOut, ...]:
    """Slots as they stand in JSON."""
    return tuple(
        SlotOut(**show_window(each), text=each.text, attachments=show_attachments(each.attachments)) for each in stored
    )
