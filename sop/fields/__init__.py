"""Fields: what a corp notes of its customers beyond WeCom, such as a birthday, a stage or a score.

A value is held twice: as text, by which it is shown and compared as words, and as a number, by which it is ordered.

| kind   | text             | number                                                    |
| text   | as it is         | none                                                      |
| number | none             | a 64-bit float: whole numbers are exact up to 2**53        |
| date   | 2026-05-01       | days since 1970-01-01                                     |
| choice | one of `choices` | none: choices are compared as words                       |
| flag   | true or false    | 1 or 0                                                    |
"""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from sop.limits import Limit, Unit, Violation
from sop.reasons import define

Kind = Literal["text", "number", "date", "choice", "flag"]
Plain = str | float | bool
"""A value as people write it: a date as 2026-05-01, a choice by its value."""

KINDS: tuple[Kind, ...] = get_args(Kind)
NAME = Limit("字段名", "the field's name", 40, Unit.CHARS, 1)
LABEL = Limit("显示名称", "the label", 60, Unit.CHARS)
CHOICES = Limit("选项", "a choice", 200, Unit.ITEMS, 1)
LONGEST_TEXT = 500  # characters of a value: PostgreSQL's indexes take 2,700 bytes
LARGEST = 2.0**53  # beyond it a float is no longer sure of the last digit
MOST_FIELDS = 200  # of a corp
FIELD_CHANGED = "field_changed"  # what the history calls it
NO_FIELD = define("no_field", "没有这个字段", "There is no such field")
TAKEN = define("field_taken", "该值已属于另一位客户", "Another customer has this value")
_EPOCH = date(1970, 1, 1)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_YES = frozenset({"1", "y", "yes", "true", "是", "√"})
_NO = frozenset({"0", "n", "no", "false", "否", "×"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BETWEEN = re.compile(r"[\s()+-]")
_CHINA = re.compile(r"(?:00)?86(1\d{10})")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values that a choice may have."""

    value: str
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as it is defined.

    `personal` values are shown to those only who may see people. No two customers have the same value of a field
    that is `unique`, so that it tells who is meant.
    """

    name: str
    kind: Kind
    zh: str = ""
    en: str = ""
    choices: tuple[Choice, ...] = ()
    personal: bool = False
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is held."""

    text: str = ""
    number: float | None = None

    def plain(self, kind: Kind) -> Plain:
        """As people write it."""
        if kind == "flag":
            return bool(self.number)
        if kind != "number" or self.number is None:
            return self.text
        return int(self.number) if self.number.is_integer() else self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a customer's field is to be: a value, or none; or with `add` a number more than it is."""

    external_user_id: str
    name: str
    value: Value | None = None
    add: float | None = None


BUILT_IN: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field(
            name="stage",
            kind="choice",
            zh="客户阶段",
            en="Stage",
            choices=(
                Choice(value="new", zh="新客户", en="New"),
                Choice(value="interested", zh="有意向", en="Interested"),
                Choice(value="quoted", zh="已报价", en="Quoted"),
                Choice(value="won", zh="已成交", en="Won"),
                Choice(value="repeat", zh="复购", en="Repeat buyer"),
                Choice(value="lost", zh="已流失", en="Lost"),
            ),
        ),
        Field(name="score", kind="number", zh="客户评分", en="Score"),
    )
}


def days(day: date) -> int:
    """A day as a number: days since 1970-01-01."""
    return (day - _EPOCH).days


def day(number: float) -> date:
    """The day of a number."""
    return _EPOCH + timedelta(days=int(number))


def check(field: Field) -> list[Violation]:
    """Everything that is wrong with a field as defined."""
    found = NAME.check("name", field.name) + LABEL.check("zh", field.zh) + LABEL.check("en", field.en)
    if not found and not _NAME.fullmatch(field.name):
        zh, en = "用小写英文字母、数字和 _，以字母开头", "takes lowercase letters, digits and _, a letter first"
        found.append(Violation("name", f"字段名{zh}", f"the field's name {en}"))
    own = BUILT_IN.get(field.name)
    if own and (field.kind != own.kind or field.unique):
        found.append(
            Violation("kind", f"内置字段 {own.name} 的类型是 {own.kind}", f"{own.name} is built in, of kind {own.kind}")
        )
    if field.unique and field.kind != "text":
        found.append(Violation("unique", "只有文本字段可以设为唯一", "only a text can be unique"))
    return found + _check_choices(field)


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


def _check_choices(field: Field) -> list[Violation]:
    if field.kind != "choice":
        wrong = Violation("choices", "只有选项字段有选项", "only a choice has choices")
        return [wrong] if field.choices else []
    found = CHOICES.check("choices", field.choices)
    values = [choice.value for choice in field.choices]
    for at, choice in enumerate(field.choices):
        found += LABEL.check(f"choices.{at}.zh", choice.zh) + LABEL.check(f"choices.{at}.en", choice.en)
        if not choice.value.strip() or len(choice.value) > LABEL.most or values.index(choice.value) != at:
            zh, en = (
                f"选项值为 1 到 {LABEL.most} 个字，不能重复",
                f"a value has 1 to {LABEL.most} characters, and comes once",
            )
            found.append(Violation(f"choices.{at}.value", zh, en))
    return found


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


def known(fields: Sequence[Field]) -> dict[str, Field]:
    """All fields by name: the built-in ones, as they were changed, and the corp's own."""
    return {**BUILT_IN, **{field.name: field for field in fields}}
