"""Fields: what a corp notes of its customers beyond WeCom, such as a birthday, a stage or a score.

A value is held twice: as text, by which it is shown and compared as words, and as a number, by which it is ordered.

| kind   | text             | number                                                    |
| text   | as it is         | none                                                      |
| number | none             | a 64-bit float: whole numbers are exact up to 2**53        |
| date   | 2026-05-01       | days since 1970-01-01                                     |
| choice | one of `choices` | none: choices are compared as words                       |
| flag   | true or false    | 1 or 0                                                    |
"""

import re
from collections.abc import Iterable, Mapping
from typing import get_args

from sop.fields.base import Change, Choice, Field, Kind, Plain, Value
from sop.fields.reading import LARGEST, LONGEST_TEXT, day, days, digest, flatten, read
from sop.limits import Limit, Unit, Violation
from sop.reasons import define

__all__ = [
    "BUILT_IN", "DROP", "FIELD_CHANGED", "KINDS", "LARGEST", "LONGEST_TEXT", "MOST_FIELDS", "NO_FIELD", "PHONE",
    "TAKEN", "UNFIT", "Change", "Choice", "Field", "Kind", "Plain", "Value",
    "check", "day", "days", "digest", "flatten", "known", "read",
]  # fmt: skip

KINDS: tuple[Kind, ...] = get_args(Kind)
NAME = Limit("字段名", "the field's name", 40, Unit.CHARS, 1)
LABEL = Limit("显示名称", "the label", 60, Unit.CHARS)
CHOICES = Limit("选项", "a choice", 200, Unit.ITEMS, 1)
MOST_FIELDS = 200  # of a corp
PHONE = "phone"  # a unique field of this name is filled from what members note at WeCom
DROP = "drop_field"  # the job that takes the values of a field away
FIELD_CHANGED = "field_changed"  # what the history calls it
NO_FIELD = define("no_field", "没有这个字段", "There is no such field")
UNFIT = define(
    "field_unfit", "该值与字段的类型或选项不符", "The value does not suit the field: its kind, or its choices"
)
TAKEN = define("field_taken", "该值已属于另一位客户", "Another customer has this value")
_RESERVED = frozenset({"external_user_id", "external_userid", "unionid", "customer"})  # tell who is meant
_NAME = re.compile(r"[a-z][a-z0-9_]*")

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


def check(field: Field) -> list[Violation]:
    """Everything that is wrong with a field as defined."""
    found = NAME.check("name", field.name) + LABEL.check("zh", field.zh) + LABEL.check("en", field.en)
    if not found and not _NAME.fullmatch(field.name):
        zh, en = "用小写英文字母、数字和 _，以字母开头", "takes lowercase letters, digits and _, a letter first"
        found.append(Violation("name", f"字段名{zh}", f"the field's name {en}"))
    if field.name in _RESERVED:
        zh, en = f"{field.name} 已有含义，请换一个名称", f"{field.name} has a meaning already: choose another name"
        found.append(Violation("name", zh, en))
    own = BUILT_IN.get(field.name)
    if own and (field.kind != own.kind or field.unique):
        found.append(
            Violation("kind", f"内置字段 {own.name} 的类型是 {own.kind}", f"{own.name} is built in, of kind {own.kind}")
        )
    if field.unique and field.kind != "text":
        found.append(Violation("unique", "只有文本字段可以设为唯一", "only a text can be unique"))
    return found + _check_choices(field)


def known(fields: Iterable[Field]) -> dict[str, Field]:
    """All fields by name: the built-in ones, as they were changed, and the corp's own."""
    return {**BUILT_IN, **{field.name: field for field in fields}}


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
