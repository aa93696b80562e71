"""Members press buttons of template cards (page 90240)."""

from dataclasses import dataclass
from typing import Annotated

from wecom.events.facts import Event, fact
from wecom.ids import AgentId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a member chose for one question of a card."""

    question_key: Annotated[str, "QuestionKey|question_key"] = ""
    # The platform's own pages misspelt the options for years, and some senders still do.
    option_ids: Annotated[
        tuple[str, ...],
        "OptionIds/OptionId|OpitonIds/OpitonId|OpitonIds/OptionId|OptionIds/OpitonId|option_ids/option_id",
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEvent(Event):
    """A member did something to a card; `response_code` updates that card once, within 72 hours."""

    user_id: Annotated[UserId, "FromUserName"]
    event_key: Annotated[str, "EventKey"] = ""
    task_id: Annotated[str, "TaskId"] = ""
    card_type: Annotated[str, "CardType"] = ""
    response_code: Annotated[str, "ResponseCode"] = ""
    agent_id: Annotated[AgentId | None, "AgentID"] = None

    @property
    def key(self) -> str:
        """Presses of one member run in order."""
        return f"staff:{self.user_id}"


@fact("event/template_card_event")
class CardClicked(CardEvent):
    """A member pressed a button or submitted choices; `event_key` is the button's key."""

    selections: Annotated[tuple[Selection, ...], "SelectedItems/SelectedItem"] = ()


@fact("event/template_card_menu_event")
class CardMenuClicked(CardEvent):
    """A member chose from the menu in a card's corner; `event_key` is the entry's key."""
