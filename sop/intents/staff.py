"""What members of staff are told."""

from dataclasses import dataclass

from sop.intents.base import Intent, Safety


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
