"""What members of staff are told."""

import hashlib
from dataclasses import dataclass

from sop.intents.base import Intent, Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a card: a name and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a card: pressed, it comes back with its key; one with a URL opens that instead."""

    text: str
    key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Intent):
    """Tell members of staff something: a template card when it has a title and a URL, else a text message."""

    kind = "prompt"
    safety = Safety.KEYED

    users: tuple[str, ...]
    text: str
    title: str = ""
    facts: tuple[Fact, ...] = ()
    url: str = ""
    buttons: tuple[Button, ...] = ()
    cause: str  # unique: the same prompt for the same cause goes out once

    @property
    def effect(self) -> str:
        """One prompt per cause."""
        return f"prompt:{self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCard(Intent):
    """Show whoever pressed a button of a card how things stand now, in the place of the card and its buttons."""

    kind = "update_card"
    safety = Safety.SINGLE_USE

    users: tuple[str, ...]
    response_code: str  # of the press
    title: str
    text: str
    facts: tuple[Fact, ...] = ()
    url: str

    @property
    def effect(self) -> str:
        """One update per press; the code itself stays out of names."""
        return f"card:{hashlib.sha256(self.response_code.encode()).hexdigest()[:32]}"
