"""Texts with variables such as {customer}: which there are, what is filled in, and cutting by bytes."""

import re
from collections.abc import Iterable, Mapping

from sop.limits import Violation

# What a text may name, and the room in bytes that its value may take.
VARIABLES: dict[str, int] = {"customer": 96, "staff": 96, "channel": 120, "date": 10}
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_JOINERS = "\u200d\ufe0f"  # what holds a composed character together is no character of its own


def variables(text: str) -> frozenset[str]:
    """The names in braces, known or not."""
    return frozenset(_VARIABLE.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of variables, once: braces inside a value stay what they are."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def reserve(text: str) -> int:
    """Bytes by which the variables of a text may make it longer than it is written; negative if shorter."""
    found: list[str] = _VARIABLE.findall(text)
    return sum(VARIABLES.get(name, len(name) + 2) - len(name) - 2 for name in found)


def check(field: str, text: str, *, known: Iterable[str] = VARIABLES) -> list[Violation]:
    """Every variable that does not exist, each with the list of those that do."""
    valid = " ".join(f"{{{name}}}" for name in known)
    return [
        Violation(
            field,
            f"没有变量 {{{name}}}，可用的变量：{valid}",
            f"there is no variable {{{name}}}; there are {valid}",
        )
        for name in sorted(variables(text).difference(known))
    ]


def clean(name: str) -> str:
    """A name as it may stand in a message: on one line, and certainly valid UTF-8."""
    return _CONTROL.sub(" ", name.encode(errors="ignore").decode()).strip()


def clip(text: str, most: int) -> str:
    """The beginning of a text in at most this many bytes, cut between characters."""
    plain = text.encode(errors="ignore")
    if len(plain) <= most:
        return plain.decode()
    return plain[: max(most, 0)].decode(errors="ignore").rstrip(_JOINERS)
