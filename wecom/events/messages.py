"""Members write to our app (page 90239); media can be fetched for three days."""

from dataclasses import dataclass
from typing import Annotated

from wecom.events.facts import Event, fact
from wecom.ids import AgentId, MediaId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent(Event):
    """A message of one member; `msg_id` is a 64-bit number, kept as text."""

    user_id: Annotated[UserId, "FromUserName"]
    msg_id: Annotated[str, "MsgId"] = ""
    agent_id: Annotated[AgentId | None, "AgentID"] = None

    @property
    def key(self) -> str:
        """Messages of one member run in order."""
        return f"staff:{self.user_id}"


@fact("text")
class TextReceived(MessageEvent):
    """A member wrote."""

    content: Annotated[str, "Content"] = ""


@fact("image")
class ImageReceived(MessageEvent):
    """A member sent a picture."""

    media_id: Annotated[MediaId, "MediaId"] = MediaId("")
    picture_url: Annotated[str, "PicUrl"] = ""


@fact("voice")
class VoiceReceived(MessageEvent):
    """A member spoke; `format` is `amr` or `speex`."""

    media_id: Annotated[MediaId, "MediaId"] = MediaId("")
    format: Annotated[str, "Format"] = ""


@fact("video")
class VideoReceived(MessageEvent):
    """A member sent a video."""

    media_id: Annotated[MediaId, "MediaId"] = MediaId("")
    thumb_media_id: Annotated[MediaId, "ThumbMediaId"] = MediaId("")


@fact("location")
class LocationReceived(MessageEvent):
    """A member sent a place, in degrees."""

    latitude: Annotated[float | None, "Location_X"] = None
    longitude: Annotated[float | None, "Location_Y"] = None
    scale: Annotated[int | None, "Scale"] = None
    label: Annotated[str, "Label"] = ""
    app_type: Annotated[str, "AppType"] = ""


@fact("link")
class LinkReceived(MessageEvent):
    """A member forwarded a page."""

    title: Annotated[str, "Title"] = ""
    description: Annotated[str, "Description"] = ""
    url: Annotated[str, "Url"] = ""
    picture_url: Annotated[str, "PicUrl"] = ""
