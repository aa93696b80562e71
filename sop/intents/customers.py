"""What is done for a customer: the welcome, tags, the remark."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sop.intents.base import Intent, Safety

AttachmentKind = Literal["image", "link", "miniprogram", "video", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One attachment of a welcome; `media_id` is filled from the uploaded material before the intent is made."""

    kind: AttachmentKind
    material: str = ""  # id of an uploaded material (image, video, file, cover of a mini-program)
    media_id: str = ""
    title: str = ""
    url: str = ""
    picture: str = ""  # URL
    description: str = ""
    app_id: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWelcome(Intent):
    """Greet a new customer with the code of the callback."""

    kind = "send_welcome"
    safety = Safety.SINGLE_USE

    code: str = field(repr=False)
    user_id: str
    external_user_id: str
    text: str
    attachments: tuple[Attachment, ...] = ()

    @property
    def effect(self) -> str:
        """One welcome per welcome code; the code itself is a credential and stays out of names."""
        return f"welcome:{hashlib.sha256(self.code.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTags(Intent):
    """Put tags on a customer for one member of staff, or take them off."""

    kind = "mark_tags"

    user_id: str
    external_user_id: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    rule: str = ""  # who wants it, with the version: channel:7@2, rule:9@1; without it an operator does
    source: str = ""  # staff, import …, where the rule does not say it
    evidence: dict[str, Any] = field(default_factory=dict)  # why
    expires_at: datetime | None = None
    cause: str  # what makes this marking a new one, such as the event's id

    @property
    def effect(self) -> str:
        """One marking per relation and cause."""
        return f"tags:{self.external_user_id}:{self.user_id}:{self.cause}"

    @property
    def lane(self) -> str:
        """WeCom refuses parallel writes to one customer (45035)."""
        return f"customer:{self.external_user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRemark(Intent):
    """Set a member's remark for a customer; empty fields are left alone."""

    kind = "set_remark"

    user_id: str
    external_user_id: str
    remark: str = ""
    description: str = ""
    cause: str

    @property
    def effect(self) -> str:
        """One change per relation and cause."""
        return f"remark:{self.external_user_id}:{self.user_id}:{self.cause}"

    @property
    def lane(self) -> str:
        """WeCom refuses parallel writes to one customer (45035)."""
        return f"customer:{self.external_user_id}"
