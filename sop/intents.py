"""What we want to happen at WeCom: one frozen value per kind of write, with how safely it can be tried again."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Literal

import msgspec

AttachmentKind = Literal["image", "link", "miniprogram", "video", "file"]


class Safety(Enum):
    """What may be done when nobody knows whether an attempt was performed."""

    IDEMPOTENT = "idempotent"  # the second time changes nothing: try again freely
    SINGLE_USE = "single use"  # WeCom itself refuses the second: try again inside the deadline
    KEYED = "keyed"  # WeCom or a look-up recognises the second by its key: try again with the same key
    UNKEYED = "unkeyed"  # nothing recognises a second: ask WeCom what exists, never send again blindly


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
class Intent:
    """The base: `effect` happens at most once per corp, intents of one `lane` are performed one at a time."""

    kind: ClassVar[str] = ""
    safety: ClassVar[Safety] = Safety.IDEMPOTENT

    @property
    def effect(self) -> str:
        """The name of what happens, unique per corp."""
        raise NotImplementedError

    @property
    def lane(self) -> str:
        """What must not be written concurrently; by default only this effect itself."""
        return self.effect


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
        """One welcome per welcome code."""
        return f"welcome:{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTags(Intent):
    """Put tags on a customer for one member of staff, or take them off."""

    kind = "mark_tags"

    user_id: str
    external_user_id: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    rule: str = ""  # which rule wants it, with its version
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a card: a name and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Intent):
    """Tell members of staff something: a template card when it has a title, else a text message."""

    kind = "prompt"
    safety = Safety.KEYED

    users: tuple[str, ...]
    text: str
    title: str = ""
    facts: tuple[Fact, ...] = ()
    url: str = ""
    cause: str  # unique: the same prompt for the same cause goes out once

    @property
    def effect(self) -> str:
        """One prompt per cause."""
        return f"prompt:{self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateContactWay(Intent):
    """Make a channel's code at WeCom; found again by `state` when the answer was lost."""

    kind = "create_contact_way"
    safety = Safety.KEYED

    channel_id: int
    version: int
    state: str
    users: tuple[str, ...]
    departments: tuple[int, ...] = ()
    remark: str = ""  # at most 30 characters, shown to administrators
    skip_verify: bool = True

    @property
    def effect(self) -> str:
        """A channel's code is created once per wanted version."""
        return f"channel:{self.channel_id}:create:{self.version}"

    @property
    def lane(self) -> str:
        """A channel's calls go one after another."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContactWay(Intent):
    """Bring a channel's code at WeCom to the wanted version."""

    kind = "update_contact_way"

    channel_id: int
    version: int
    config_id: str
    state: str
    users: tuple[str, ...]
    departments: tuple[int, ...] = ()
    remark: str = ""
    skip_verify: bool = True

    @property
    def effect(self) -> str:
        """One update per wanted version."""
        return f"channel:{self.channel_id}:update:{self.version}"

    @property
    def lane(self) -> str:
        """A channel's calls go one after another."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteContactWay(Intent):
    """Take a channel's code away at WeCom."""

    kind = "delete_contact_way"

    channel_id: int
    version: int
    config_id: str

    @property
    def effect(self) -> str:
        """A code is deleted once, unless that is refused and then wanted again."""
        return f"channel:{self.channel_id}:delete:{self.version}"

    @property
    def lane(self) -> str:
        """A channel's calls go one after another."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadMaterial(Intent):
    """Upload a material to WeCom, so that its media id lives for the next three days."""

    kind = "upload_material"

    material_id: int
    round: str  # which renewal this is

    @property
    def effect(self) -> str:
        """One upload per material and renewal."""
        return f"material:{self.material_id}:{self.round}"


INTENTS: dict[str, type[Intent]] = {
    intent.kind: intent
    for intent in (
        SendWelcome, MarkTags, SetRemark, Prompt,
        CreateContactWay, UpdateContactWay, DeleteContactWay, UploadMaterial,
    )
}  # fmt: skip


def dump(intent: Intent) -> str:
    """The stored form of an intent."""
    return msgspec.json.encode(intent).decode()


def load(kind: str, body: str) -> Any:
    """The intent of its stored form; KeyError for a kind this program doesn't know."""
    return msgspec.json.decode(body, type=INTENTS[kind])
