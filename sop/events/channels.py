"""What operators change about channels, and what else bears on whom they show."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged(Own):
    """An operator created, changed or deleted a channel: bring WeCom in step."""

    kind = "channel_changed"

    channel_id: int
    version: int

    @property
    def key(self) -> str:
        """The channel."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTurned(Own):
    """Whom a channel shows may be different now: a slot began, a cap was reached, somebody went on or off duty."""

    kind = "channel_turned"

    channel_id: int

    @property
    def key(self) -> str:
        """The channel."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerArrived(Own):
    """A customer came at `at` to a member by a channel whose adds are counted: say why, and look whom it shows now."""

    kind = "customer_arrived"

    channel_id: int
    user_id: str
    external_user_id: str

    @property
    def key(self) -> str:
        """The channel: arrivals at once are counted one after another."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyChanged(Own):
    """A member can be reached otherwise than before; `after` is the last channel that was told."""

    kind = "duty_changed"

    user_id: str
    after: int = 0

    @property
    def key(self) -> str:
        """The member."""
        return f"staff:{self.user_id}"
