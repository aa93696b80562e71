"""The remark a new customer gets, such as {channel}-{customer}, within what WeCom allows."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from sop.texts import clean

LIMIT = 20  # characters (page 92115); an emoji counts as two, as WeCom's clients count
DESCRIPTION = 150  # characters of what stands below it
NAMES = ("channel", "customer", "nickname", "staff", "date")
_PLACE = re.compile(r"\{(" + "|".join(NAMES) + r")\}")
_JOINER = "\u200d"
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_EDGES = " -_·|/"


def render(template: str, values: Mapping[str, str], *, limit: int = LIMIT) -> str:
    """Fill the template; while it is too long its longest value is shortened, characters staying whole.

    {nickname} is another word for {customer}. An empty value takes the separators at the edges with it.
    """
    named = {**values, "nickname": values.get("nickname") or values.get("customer", "")}
    pieces = _PLACE.split(template)  # text, name, text, name, …
    fixed = [re.sub(r"\s+", " ", text) for text in pieces[::2]]
    filled = [list(clusters(clean(named.get(name, "")).strip(_JOINER))) for name in pieces[1::2]]
    room = limit - sum(map(width, fixed))
    while sum(map(_total, filled)) > max(room, 0):
        max(filled, key=_total).pop()
    text = fixed[0] + "".join("".join(value) + after for value, after in zip(filled, fixed[1:], strict=True))
    if not all(filled):
        text = text.strip(_EDGES)
    return cut(text.strip(), limit)


def cut(text: str, limit: int) -> str:
    """The beginning of a text, ending between two characters as people see them."""
    taken: list[str] = []
    for cluster in clusters(text):
        limit -= width(cluster)
        if limit < 0:
            break
        taken.append(cluster)
    return "".join(taken).rstrip(f" {_JOINER}")


def width(text: str) -> int:
    """How many UTF-16 units a text has: at least as many as characters, by whichever count."""
    return len(text) + sum(char > "\uffff" for char in text)


def clusters(text: str) -> Iterator[str]:
    """What people see as one character: a base with its marks, joined emoji, a flag."""
    held = ""
    for char in text:
        if held and not _continues(held, char):
            yield held
            held = ""
        held += char
    if held:
        yield held


def _continues(held: str, char: str) -> bool:
    code = ord(char)
    if char == _JOINER or held[-1] == _JOINER or code in _SKIN or code in _TAGS:
        return True
    if code in _REGIONAL:
        return len(held) == 1 and ord(held) in _REGIONAL
    return unicodedata.category(char) in ("Mn", "Me", "Mc")


def _total(value: list[str]) -> int:
    return sum(map(width, value))
