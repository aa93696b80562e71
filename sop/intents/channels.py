"""What is done for a channel: its code at WeCom is made, changed, taken away."""

from dataclasses import dataclass

from sop.intents.base import Intent, Safety
from sop.intents.customers import Attachment


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
    exclusive: bool = False
    temporary: int = 0  # seconds that the code lives, 0 for ever
    session: int = 0  # seconds that a chat lives which began by it
    closing: str = ""  # what is said at the end of that chat
    attachment: Attachment | None = None  # and shown
    turn: int = 0  # counts the channel's calls

    @property
    def effect(self) -> str:
        """A channel's code is created once per wanted version and call."""
        return f"channel:{self.channel_id}:create:{self.version}.{self.turn}"

    @property
    def lane(self) -> str:
        """A channel's calls go one after another."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContactWay(Intent):
    """Bring a channel's code at WeCom to the wanted version, and to whom it shows now."""

    kind = "update_contact_way"

    channel_id: int
    version: int
    config_id: str
    state: str
    users: tuple[str, ...]
    departments: tuple[int, ...] = ()
    remark: str = ""
    skip_verify: bool = True
    session: int = 0
    closing: str = ""
    attachment: Attachment | None = None
    turn: int = 0  # counts the channel's calls

    @property
    def effect(self) -> str:
        """One update per wanted version and call: whom a code shows changes more often than what operators want."""
        return f"channel:{self.channel_id}:update:{self.version}.{self.turn}"

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
