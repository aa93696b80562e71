"""What can be attached to a welcome or a broadcast, as the platform writes it."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import field

from wecom import limits
from wecom.ids import MediaId
from wecom.limits import Limit


class Image(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture: a media id, or else a URL that `media.upload_image` gave."""

    media_id: MediaId = MediaId("")
    picture_url: str = field(default="", name="pic_url")

    def check(self) -> None:
        """One of the two must be given."""
        limits.require("image.media_id / image.pic_url", self.media_id, self.picture_url)


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A web page with its card."""

    title: str
    url: str
    picture_url: str = field(default="", name="picurl")
    description: str = field(default="", name="desc")

    def check(self) -> None:
        """Title and URL are needed; texts are limited in bytes."""
        limits.LINK_TITLE.check(self.title)
        limits.LINK_URL.check(self.url)
        limits.LINK_PICTURE.check(self.picture_url)
        limits.LINK_DESC.check(self.description)


class MiniProgram(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of a mini-program that is linked to the corp."""

    title: str
    picture: MediaId = field(name="pic_media_id")
    app_id: str = field(name="appid")
    page: str

    def check(self) -> None:
        """Everything is needed; the title is limited in bytes."""
        limits.MINI_TITLE.check(self.title)
        limits.require("miniprogram.pic_media_id", self.picture)
        limits.require("miniprogram.appid", self.app_id)
        limits.require("miniprogram.page", self.page)


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """A video."""

    media_id: MediaId

    def check(self) -> None:
        """The media id is needed."""
        limits.require("video.media_id", self.media_id)


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file."""

    media_id: MediaId

    def check(self) -> None:
        """The media id is needed."""
        limits.require("file.media_id", self.media_id)


Attachment = Image | Link | MiniProgram | Video | File
_NAMES: Final[dict[type[Attachment], str]] = {
    Image: "image",
    Link: "link",
    MiniProgram: "miniprogram",
    Video: "video",
    File: "file",
}


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment as a record of the platform shows it; kinds not known here stay empty."""

    msgtype: str
    image: Image | None = None
    link: Link | None = None
    miniprogram: MiniProgram | None = None
    video: Video | None = None
    file: File | None = None

    @property
    def content(self) -> Attachment | None:
        """The attachment itself."""
        return self.image or self.link or self.miniprogram or self.video or self.file


def compose(text: str, attachments: Sequence[Attachment], *, limit: Limit) -> dict[str, object]:
    """The body of a message made of text and attachments, not both empty; raises `OverLimit`."""
    limits.require("text / attachments", text, attachments)
    limit.check(text)
    limits.ATTACHMENTS.check(attachments)
    body: dict[str, object] = {}
    if text:
        body["text"] = {"content": text}
    if attachments:
        body["attachments"] = [_wrap(attachment) for attachment in attachments]
    return body


def name(attachment: Attachment) -> str:
    """The platform's word for the kind of an attachment."""
    return _NAMES[type(attachment)]


def _wrap(attachment: Attachment) -> dict[str, object]:
    attachment.check()
    kind = name(attachment)
    return {"msgtype": kind, kind: attachment}
