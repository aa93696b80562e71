"""Approvals move on, in the platform's approval app and in our own app's engine (page 91815)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from wecom.events.facts import Event, choice, fact
from wecom.ids import AgentId, DepartmentId, UserId

Status = Literal["open", "approved", "rejected", "revoked", "revoked_after", "deleted", "paid", "other"]
Decision = Literal[
    "open", "agreed", "rejected", "transferred", "returned", "signer_added", "agreed_and_added", "handled",
    "forwarded", "other",
]  # fmt: skip
Change = Literal[
    "submitted", "agreed", "rejected", "transferred", "urged", "revoked", "revoked_after", "commented",
    "returned", "approver_added", "agreed_and_added", "handled", "forwarded", "other",
]  # fmt: skip
Rule = Literal["any", "all", "in_turn", "other"]
NodeRole = Literal["approver", "copied", "handler", "other"]
Appointed = Literal["member", "tag", "superior", "other"]

_STATUSES: dict[str, Status] = {
    "1": "open", "2": "approved", "3": "rejected", "4": "revoked", "6": "revoked_after", "7": "deleted",
    "10": "paid",
}  # fmt: skip
_DECISIONS: dict[str, Decision] = {
    "1": "open", "2": "agreed", "3": "rejected", "4": "transferred", "11": "returned", "12": "signer_added",
    "13": "agreed_and_added", "14": "handled", "15": "forwarded",
}  # fmt: skip
_CHANGES: dict[str, Change] = {
    "1": "submitted", "2": "agreed", "3": "rejected", "4": "transferred", "5": "urged", "6": "revoked",
    "8": "revoked_after", "10": "commented", "11": "returned", "12": "approver_added",
    "13": "agreed_and_added", "14": "handled", "15": "forwarded",
}  # fmt: skip
_ROLES: dict[str, NodeRole] = {"1": "approver", "2": "copied", "3": "handler"}
_APPOINTED: dict[str, Appointed] = {"1": "member", "2": "tag", "3": "superior"}
_RECORD_RULES: dict[str, Rule] = {"1": "any", "2": "all"}
_NODE_RULES: dict[str, Rule] = {"1": "all", "2": "any", "3": "in_turn"}  # the platform counts the other way

_NOBODY = UserId("")
_status = choice(_STATUSES, other="other")
_decision = choice(_DECISIONS, other="other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one person decided, or has yet to decide while `at` is None."""

    user_id: Annotated[UserId, "Approver/UserId|UserInfo/UserId|ItemUserId"] = _NOBODY
    name: Annotated[str, "ItemName"] = ""
    decision: Annotated[Decision, "SpYj|SpStatus|ItemStatus", _decision] = "other"
    speech: Annotated[str, "Speech|ItemSpeech"] = ""
    at: Annotated[datetime | None, "SpTime|Sptime|ItemOpTime"] = None
    media_ids: Annotated[tuple[str, ...], "MediaIds|Attach"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One step of an approval, as the platform wrote it before steps became nodes."""

    status: Annotated[Decision, "SpStatus", _decision] = "other"
    rule: Annotated[Rule, "ApproverAttr", choice(_RECORD_RULES, other="other")] = "other"
    opinions: Annotated[tuple[Opinion, ...], "Details"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One node of an approval's process."""

    role: Annotated[NodeRole, "NodeType", choice(_ROLES, other="other")] = "other"
    status: Annotated[Decision, "SpStatus", _decision] = "other"
    rule: Annotated[Rule, "ApvRel", choice(_NODE_RULES, other="other")] = "other"
    opinions: Annotated[tuple[Opinion, ...], "SubNodeList"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A remark on an approval."""

    comment_id: Annotated[str, "CommentId"] = ""
    user_id: Annotated[UserId, "CommentUserInfo/UserId"] = _NOBODY
    at: Annotated[datetime | None, "CommentTime"] = None
    content: Annotated[str, "CommentContent"] = ""
    attachments: Annotated[tuple[str, ...], "Attach"] = ()


@fact("event/sys_approval_change")
class ApprovalChanged(Event):
    """Somebody did `change` to an approval of the approval app, which is now in `status`."""

    number: Annotated[str, "ApprovalInfo/SpNoStr|ApprovalInfo/SpNo"]
    name: Annotated[str, "ApprovalInfo/SpName"] = ""
    status: Annotated[Status, "ApprovalInfo/SpStatus", _status] = "other"
    change: Annotated[Change, "ApprovalInfo/StatuChangeEvent", choice(_CHANGES, other="other")] = "other"
    template_id: Annotated[str, "ApprovalInfo/TemplateId"] = ""
    applied: Annotated[datetime | None, "ApprovalInfo/ApplyTime"] = None
    applicant: Annotated[UserId, "ApprovalInfo/Applyer/UserId"] = _NOBODY
    department_id: Annotated[DepartmentId | None, "ApprovalInfo/Applyer/Party"] = None
    records: Annotated[tuple[Record, ...], "ApprovalInfo/SpRecord"] = ()
    notified: Annotated[tuple[UserId, ...], "ApprovalInfo/Notifyer/UserId"] = ()
    stages: Annotated[tuple[Stage, ...], "ApprovalInfo/ProcessList/NodeList"] = ()
    comments: Annotated[tuple[Comment, ...], "ApprovalInfo/Comments"] = ()
    agent_id: Annotated[AgentId | None, "AgentID"] = None

    @property
    def key(self) -> str:
        """Events of one approval run in order."""
        return f"approval:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of our own approval: whom it was put to, by which rule, and what they said."""

    status: Annotated[Decision, "NodeStatus", _decision] = "other"
    rule: Annotated[Rule, "NodeAttr", choice(_RECORD_RULES, other="other")] = "other"
    appointed: Annotated[Appointed, "NodeType", choice(_APPOINTED, other="other")] = "other"
    opinions: Annotated[tuple[Opinion, ...], "Items/Item"] = ()


@fact("event/open_approval_change")
class OwnApprovalChanged(Event):
    """An approval of our own app's engine moved on; `number` is ours, `step` counts from 0."""

    number: Annotated[str, "ApprovalInfo/ThirdNo"]
    name: Annotated[str, "ApprovalInfo/OpenSpName"] = ""
    status: Annotated[Status, "ApprovalInfo/OpenSpStatus", _status] = "other"
    template_id: Annotated[str, "ApprovalInfo/OpenTemplateId"] = ""
    applied: Annotated[datetime | None, "ApprovalInfo/ApplyTime"] = None
    applicant: Annotated[UserId, "ApprovalInfo/ApplyUserId"] = _NOBODY
    applicant_name: Annotated[str, "ApprovalInfo/ApplyUserName"] = ""
    department: Annotated[str, "ApprovalInfo/ApplyUserParty"] = ""
    image_url: Annotated[str, "ApprovalInfo/ApplyUserImage"] = ""
    steps: Annotated[tuple[Step, ...], "ApprovalInfo/ApprovalNodes/ApprovalNode"] = ()
    notified: Annotated[tuple[UserId, ...], "ApprovalInfo/NotifyNodes/NotifyNode/ItemUserId"] = ()
    step: Annotated[int | None, "ApprovalInfo/approverstep"] = None
    agent_id: Annotated[AgentId | None, "AgentID"] = None

    @property
    def key(self) -> str:
        """Events of one approval run in order."""
        return f"approval:{self.number}"
