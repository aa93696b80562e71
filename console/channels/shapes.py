"""A channel as it stands in JSON: what is written of it, and what is shown."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from console.api.shapes import Answer, DepartmentNumber, Identity, Key, Line, Name, Shape, Text
from console.windows import WindowIn, WindowOut, read_window, show_window
from console.wording import AttachmentIn, AttachmentOut, SlotIn, read_attachments
from sop import visits
from sop.channels import LONGEST, Draft
from sop.channels.assignment import Strategy, Terms
from sop.channels.duty import Shift
from sop.conclusions import Conclusion
from sop.slots import Window
from storage import channels

_MOST = 200  # of anything in a list; the limits of the rules are below
_Keys = Annotated[tuple[Key, ...], Field(max_length=_MOST)]
_Departments = Annotated[tuple[DepartmentNumber, ...], Field(max_length=_MOST)]
_Cap = Annotated[int, Field(ge=0, le=100_000)]
_Weight = Annotated[int, Field(ge=1, le=100)]
_Seconds = Annotated[int, Field(ge=0, le=LONGEST)]
_NULLABLE = ("folder", "conclusion", "expires_at")


class TermsIn(Shape):
    """What holds for one member: the weight, and the most adds in a day (0: as for everyone)."""

    user_id: Key
    weight: _Weight = 1
    cap: _Cap = 0


class ShiftIn(WindowIn):
    """Who is on duty when: these, or without names everyone; nobody when closed. Shifts with dates override others."""

    staff: _Keys = ()
    closed: bool = False


_Windows = Annotated[tuple[WindowIn, ...], Field(max_length=_MOST)]
_Roster = Annotated[tuple[TermsIn, ...], Field(max_length=_MOST)]
_Rota = Annotated[tuple[ShiftIn, ...], Field(max_length=_MOST)]


class ChannelWelcome(Shape):
    """What customers who come through the channel are told; becomes a welcome rule of its own."""

    text: Text = ""
    attachments: Annotated[tuple[AttachmentIn, ...], Field(max_length=_MOST)] = ()
    slots: Annotated[tuple[SlotIn, ...], Field(max_length=100)] = ()


class ConclusionIn(Shape):
    """What the customer is told when a temporary chat ends: a text, and one picture, link or mini-program."""

    text: Text = ""
    attachment: AttachmentIn | None = None


class NewChannel(Shape):
    """Whom a scan leads to, and what is done with those who come. Remark and description may use {channel}, {customer}.

    With `accept`, customers are added without confirmation only in these windows. `strategy` says how adds are shared
    out: `any` (WeCom picks among those on duty), `even`, `weighted`, or by remaining `capacity`. Caps are adds in a
    day, 0 for any number. `backup` stands in when nobody else can be reached. `temporary` is WeCom's temporary code, of
    one member, in seconds (medical corps only); a chat that began by it ends after `session` seconds, with the
    `conclusion`. `expires_at` is when any other code is archived by itself.
    """

    name: Name
    staff: _Keys = ()
    departments: _Departments = ()
    tags: _Keys = ()
    remark: Line = ""
    description: Line = ""
    skip_verify: bool = True
    accept: _Windows = ()
    strategy: Strategy = "any"
    cap: _Cap = 0
    member_cap: _Cap = 0
    roster: _Roster = ()
    rota: _Rota = ()
    backup: _Keys = ()
    folder: Identity | None = None
    exclusive: bool = False
    temporary: _Seconds = 0
    session: _Seconds = 0
    conclusion: ConclusionIn | None = None
    expires_at: AwareDatetime | None = None
    welcome: ChannelWelcome | None = None


class ChannelChange(Shape):
    """What is to be different; what is left out stays. Its welcome is changed at /welcomes."""

    name: Name | None = None
    staff: _Keys | None = None
    departments: _Departments | None = None
    tags: _Keys | None = None
    remark: Line | None = None
    description: Line | None = None
    skip_verify: bool | None = None
    accept: _Windows | None = None
    strategy: Strategy | None = None
    cap: _Cap | None = None
    member_cap: _Cap | None = None
    roster: _Roster | None = None
    rota: _Rota | None = None
    backup: _Keys | None = None
    folder: Identity | None = Field(default=None, description="null takes the channel out of its folder")
    exclusive: bool | None = None
    temporary: _Seconds | None = None
    session: _Seconds | None = None
    conclusion: ConclusionIn | None = None
    expires_at: AwareDatetime | None = Field(default=None, description="null lets the channel live for ever")


class ConclusionOut(Answer):
    """What the customer is told when a temporary chat ends."""

    text: str
    attachment: AttachmentOut | None


class TermsOut(Answer):
    """What holds for one member."""

    user_id: str
    weight: int
    cap: int


class ShiftOut(WindowOut):
    """Who is on duty when."""

    staff: tuple[str, ...]
    closed: bool


class Channel(Answer):
    """A channel. `config_id` and `qr_code` are null until WeCom has made the code; `reason` says why it did not.

    `page` is the address to hand out: it shows the code on a phone and counts visits.

    `mode` says whom it shows now: its `staff`, the `backup`, or the `last` who could be reached.
    """

    id: Identity
    name: str
    state: str
    status: str
    reason: str
    config_id: str | None
    qr_code: str | None
    page: str
    staff: tuple[str, ...]
    departments: tuple[int, ...]
    tags: tuple[str, ...]
    remark: str
    description: str
    skip_verify: bool
    accept: tuple[WindowOut, ...]
    strategy: str
    cap: int
    member_cap: int
    roster: tuple[TermsOut, ...]
    rota: tuple[ShiftOut, ...]
    backup: tuple[str, ...]
    folder: Identity | None
    exclusive: bool
    temporary: int
    session: int
    conclusion: ConclusionOut | None
    expires_at: datetime | None
    mode: str
    version: int
    customers: int
    adds: int
    created_at: datetime
    changed_at: datetime


def read_draft(given: NewChannel) -> Draft:
    """A new channel as the rules take it."""
    return Draft(**_read({name: value for name, value in given if name != "welcome"}))


def read_change(given: ChannelChange, before: Draft) -> Draft:
    """A channel with what is to be different."""
    values = {field.name: getattr(before, field.name) for field in fields(Draft)}
    told = {name: value for name, value in given if value is not None}
    told |= {name: getattr(given, name) for name in _NULLABLE if name in given.model_fields_set}
    return Draft(**values | _read(told))


def show_channel(channel: channels.Channel, counts: dict[int, tuple[int, int]], *, site: str) -> Channel:
    """A channel with how many came through it, and its page on our site."""
    customers, adds = counts.get(channel.id, (0, 0))
    made: dict[str, Any] = {
        "config_id": channel.config_id or None,
        "qr_code": channel.qr_code or None,
        "page": f"{site}/c/{visits.slug(channel.state)}",
        "folder": channel.folder_id,
        "accept": tuple(WindowOut(**show_window(each)) for each in channel.accept),
        "roster": tuple(TermsOut.model_validate(each) for each in channel.roster),
        "rota": tuple(ShiftOut(**show_window(each), staff=each.staff, closed=each.closed) for each in channel.rota),
        "conclusion": ConclusionOut.model_validate(channel.conclusion) if channel.conclusion else None,
        "customers": customers,
        "adds": adds,
    }
    return Channel(**{name: getattr(channel, name) for name in Channel.model_fields if name not in made} | made)


def _read(given: dict[str, Any]) -> dict[str, Any]:
    values = {"folder_id" if name == "folder" else name: value for name, value in given.items()}
    if "accept" in values:
        values["accept"] = tuple(Window(**read_window(each)) for each in values["accept"])
    if (told := values.get("conclusion")) is not None:
        attached = read_attachments((told.attachment,))[0] if told.attachment else None
        values["conclusion"] = Conclusion(text=told.text, attachment=attached)
    if "roster" in values:
        values["roster"] = tuple(Terms(**dict(each)) for each in values["roster"])
    if "rota" in values:
        values["rota"] = tuple(
            Shift(**read_window(each), staff=each.staff, closed=each.closed) for each in values["rota"]
        )
    return values
