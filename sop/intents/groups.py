"""What is done for customer groups: codes into them, and welcomes for their newcomers."""

from dataclasses import dataclass

from sop.intents.base import Intent, Safety
from sop.intents.customers import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code(Intent):
    """Something about one group code."""

    code_id: int
    version: int

    @property
    def lane(self) -> str:
        """A code's calls go one after another."""
        return f"groupcode:{self.code_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted(_Code):
    """What a group code is to be at WeCom."""

    state: str
    groups: tuple[str, ...]
    remark: str = ""
    auto_create: bool = False
    base_name: str = ""
    base_number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJoinWay(_Wanted):
    """Make a group code at WeCom; one that was made without our hearing of it can never be found again."""

    kind = "create_join_way"
    safety = Safety.UNKEYED

    @property
    def effect(self) -> str:
        """A code is created once per wanted version."""
        return f"groupcode:{self.code_id}:create:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateJoinWay(_Wanted):
    """Bring a group code at WeCom to the wanted version."""

    kind = "update_join_way"

    config_id: str

    @property
    def effect(self) -> str:
        """One update per wanted version."""
        return f"groupcode:{self.code_id}:update:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteJoinWay(_Code):
    """Take a group code away at WeCom."""

    kind = "delete_join_way"

    config_id: str

    @property
    def effect(self) -> str:
        """A code is deleted once, unless that is refused and then wanted again."""
        return f"groupcode:{self.code_id}:delete:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Welcome(Intent):
    """Something about one group welcome."""

    welcome_id: int
    version: int

    @property
    def lane(self) -> str:
        """A welcome's calls go one after another."""
        return f"groupwelcome:{self.welcome_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddGroupWelcome(_Welcome):
    """Make a group welcome at WeCom, where they cannot be listed."""

    kind = "add_group_welcome"
    safety = Safety.UNKEYED

    text: str
    attachment: Attachment | None = None
    notify: bool = True

    @property
    def effect(self) -> str:
        """A welcome is made once per wanted version."""
        return f"groupwelcome:{self.welcome_id}:add:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditGroupWelcome(_Welcome):
    """Bring a group welcome at WeCom to the wanted version."""

    kind = "edit_group_welcome"

    template_id: str
    text: str
    attachment: Attachment | None = None

    @property
    def effect(self) -> str:
        """One edit per wanted version."""
        return f"groupwelcome:{self.welcome_id}:edit:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteGroupWelcome(_Welcome):
    """Take a group welcome away at WeCom."""

    kind = "delete_group_welcome"

    template_id: str

    @property
    def effect(self) -> str:
        """A welcome is deleted once, unless that is refused and then wanted again."""
        return f"groupwelcome:{self.welcome_id}:delete:{self.version}"
