"""Sentences in Chinese and English, and which of the two a caller wants to read."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
_MOST_RANGES = 16  # of an Accept-Language header that are looked at


@dataclass(frozen=True, slots=True)
class Words:
    """The same sentence twice; `{name}` stands for a fact."""

    zh: str
    en: str

    def tell(self, language: Language, **facts: object) -> str:
        """The sentence in one language, with its facts."""
        return (self.en if language == "en" else self.zh).format_map(facts)

    def fill(self, **facts: object) -> "Words":
        """Both sentences with their facts; braces inside the facts stay what they are."""
        return verbatim(self.tell("zh", **facts), self.tell("en", **facts))


def verbatim(zh: str, en: str) -> Words:
    """Words made of finished sentences, in which a brace is only a brace."""
    return Words(_escape(zh), _escape(en))


def choose(header: str) -> Language:
    """The language of an Accept-Language header (RFC 9110, 12.5.4); Chinese unless English is wanted more."""
    wanted = {"zh": 0.0, "en": 0.0}
    for item in header.split(",")[:_MOST_RANGES]:
        tag, _, weight = item.strip().lower().partition(";")
        primary = tag.strip().split("-")[0]
        if primary in wanted:
            wanted[primary] = max(wanted[primary], _quality(weight))
    return "en" if wanted["en"] > wanted["zh"] else "zh"


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _escape(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
