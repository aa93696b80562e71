"""Members talk to a robot (智能机器人), whose callbacks are JSON (pages 100719, 101033)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from wecom.events.cards import Selection
from wecom.events.facts import Event, choice, fact
from wecom.ids import UserId

ChatType = Literal["single", "group"]
Verdict = Literal["accurate", "inaccurate", "withdrawn", "other"]

_CHATS: dict[str, ChatType] = {"single": "single", "group": "group"}
_VERDICTS: dict[str, Verdict] = {"1": "accurate", "2": "inaccurate", "3": "withdrawn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a mixed message, or a message that was quoted; files are encrypted with our key."""

    kind: Annotated[str, "msgtype"] = ""
    content: Annotated[str, "text/content|voice/content"] = ""
    url: Annotated[str, "image/url|file/url|video/url"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotEvent(Event):
    """A member did something with a robot, alone or in the group `chat_id`.

    Messages carry no time: their `at` is the epoch. `response_url` takes one later answer.
    """

    user_id: Annotated[UserId, "from/userid"]
    robot_id: Annotated[str, "aibotid"] = ""
    msg_id: Annotated[str, "msgid"] = ""
    chat_id: Annotated[str, "chatid"] = ""
    chat_type: Annotated[ChatType, "chattype", choice(_CHATS, other="single")] = "single"
    response_url: Annotated[str, "response_url"] = ""

    @property
    def key(self) -> str:
        """One conversation runs in order."""
        return f"robot:{self.chat_id or self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotMessage(RobotEvent):
    """A message to a robot, which may quote another one."""

    quote: Annotated[Part | None, "quote"] = None


@fact("robot/text")
class RobotTextReceived(RobotMessage):
    """A member wrote to a robot."""

    content: Annotated[str, "text/content"] = ""


@fact("robot/voice")
class RobotVoiceReceived(RobotMessage):
    """A member spoke to a robot; `content` is what the platform understood."""

    content: Annotated[str, "voice/content"] = ""


@fact("robot/image")
class RobotImageReceived(RobotMessage):
    """A member showed a robot a picture; `url` gives it for five minutes, encrypted with our key."""

    url: Annotated[str, "image/url"] = ""


@fact("robot/file")
class RobotFileReceived(RobotMessage):
    """A member gave a robot a file; `url` gives it for five minutes, encrypted with our key."""

    url: Annotated[str, "file/url"] = ""


@fact("robot/video")
class RobotVideoReceived(RobotMessage):
    """A member showed a robot a video; `url` gives it for five minutes, encrypted with our key."""

    url: Annotated[str, "video/url"] = ""


@fact("robot/mixed")
class RobotMixedReceived(RobotMessage):
    """A member sent a robot texts and pictures in one message."""

    parts: Annotated[tuple[Part, ...], "mixed/msg_item"] = ()


@fact("robot/stream")
class RobotStreamPolled(RobotEvent):
    """The client asks how an answer that is being written goes on."""

    stream_id: Annotated[str, "stream/id"]


@fact("robot/event/enter_chat")
class RobotEntered(RobotEvent):
    """A member opened the chat with a robot for the first time of the day."""


@fact("robot/event/template_card_event")
class RobotCardClicked(RobotEvent):
    """A member pressed a button of a robot's card; told once, never again."""

    event_key: Annotated[str, "event/template_card_event/event_key"] = ""
    task_id: Annotated[str, "event/template_card_event/task_id"] = ""
    card_type: Annotated[str, "event/template_card_event/card_type"] = ""
    selections: Annotated[tuple[Selection, ...], "event/template_card_event/selected_items/selected_item"] = ()


@fact("robot/event/feedback_event")
class RobotJudged(RobotEvent):
    """A member judged a robot's answer; `reasons` are the platform's numbers."""

    feedback_id: Annotated[str, "event/feedback_event/id"]
    verdict: Annotated[Verdict, "event/feedback_event/type", choice(_VERDICTS, other="other")] = "other"
    content: Annotated[str, "event/feedback_event/content"] = ""
    reasons: Annotated[tuple[int, ...], "event/feedback_event/inaccurate_reason_list"] = ()
