"""Customer groups begin, change and end (page 92130); new names and owners must be read by API."""

from dataclasses import dataclass
from typing import Annotated, Literal

from wecom.events.facts import Event, choice, fact
from wecom.ids import ChatId

JoinScene = Literal["invited", "scanned", "other"]
LeaveScene = Literal["left", "removed", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEvent(Event):
    """Something about one customer group."""

    chat_id: Annotated[ChatId, "ChatId"]

    @property
    def key(self) -> str:
        """Events of one group run in order."""
        return f"group:{self.chat_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEvent(GroupEvent):
    """Members came or went.

    `members` (userids and external userids) may be applied to a list of version `last_version`, which
    makes it `version`; with any other version the list must be read anew. Captures from before
    November 2023 have only `count`.
    """

    members: Annotated[tuple[str, ...], "MemChangeList/Item"] = ()
    count: Annotated[int, "MemChangeCnt"] = 0
    last_version: Annotated[str, "LastMemVer"] = ""
    version: Annotated[str, "CurMemVer"] = ""


@fact("event/change_external_chat/create")
class GroupCreated(GroupEvent):
    """A customer group was founded."""


@fact("event/change_external_chat/update")
class GroupChanged(GroupEvent):
    """A customer group changed in a way that has no name here; `detail` is the platform's word."""

    detail: Annotated[str, "UpdateDetail"] = ""


@fact("event/change_external_chat/update/add_member")
class GroupJoined(MembershipEvent):
    """Members came into a group."""

    scene: Annotated[JoinScene, "JoinScene", choice({"0": "invited", "3": "scanned"}, other="other")] = "other"


@fact("event/change_external_chat/update/del_member")
class GroupLeft(MembershipEvent):
    """Members left a group or were removed."""

    scene: Annotated[LeaveScene, "QuitScene", choice({"0": "left", "1": "removed"}, other="other")] = "other"


@fact("event/change_external_chat/update/change_owner")
class GroupOwnerChanged(GroupEvent):
    """A group has a new owner."""


@fact("event/change_external_chat/update/change_name")
class GroupRenamed(GroupEvent):
    """A group has a new name."""


@fact("event/change_external_chat/update/change_notice")
class GroupNoticeChanged(GroupEvent):
    """A group has a new notice."""


@fact("event/change_external_chat/dismiss")
class GroupDismissed(GroupEvent):
    """A group was dissolved."""
