"""What a moment (客户朋友圈) shows, and whom it is for, as the platform writes it (page 95094)."""

from typing import Final

import msgspec
from msgspec import field

from wecom import limits
from wecom.errors import OverLimit
from wecom.ids import DepartmentId, MediaId, TagId, UserId


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, uploaded as an attachment for moments."""

    media_id: MediaId


class Film(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A video of at most 30 seconds, uploaded as an attachment for moments."""

    media_id: MediaId
    cover: MediaId = field(default=MediaId(""), name="thumb_media_id")  # in records only


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A web page with its cover; records do not tell the cover."""

    url: str
    title: str = ""
    media_id: MediaId = MediaId("")


Attachment = Picture | Film | Link
_NAMES: Final[dict[type[Attachment], str]] = {Picture: "image", Film: "video", Link: "link"}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be published by whom, for whom.

    Without users and departments every member whom the app sees is asked, or with tags each who has a customer with one
    of them. With tags only customers who carry one can see it. Attachments are of one kind: up to nine pictures, or
    one film, or one page.
    """

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    users: tuple[UserId, ...] = ()
    departments: tuple[DepartmentId, ...] = ()
    tags: tuple[TagId, ...] = ()

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse."""
        limits.require("text / attachments", self.text, self.attachments)
        limits.MOMENT_TEXT.check(self.text)
        limits.MOMENT_SENDERS.check(self.users)
        kinds = {type(one) for one in self.attachments}
        if len(kinds) > 1:
            raise OverLimit("attachments", 1, len(kinds), zh="附件只能有一种", en="attachments must be of one kind")
        limits.MOMENT_PICTURES.check(self.attachments)
        if kinds - {Picture} and len(self.attachments) > 1:
            raise OverLimit("attachments", 1, len(self.attachments), zh="视频或链接只能有一个", en="one film or page")
        for one in self.attachments:
            _check(one)


def _check(attachment: Attachment) -> None:
    match attachment:
        case Link():
            limits.LINK_URL.check(attachment.url)
            limits.MOMENT_LINK_TITLE.check(attachment.title)
            limits.require("link.media_id", attachment.media_id)
        case Picture() | Film():
            limits.require(f"{_NAMES[type(attachment)]}.media_id", attachment.media_id)


def describe(moment: Moment) -> dict[str, object]:
    """The body that asks for a moment."""
    body: dict[str, object] = {}
    if moment.text:
        body["text"] = {"content": moment.text}
    if moment.attachments:
        body["attachments"] = [{"msgtype": (kind := _NAMES[type(one)]), kind: one} for one in moment.attachments]
    seen: dict[str, object] = {}
    if moment.users or moment.departments:
        senders = {"user_list": moment.users, "department_list": moment.departments}
        seen["sender_list"] = {name: those for name, those in senders.items() if those}
    if moment.tags:
        seen["external_contact_list"] = {"tag_list": moment.tags}
    return body | ({"visible_range": seen} if seen else {})
