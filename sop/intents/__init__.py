"""What we want to happen at WeCom: one frozen value per kind of write."""

from typing import Any

import msgspec

from sop.intents.acquisition import CreateLink, DeleteLink, UpdateLink
from sop.intents.base import Intent, Safety
from sop.intents.channels import CreateContactWay, DeleteContactWay, UpdateContactWay
from sop.intents.customers import Attachment, AttachmentKind, MarkTags, SendWelcome, SetRemark
from sop.intents.groups import (
    AddGroupWelcome,
    CreateJoinWay,
    DeleteGroupWelcome,
    DeleteJoinWay,
    EditGroupWelcome,
    UpdateJoinWay,
)
from sop.intents.intercepts import CreateIntercept, DeleteIntercept, UpdateIntercept
from sop.intents.mailings import CancelMailing, MakeMailing, RemindMailing
from sop.intents.materials import UploadMaterial
from sop.intents.moments import CancelMoment, PostMoment, UploadForMoment
from sop.intents.staff import Button, Fact, Prompt, UpdateCard
from sop.intents.tags import AddTags, DeleteTags, EditTag
from sop.intents.transfers import TransferCustomers, TransferGroups
from sop.intents.webhooks import CallWebhook

__all__ = [
    "INTENTS",
    "AddGroupWelcome",
    "AddTags",
    "Attachment",
    "AttachmentKind",
    "Button",
    "CallWebhook",
    "CancelMailing",
    "CancelMoment",
    "CreateContactWay",
    "CreateIntercept",
    "CreateJoinWay",
    "CreateLink",
    "DeleteContactWay",
    "DeleteGroupWelcome",
    "DeleteIntercept",
    "DeleteJoinWay",
    "DeleteLink",
    "DeleteTags",
    "EditGroupWelcome",
    "EditTag",
    "Fact",
    "Intent",
    "MakeMailing",
    "MarkTags",
    "PostMoment",
    "Prompt",
    "RemindMailing",
    "Safety",
    "SendWelcome",
    "SetRemark",
    "TransferCustomers",
    "TransferGroups",
    "UpdateCard",
    "UpdateContactWay",
    "UpdateIntercept",
    "UpdateJoinWay",
    "UpdateLink",
    "UploadForMoment",
    "UploadMaterial",
    "dump",
    "load",
]

INTENTS: dict[str, type[Intent]] = {
    intent.kind: intent
    for intent in (
        SendWelcome, MarkTags, SetRemark, Prompt, UpdateCard,
        CreateContactWay, UpdateContactWay, DeleteContactWay, UploadMaterial,
        AddTags, EditTag, DeleteTags,
        TransferCustomers, TransferGroups, CallWebhook,
        CreateJoinWay, UpdateJoinWay, DeleteJoinWay, AddGroupWelcome, EditGroupWelcome, DeleteGroupWelcome,
        UploadForMoment, PostMoment, CancelMoment,
        CreateLink, UpdateLink, DeleteLink, CreateIntercept, UpdateIntercept, DeleteIntercept,
        MakeMailing, RemindMailing, CancelMailing,
    )
}  # fmt: skip


def dump(intent: Intent) -> str:
    """The stored form of an intent."""
    return msgspec.json.encode(intent).decode()


def load(kind: str, body: str) -> Any:
    """The intent of its stored form; KeyError for a kind this program doesn't know."""
    return msgspec.json.decode(body, type=INTENTS[kind])
