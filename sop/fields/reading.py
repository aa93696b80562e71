"""How values of fields are read as people and other systems write them, and by what unique ones are found."""

import hashlib
import math
import re
from datetime import date, timedelta

from sop.fields.base import Field, Value
from sop.limits import Violation

LONGEST_TEXT = 500  # characters of a value: PostgreSQL's indexes take 2,700 bytes
LARGEST = 2.0**53  # beyond it a float is no longer sure of the last digit
_EPOCH = date(1970, 1, 1)
_YES = frozenset({"1", "y", "yes", "true", "是", "√"})
_NO = frozenset({"0", "n", "no", "false", "否", "×"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BETWEEN = re.compile(r"[\s()+-]")
_CHINA = re.compile(r"(?:00)?86(1\d{10})")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


def days(day: date) -> int:
    """A day as a number: days since 1970-01-01."""
    return (day - _EPOCH).days


def day(number: float) -> date:
    """The day of a number."""
    return _EPOCH + timedelta(days=int(number))


def read(field: Field, given: object, where: str = "value") -> tuple[Value, list[Violation]]:
    """A value as it was given, from JSON or as the text of a cell; with what is wrong with it."""
    match field.kind:
        case "text":
            return _read_text(given, where)
        case "number":
            return _read_number(given, where)
        case "date":
            return _read_date(given, where)
        case "choice":
            return _read_choice(field, given, where)
        case "flag":
            return _read_flag(given, where)


def flatten(text: str) -> str:
    """The one way of writing a value that tells who is meant: case, and the marks of a telephone number, say nothing.

    +86 138-0013-8000 is 13800138000.
    """
    bare = _BETWEEN.sub("", text)
    if bare.isascii() and bare.isdigit():
        china = _CHINA.fullmatch(bare)
        return china[1] if china else bare
    return text.strip().lower()


def digest(text: str) -> str:
    """By what a unique value is found: SHA-256 of it in hexadecimal, so that others may ask without telling it."""
    return hashlib.sha256(flatten(text).encode(errors="replace")).hexdigest()


def _read_text(given: object, where: str) -> tuple[Value, list[Violation]]:
    if not isinstance(given, str) or not given.strip() or len(given) > LONGEST_TEXT or _CONTROL.search(given.strip()):
        zh, en = f"应为 1 到 {LONGEST_TEXT} 个字的一行文本", f"takes one line of 1 to {LONGEST_TEXT} characters"
        return Value(), [Violation(where, zh, en)]
    return Value(text=given.strip()), []


def _read_number(given: object, where: str) -> tuple[Value, list[Violation]]:
    try:
        number = float(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not abs(number) <= LARGEST:  # neither is what is no number
        return Value(), [
            Violation(where, "应为数字，绝对值不超过 2 的 53 次方", "takes a number, at most 2**53 in size")
        ]
    return Value(number=number + 0.0), []


def _read_date(given: object, where: str) -> tuple[Value, list[Violation]]:
    parts = _DAY.fullmatch(given.strip()) if isinstance(given, str) else None
    try:
        found = date(*map(int, parts.groups())) if parts else None
    except ValueError:
        found = None
    if found is None:
        return Value(), [Violation(where, "应为日期，如 2026-05-01", "takes a date such as 2026-05-01")]
    return Value(text=found.isoformat(), number=float(days(found))), []


def _read_choice(field: Field, given: object, where: str) -> tuple[Value, list[Violation]]:
    """By its value; in a table by its label as well, where only one choice has it."""
    named = [each for each in field.choices if given == each.value] or [
        each for each in field.choices if given and given in (each.zh, each.en)
    ]
    if len(named) == 1:
        return Value(text=named[0].value), []
    values = [choice.value for choice in field.choices]
    return Value(), [Violation(where, f"应为以下之一：{'、'.join(values)}", f"takes one of {', '.join(values)}")]


def _read_flag(given: object, where: str) -> tuple[Value, list[Violation]]:
    word = str(given).strip().lower() if isinstance(given, str | bool) else ""
    if word not in _YES | _NO:
        return Value(), [Violation(where, "应为 true 或 false", "takes true or false")]
    return Value(text=str(word in _YES).lower(), number=float(word in _YES)), []
