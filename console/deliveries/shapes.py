"""Deliveries and mailings as they stand in JSON."""

from datetime import datetime
from typing import Any, Literal

from console.api.call import Call
from console.api.roles import VEIL, Permission
from console.api.shapes import Answer, Identity, Line, Walk
from console.decisions import Reason
from console.wording import AttachmentOut
from sop.deliveries import Content
from sop.reasons import explain
from storage.deliveries import lists

Delivered = Literal["planned", "tasked", "sent", "failed", "unsent", "cancelled", "skipped"]
Origin = Literal["flow", "broadcast"]


class Words(Answer):
    """What is said."""

    text: str
    attachments: tuple[AttachmentOut, ...]


class Delivery(Answer):
    """One message to one customer or group: planned, tasked, sent, failed, unsent, cancelled or skipped, and why.

    `user_id` sends it; empty where WeCom picks who chatted last and has not told yet. `ordinal` counts the messages of
    the customer or group.
    """

    id: Identity
    kind: str
    subject: str
    ordinal: int | None
    user_id: str
    origin: str
    origin_id: Identity
    node: str
    version: int
    enrolment_id: Identity | None
    arm: str
    topic: str
    status: str
    reason: Reason | None
    transactional: bool
    mailing_id: Identity | None
    due_at: datetime
    at: datetime
    ended_at: datetime | None


class DeliveryDetail(Delivery):
    """With what it says."""

    content: Words


class DeliveryQuery(Walk):
    """Which deliveries."""

    status: Delivered | None = None
    reason: Line = ""


def reason(code: str) -> Reason | None:
    """A reason with its sentences, where there is one."""
    return Reason(code=code, **explain(code)._asdict()) if code else None


def words(call: Call, content: Content) -> Words:
    """A content as it is shown: names are filled in, so that it is for those who see people."""
    if not call.principal.may(Permission.SEE_PEOPLE):
        return Words(text=VEIL, attachments=())
    return Words(text=content.text, attachments=tuple(map(AttachmentOut.model_validate, content.attachments)))


def show(one: lists.Delivery) -> dict[str, Any]:
    """The fields of a delivery."""
    return {name: getattr(one, name) for name in Delivery.model_fields} | {"reason": reason(one.reason)}


def which(call: Call, query: DeliveryQuery, **about: Any) -> lists.Which:
    """What a query means, as far as the caller sees."""
    return lists.Which(status=query.status or "", reason=query.reason, staff=call.principal.staff, **about)
