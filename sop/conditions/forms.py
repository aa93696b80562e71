"""What tests are compared with: the shapes of their values, each with what is wrong and with its JSON schema."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sop.limits import Violation
from sop.relations import Status

MOST_VALUES = 1000  # of one test
LONGEST = 200  # characters of one of them
LARGEST = 2**53 - 1  # what JSON's numbers hold exactly
MOST_PAID = 10**10  # an amount beyond is a mistake of the sender
FAR = 10**7  # days beyond every date
LONG = 36_500  # days: nothing of ours looks further
_KEY = re.compile(r"[\w. -]{1,64}")  # how a field, an event and its data are named
_ID = re.compile(r"[1-9][0-9]{0,18}")
_UNIX = 1970


class Form(Protocol):
    """The shape of a value."""

    def check(self, value: object, where: str) -> list[Violation]:
        """What is wrong with a value at a place."""

    @property
    def schema(self) -> dict[str, Any]:
        """The same in the words of JSON schema."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that fits or does not."""

    zh: str
    en: str
    fits: Callable[[Any], bool]
    schema: dict[str, Any]

    def check(self, value: object, where: str) -> list[Violation]:
        """Nothing, or that another shape is expected."""
        return [] if self.fits(value) else [Violation(where, f"应为{self.zh}", f"takes {self.en}")]


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping of known names; `needed` must be there, at least one of `some`, and at most one of `apart`."""

    parts: Mapping[str, Form]
    needed: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    def check(self, value: object, where: str) -> list[Violation]:
        """What is wrong with it and with each of its parts."""
        if not isinstance(value, Mapping):
            names = ", ".join(self.parts)
            return [Violation(where, f"应为 {{{names}}}", f"takes {{{names}}}")]
        found = [_strange(where, name, self.parts) for name in value if name not in self.parts]
        found += [Violation(where, f"缺少 {name}", f"{name} is needed") for name in self.needed if name not in value]
        if not found and self.some and not any(name in value for name in self.some):
            names = ", ".join(self.some)
            found.append(Violation(where, f"至少需要其一：{names}", f"one of these is needed: {names}"))
        if len(both := [name for name in self.apart if name in value]) > 1:
            names = ", ".join(both)
            found.append(Violation(where, f"只能选其一：{names}", f"only one of these goes: {names}"))
        for name, part in self.parts.items():
            if name in value:
                found += part.check(value[name], f"{where}.{name}")
        return found

    @property
    def schema(self) -> dict[str, Any]:
        """An object of these properties and no others."""
        made: dict[str, Any] = {
            "type": "object",
            "properties": {name: part.schema for name, part in self.parts.items()},
            "additionalProperties": False,
        }
        if self.needed:
            made["required"] = list(self.needed)
        if self.apart:
            made["not"] = {"required": list(self.apart)}
        if self.some:
            made["anyOf"] = [{"required": [name]} for name in self.some]
        return made


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping of names that operators give, each with a value of one shape."""

    part: Form

    def check(self, value: object, where: str) -> list[Violation]:
        """What is wrong with the names and with what they hold."""
        if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_VALUES:
            return [Violation(where, "应为 {名称: 比较}，至少一项", "takes {name: comparison}, at least one")]
        found: list[Violation] = []
        for name, each in value.items():
            found += KEY.check(name, f"{where}.{name}") or self.part.check(each, f"{where}.{name}")
        return found

    @property
    def schema(self) -> dict[str, Any]:
        """An object whose properties are all alike."""
        return {
            "type": "object",
            "propertyNames": KEY.schema,
            "additionalProperties": self.part.schema,
            "minProperties": 1,
        }


def _strange(where: str, name: object, known: Iterable[str]) -> Violation:
    names = ", ".join(known)
    return Violation(f"{where}.{name}", f"没有 {name}；可用：{names}", f"there is no {name}; there are {names}")


def _list(zh: str, en: str, fits: Callable[[Any], bool], item: dict[str, Any]) -> Plain:
    return Plain(
        f"{zh}列表，最多 {MOST_VALUES} 项",
        f"a list of {en}, {MOST_VALUES} at most",
        lambda value: isinstance(value, list | tuple) and 1 <= len(value) <= MOST_VALUES and all(map(fits, value)),
        {"type": "array", "items": item, "minItems": 1, "maxItems": MOST_VALUES},
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and "\0" not in value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LONG


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_status(value: object) -> bool:
    return isinstance(value, str) and value in set(Status)


def _is_moment(value: object) -> bool:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None and moment.year >= _UNIX


_COUNTING: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_STRING: dict[str, Any] = {"type": "string", "maxLength": LONGEST}
FLAG = Plain("true 或 false", "true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
TEXT = Plain(f"文字，最多 {LONGEST} 个字", f"a text of at most {LONGEST} characters", _is_text, _STRING)
KEY = Plain(
    "名称：1 到 64 个字母、数字、汉字、空格、点、_ 或 -",
    "a name of 1 to 64 letters, digits, spaces, dots, _ or -",
    lambda value: isinstance(value, str) and _KEY.fullmatch(value) is not None,
    {"type": "string", "minLength": 1, "maxLength": 64, "pattern": r"^[\w. -]+$"},
)
COUNT = Plain("不小于 0 的整数", "a whole number of 0 or more", _is_count, _COUNTING)
PRICE = Plain(
    f"金额，不超过 {MOST_PAID}",
    f"an amount of at most {MOST_PAID}",
    lambda value: _is_number(value) and abs(value) <= MOST_PAID,
    {"type": "number", "minimum": -MOST_PAID, "maximum": MOST_PAID},
)
PIECE = Plain(
    f"文字，1 到 {LONGEST} 个字",
    f"a text of 1 to {LONGEST} characters",
    lambda value: _is_text(value) and value != "",
    {**_STRING, "minLength": 1},
)
DAYS = Plain(
    f"天数，-{LONG} 到 {LONG}",
    f"days, from -{LONG} to {LONG}",
    _is_days,
    {"type": "integer", "minimum": -LONG, "maximum": LONG},
)
PERIOD = Plain(
    f"天数，1 到 {LONG}",
    f"days, from 1 to {LONG}",
    lambda value: _is_days(value) and value >= 1,
    {"type": "integer", "minimum": 1, "maximum": LONG},
)
NUMBER = Plain("数字", "a number", _is_number, {"type": "number", "minimum": -LARGEST, "maximum": LARGEST})
SCALAR = Plain(
    "文字、数字、true 或 false",
    "a text, a number, true or false",
    lambda value: _is_text(value) or _is_number(value) or isinstance(value, bool),
    {"type": ["string", "number", "boolean"]},
)
MOMENT = Plain(
    "带时区的时间，例如 2026-05-01T00:00:00+08:00",
    "a moment with its zone, such as 2026-05-01T00:00:00+08:00",
    _is_moment,
    {"type": "string", "format": "date-time"},
)
TEXTS = _list("文字", "texts", _is_text, _STRING)
SCALARS = _list("文字或数字", "texts or numbers", SCALAR.fits, SCALAR.schema)
NUMBERS = _list("数字", "numbers", _is_count, _COUNTING)
STATUSES = _list("状态（" + "、".join(Status) + "）", ", ".join(Status), _is_status, {"enum": [*Status]})
IDS = _list(
    "编号",
    "ids",
    lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None and int(value) < 2**63,
    {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"},
)


def span(part: Form) -> Record:
    """From `least` to `most`, both included, one of them at least."""
    return Record({"least": part, "most": part}, some=("least", "most"))


SPAN = span(COUNT)
AMOUNTS = span(NUMBER)
MONEY = span(PRICE)
COMPARISONS: Mapping[str, Form] = {
    "equals": SCALAR, "in": SCALARS, "contains": PIECE, "least": NUMBER, "most": NUMBER,
}  # fmt: skip
COMPARISON = Record(COMPARISONS, some=tuple(COMPARISONS))
DATA = Named(COMPARISON)
FIELD = Record({"name": KEY, **COMPARISONS}, needed=("name",))
DATE = Record({"name": KEY, "least": DAYS, "most": DAYS, "yearly": FLAG}, needed=("name",), some=("least", "most"))
DID = Record(
    {"event": KEY, "where": DATA, "count": SPAN, "since_days": PERIOD, "since": MOMENT},
    needed=("event",),
    apart=("since_days", "since"),
)
RFM = Record(
    {"event": KEY, "amount": KEY, "recency": SPAN, "frequency": SPAN, "monetary": MONEY, "since_days": PERIOD},
    some=("recency", "frequency", "monetary"),
)
