"""What is done for customer groups: codes into them, and welcomes for their newcomers."""

from dataclasses import dataclass

from sop.intents.base import Safety
from sop.intents.customers import Attachment
from sop.intents.twins import TwinIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code(TwinIntent):
    """A group code as it is to be."""

    subject = "groupcode"

    state: str
    groups: tuple[str, ...]
    remark: str = ""
    auto_create: bool = False
    base_name: str = ""
    base_number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJoinWay(_Code):
    """Make a group code at WeCom; one that was made without our hearing of it can never be found again."""

    kind = "create_join_way"
    deed = "create"
    safety = Safety.UNKEYED


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateJoinWay(_Code):
    """Bring a group code at WeCom to the wanted version."""

    kind = "update_join_way"
    deed = "update"

    config_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteJoinWay(TwinIntent):
    """Take a group code away at WeCom."""

    kind = "delete_join_way"
    subject = "groupcode"
    deed = "delete"

    config_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Welcome(TwinIntent):
    """A group welcome as it is to be."""

    subject = "groupwelcome"

    text: str
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddGroupWelcome(_Welcome):
    """Make a group welcome at WeCom, where they cannot be listed."""

    kind = "add_group_welcome"
    deed = "create"
    safety = Safety.UNKEYED

    notify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EditGroupWelcome(_Welcome):
    """Bring a group welcome at WeCom to the wanted version."""

    kind = "edit_group_welcome"
    deed = "update"

    template_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteGroupWelcome(TwinIntent):
    """Take a group welcome away at WeCom."""

    kind = "delete_group_welcome"
    subject = "groupwelcome"
    deed = "delete"

    template_id: str
