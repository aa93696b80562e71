"""What a robot (智能机器人) may answer inside a callback's response (page 101031)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from wecom.cards import Card
from wecom.ids import UserId
from wecom.limits import Limit
from wecom.reply import Fields, Sealer, seal_json

STREAM: Final = Limit("stream.content", 20480)


@dataclass(frozen=True, slots=True)
class RobotText:
    """A plain greeting; answers RobotEntered only."""

    content: str

    def fields(self) -> Fields:
        """The message as the platform spells it."""
        return {"msgtype": "text", "text": {"content": self.content}}


@dataclass(frozen=True, slots=True)
class RobotStream:
    """An answer in Markdown so far, of at most 20480 bytes.

    Until it is `finished` the client comes back with RobotStreamPolled. With a `feedback_id` the
    member may judge it.
    """

    stream_id: str
    content: str
    finished: bool = True
    feedback_id: str = ""

    def fields(self) -> Fields:
        """The message as the platform spells it; raises OverLimit."""
        STREAM.check(self.content)
        stream: dict[str, object] = {"id": self.stream_id, "finish": self.finished, "content": self.content}
        if self.feedback_id:
            stream["feedback"] = {"id": self.feedback_id}
        return {"msgtype": "stream", "stream": stream}


@dataclass(frozen=True, slots=True)
class RobotCard:
    """A card; answers RobotEntered and messages."""

    card: Card

    def fields(self) -> Fields:
        """The message as the platform spells it; raises OverLimit."""
        self.card.check()
        return {"msgtype": "template_card", "template_card": self.card}


@dataclass(frozen=True, slots=True)
class RobotCardUpdate:
    """Another card in the place of the pressed one, for these members or for all; answers RobotCardClicked."""

    card: Card
    user_ids: tuple[UserId, ...] = ()

    def fields(self) -> Fields:
        """The message as the platform spells it; raises OverLimit."""
        self.card.check()
        return {
            "response_type": "update_template_card",
            **({"userids": self.user_ids} if self.user_ids else {}),
            "template_card": self.card,
        }


RobotReply: TypeAlias = RobotText | RobotStream | RobotCard | RobotCardUpdate


def answer(message: RobotReply, keys: Sealer, *, now: datetime, nonce: str) -> bytes:
    """Return the body that answers a robot's callback; the nonce must be the request's. Raises OverLimit."""
    return seal_json(message.fields(), keys, now=now, nonce=nonce)
