"""What those who look after the whole are told: in their language, to be read without opening anything."""

from dataclasses import dataclass

from sop.intents import Prompt
from sop.phrases import Phrase
from sop.prompts import Voice


@dataclass(frozen=True, slots=True)
class Alert:
    """The words of an alert; `{name}` stands for a fact."""

    title: Phrase
    text: Phrase


def word(phrase: Phrase, voice: Voice, **facts: object) -> str:
    """A phrase in the corp's language."""
    return (phrase.en if voice.language == "en" else phrase.zh).format(**facts)


def compose(alert: Alert, voice: Voice, *, users: tuple[str, ...], cause: str, **facts: object) -> Prompt:
    """The prompt of an alert, sent once per cause."""
    title, text = word(alert.title, voice, **facts), word(alert.text, voice, **facts)
    return Prompt(users=users, title=title, text=text, cause=cause)
