"""Members use an app, and the platform opens, closes or restricts it (page 90240)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from wecom.events.facts import Event, choice, fact
from wecom.ids import AgentId, UserId

PictureSource = Literal["camera", "camera_or_album", "album", "other"]

_PICTURES: dict[str, PictureSource] = {
    "pic_sysphoto": "camera",
    "pic_photo_or_album": "camera_or_album",
    "pic_weixin": "album",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEvent(Event):
    """Something about our app as such."""

    agent_id: Annotated[AgentId | None, "AgentID"] = None

    @property
    def key(self) -> str:
        """Events of one app run in order."""
        return f"app:{self.agent_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvent(AppEvent):
    """A member did something with our app; `event_key` is the key of the menu button, if any."""

    user_id: Annotated[UserId, "FromUserName"]
    event_key: Annotated[str, "EventKey"] = ""

    @property
    def key(self) -> str:
        """What one member does runs in order."""
        return f"staff:{self.user_id}"


@fact("event/subscribe")
class AppSubscribed(MemberEvent):
    """A member came into the range in which the app is visible."""


@fact("event/unsubscribe")
class AppUnsubscribed(MemberEvent):
    """A member left the app's range or the corp, or was disabled."""


@fact("event/enter_agent")
class AppEntered(MemberEvent):
    """A member opened the app."""


@fact("event/location")
class LocationReported(MemberEvent):
    """A member's position in degrees, `precision` in metres; `app_type` is empty in the WeChat plugin."""

    latitude: Annotated[float | None, "Latitude"] = None
    longitude: Annotated[float | None, "Longitude"] = None
    precision: Annotated[float | None, "Precision"] = None
    app_type: Annotated[str, "AppType"] = ""


@fact("event/click")
class MenuClicked(MemberEvent):
    """A member pressed the menu button `event_key`."""


@fact("event/view")
class MenuLinkOpened(MemberEvent):
    """A member followed a menu button to a page; `event_key` is its URL."""


@fact("event/view_miniprogram")
class MenuProgramOpened(MemberEvent):
    """A member followed a menu button to a mini program; `event_key` is the page's path."""


@fact("event/scancode_push", "event/scancode_waitmsg")
class CodeScanned(MemberEvent):
    """A member scanned a code from the menu; `awaited` when the client waits for our answer."""

    scan_type: Annotated[str, "ScanCodeInfo/ScanType"] = ""
    result: Annotated[str, "ScanCodeInfo/ScanResult"] = ""
    awaited: Annotated[bool, "Event|InfoType", choice({"scancode_waitmsg": True}, other=False)] = False


@fact("event/pic_sysphoto", "event/pic_photo_or_album", "event/pic_weixin")
class PicturesPicked(MemberEvent):
    """A member took or chose pictures from the menu; they follow as messages with these MD5 sums."""

    source: Annotated[PictureSource, "Event|InfoType", choice(_PICTURES, other="other")] = "other"
    count: Annotated[int, "SendPicsInfo/Count"] = 0
    md5_sums: Annotated[tuple[str, ...], "SendPicsInfo/PicList/item/PicMd5Sum"] = ()


@fact("event/location_select")
class LocationPicked(MemberEvent):
    """A member chose a place from the menu, in degrees."""

    latitude: Annotated[float | None, "SendLocationInfo/Location_X"] = None
    longitude: Annotated[float | None, "SendLocationInfo/Location_Y"] = None
    scale: Annotated[int | None, "SendLocationInfo/Scale"] = None
    label: Annotated[str, "SendLocationInfo/Label"] = ""
    place: Annotated[str, "SendLocationInfo/Poiname"] = ""


@fact("event/share_agent_change", "event/share_chain_change")
class AppShared(AppEvent):
    """The app was shared with downstream corps, or taken back from them."""


@fact("event/inactive_alert")
class SuspensionWarned(AppEvent):
    """The app will be suspended for disuse."""

    effective: Annotated[datetime | None, "EffectTime"] = None


@fact("event/close_inactive_agent")
class AppSuspended(AppEvent):
    """The app was suspended for disuse."""


@fact("event/reopen_inactive_agent")
class AppReopened(AppEvent):
    """The suspended app works again."""


@fact("event/low_active_alert")
class RestrictionWarned(AppEvent):
    """Access to customer data will be restricted for low activity."""

    effective: Annotated[datetime | None, "EffectTime"] = None


@fact("event/low_active")
class AccessRestricted(AppEvent):
    """Customer data of inactive members is closed to us: calls answer 48011."""


@fact("event/active_restored")
class AccessRestored(AppEvent):
    """Customer data is open to us again."""
