"""What operators change about channels."""

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
