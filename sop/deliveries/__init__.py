"""Deliveries: one message to one customer or group, from when it is wanted until it has arrived or has not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from sop.intents import Attachment

GATHER = timedelta(seconds=3)
"""How long what is due waits for what becomes due with it, so that both go in one task."""

Kind = Literal["single", "group"]  # to a customer, to a group
Origin = Literal["flow", "broadcast"]


class Status(StrEnum):
    """How a delivery stands."""

    PLANNED = "planned"  # has passed the policy, waits to be put into a mailing
    TASKED = "tasked"  # in a mailing, which a member has to confirm
    SENT = "sent"
    FAILED = "failed"  # WeCom could not, or would not, bring it
    UNSENT = "unsent"  # nobody confirmed it in time
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # the policy was against it


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is said, with everything filled in that differs between customers."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as somebody wants it; `effect` is unique per corp: the same one wanted twice is one."""

    kind: Kind
    subject: str  # external user id or chat id
    user_id: str = ""  # who sends it; without one WeCom picks who chatted last
    content: Content
    origin: Origin
    origin_id: int
    node: str = ""  # of the flow
    version: int = 0  # of the flow or the broadcast
    enrolment_id: int | None = None
    arm: str = ""  # of an experiment
    topic: str = ""  # what customers can opt out of
    transactional: bool = False  # bypasses the policy
    effect: str
    due_at: datetime


def gathered_at(due_at: datetime) -> datetime:
    """When what is due then is gathered: at the second next beat, so that all of one beat go together."""
    beats = int(due_at.timestamp() // GATHER.total_seconds()) + 2
    return datetime.fromtimestamp(beats * GATHER.total_seconds(), UTC)
