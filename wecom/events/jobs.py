"""Long work at the platform is done, and live broadcasts begin and end (pages 90973, 94145)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from wecom.events.facts import Event, choice, fact
from wecom.ids import AgentId, UserId

LivingStatus = Literal["scheduled", "live", "ended", "cancelled", "other"]

_LIVING: dict[str, LivingStatus] = {"0": "scheduled", "1": "live", "2": "ended", "4": "cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent(Event):
    """Something about one asynchronous job."""

    job_id: Annotated[str, "BatchJob/JobId|JobId"]

    @property
    def key(self) -> str:
        """Events of one job run in order."""
        return f"job:{self.job_id}"


@fact("event/batch_job_result")
class JobFinished(JobEvent):
    """An import or export of the address book is done; `error_code` 0 is success.

    `job_type` is one of sync_user, replace_user, invite_user, replace_party, export_user,
    export_simple_user, export_department and export_tag.
    """

    job_type: Annotated[str, "BatchJob/JobType"] = ""
    error_code: Annotated[int | None, "BatchJob/ErrCode"] = None
    error_message: Annotated[str, "BatchJob/ErrMsg"] = ""


@fact("event/upload_media_job_finish")
class UploadFinished(JobEvent):
    """An upload by URL is done; how it ended must be asked for."""


@fact("event/living_status_change")
class LivingChanged(Event):
    """A live broadcast that we created by API has another status; its expiry is not told."""

    living_id: Annotated[str, "LivingId"]
    status: Annotated[LivingStatus, "Status", choice(_LIVING, other="other")] = "other"
    user_id: Annotated[UserId, "FromUserName"] = UserId("")
    agent_id: Annotated[AgentId | None, "AgentID"] = None

    @property
    def key(self) -> str:
        """Events of one broadcast run in order."""
        return f"living:{self.living_id}"


@fact("event/msgaudit_notify")
class MessagesArchived(Event):
    """New messages wait in the archive; told at most every 15 seconds and without a cursor (page 95039)."""

    agent_id: Annotated[AgentId | None, "AgentID"] = None

    @property
    def key(self) -> str:
        """The archive is pulled by one at a time."""
        return "archive"
