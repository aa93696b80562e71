"""The kinds of business events: what their data must be, as a JSON schema and as a check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sop.limits import Violation

Kind = Literal["text", "number", "flag", "date", "time", "list", "any"]

LONGEST = 4000  # characters of a text
LARGEST = 16 * 1024  # characters of an event's data, as JSON
DEEPEST = 6
_BIG = 2**53  # whole numbers beyond it are not the same in every JSON
_SCHEMAS: Mapping[Kind, Mapping[str, Any]] = {
    "text": {"type": "string", "maxLength": LONGEST},
    "number": {"type": "number", "minimum": -_BIG, "maximum": _BIG},
    "flag": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
    "list": {"type": "array"},
    "any": {},
}
_WORDS: Mapping[Kind, tuple[str, str]] = {
    "text": (f"最多 {LONGEST} 个字的文本", f"a text of at most {LONGEST} characters"),
    "number": ("数字", "a number"),
    "flag": ("true 或 false", "true or false"),
    "date": ("日期，如 2026-05-01", "a date such as 2026-05-01"),
    "time": ("带时区的时间，如 2026-05-01T09:30:00+08:00", "a time with zone such as 2026-05-01T09:30:00+08:00"),
    "list": ("数组", "an array"),
    "any": ("任意值", "anything"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A field of an event's data; one that is not `needed` may be left out or null."""

    name: str
    kind: Kind
    needed: bool = False
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """A kind of event; what its data has beside its fields is kept. One that is not `enabled` is refused."""

    name: str
    zh: str = ""
    en: str = ""
    fields: tuple[Slot, ...] = ()
    enabled: bool = True

    def judge(self, data: Mapping[str, Any]) -> list[Violation]:
        """What is wrong with the data of an event of this kind."""
        found = []
        for slot in self.fields:
            value = data.get(slot.name)
            where = f"data.{slot.name}"
            if value is None:
                if slot.needed:
                    found.append(Violation(where, "缺少此项", "is needed"))
            elif not _FITS[slot.kind](value):
                zh, en = _WORDS[slot.kind]
                found.append(Violation(where, f"应为{zh}", f"must be {en}"))
        return found

    def schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of the data."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            "description": " · ".join(filter(None, (self.zh, self.en))),
            "type": "object",
            "required": [slot.name for slot in self.fields if slot.needed],
            "properties": {slot.name: _describe(slot) for slot in self.fields},
            "additionalProperties": True,
        }


def weigh(value: Any, depth: int = 0) -> int:
    """About how many characters a value takes as JSON; more than any limit where it cannot be kept.

    Nothing is as deep as `DEEPEST`, no number beyond 2**53, and no text has a NUL or half a character.
    """
    match value:
        case bool() | None:
            return 5
        case int() | float():
            return 8 if abs(value) <= _BIG else LARGEST + 1  # neither is NaN
        case str():
            return len(value) + 2 if "\0" not in value and _is_whole(value) else LARGEST + 1
        case list() if depth < DEEPEST:
            return 2 + sum(weigh(each, depth + 1) + 1 for each in value)
        case dict() if depth < DEEPEST:
            return 2 + sum(weigh(name) + weigh(each, depth + 1) + 2 for name, each in value.items())
        case _:
            return LARGEST + 1


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_FITS: Mapping[Kind, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str) and len(value) <= LONGEST,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool),
    "date": _is_date,
    "time": _is_moment,
    "list": lambda value: isinstance(value, list),
    "any": lambda _: True,
}


def _describe(slot: Slot) -> dict[str, Any]:
    said = " · ".join(filter(None, (slot.zh, slot.en)))
    schema = dict(_SCHEMAS[slot.kind])
    if not slot.needed and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return {**schema, "description": said} if said else schema
