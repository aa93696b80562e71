"""From what pydantic finds wrong with a request to faults that a person can read."""

import difflib
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from console.api.problem import Fault, Problem
from console.api.words import Words, verbatim
from sop.limits import Violation

_SENTENCES: Mapping[str, Words] = {
    "missing": Words("缺少此项", "is needed"),
    "string_type": Words("应为文本", "must be a text"),
    "string_too_long": Words("最多 {max_length} 个字符", "has at most {max_length} characters"),
    "string_too_short": Words("至少 {min_length} 个字符", "has at least {min_length} characters"),
    "string_pattern_mismatch": Words("格式不符，应匹配 {pattern}", "does not match {pattern}"),
    "int_type": Words("应为整数", "must be a whole number"),
    "int_parsing": Words("应为整数", "must be a whole number"),
    "int_from_float": Words("应为整数", "must be a whole number"),
    "bool_type": Words("应为 true 或 false", "must be true or false"),
    "bool_parsing": Words("应为 true 或 false", "must be true or false"),
    "greater_than_equal": Words("不能小于 {ge}", "must be at least {ge}"),
    "less_than_equal": Words("不能大于 {le}", "must be at most {le}"),
    "too_long": Words("最多 {max_length} 项", "has at most {max_length} items"),
    "too_short": Words("至少 {min_length} 项", "has at least {min_length} items"),
    "literal_error": Words("应为以下之一：{expected}", "must be one of {expected}"),
    "tuple_type": Words("应为数组", "must be an array"),
    "list_type": Words("应为数组", "must be an array"),
    "dict_type": Words("应为对象", "must be an object"),
    "model_type": Words("应为对象", "must be an object"),
    "model_attributes_type": Words("应为对象", "must be an object"),
    "identity": Words("应为字符串形式的编号", "must be an id, written as a string"),
    "repeated": Words("只能给出一次", "may be given only once"),
    "date_type": Words("应为日期，如 2026-05-01", "must be a date such as 2026-05-01"),
    "time_type": Words("应为时刻，如 09:30", "must be a time such as 09:30"),
    "datetime_type": Words(
        "应为带时区的时间，如 2026-05-01T09:30:00+08:00", "must be a time with zone such as 2026-05-01T09:30:00+08:00"
    ),
    "timezone_aware": Words("应带时区，如 +08:00", "needs a time zone such as +08:00"),
    "base64_decode": Words("不是合法的 Base64", "is not valid Base64"),
}
_ALIKE = {
    "date_parsing": "date_type",
    "date_from_datetime_parsing": "date_type",
    "date_from_datetime_inexact": "date_type",
    "time_parsing": "time_type",
    "datetime_parsing": "datetime_type",
    "datetime_from_date_parsing": "datetime_type",
    "bytes_type": "string_type",
}
_INDEX = re.compile(r"\[(\d+)\]")  # slots[0] is slots.0 here
_UNREADABLE = Words("值无效", "is not valid")
_UNKNOWN = Words("没有这一项，是否指 {nearest}？", "is unknown; did you mean {nearest}?")
_UNKNOWN_OF = Words("没有这一项，可用的有：{names}", "is unknown; there are: {names}")


def read_faults(error: ValidationError, model: type[BaseModel]) -> Problem:
    """The problem that lists everything that is wrong; one of its own where the body is no JSON at all."""
    details = error.errors(include_url=False, include_input=False)
    if any(detail["type"] == "json_invalid" for detail in details):
        return Problem("unreadable")
    return Problem("invalid", [_fault(detail, model) for detail in details])


def read_violations(violations: Iterable[Violation]) -> Problem:
    """The problem that lists every limit that a rule breaks."""
    return Problem(
        "invalid",
        [Fault(_INDEX.sub(r".\1", found.field), verbatim(found.message_zh, found.message_en)) for found in violations],
    )


def unknown(name: str, names: Iterable[str]) -> Words:
    """What to say of a name that does not exist, by those that do."""
    names = sorted(names)
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if nearest:
        return _UNKNOWN.fill(nearest=nearest[0])
    return _UNKNOWN_OF.fill(names=", ".join(names) or "—")


def _fault(detail: ErrorDetails, model: type[BaseModel]) -> Fault:
    place, kind, facts = detail["loc"], detail["type"], detail.get("ctx", {})
    field = ".".join(str(step) for step in place)
    if kind == "extra_forbidden":
        return Fault(field, unknown(str(place[-1]), _names(model, place[:-1])))
    if kind == "literal_error":
        facts = {"expected": facts["expected"].replace("'", "").replace(" or ", ", ")}
    cause = facts.get("error")
    if isinstance(cause, Told):
        return Fault(field, cause.words)
    return Fault(field, _SENTENCES.get(_ALIKE.get(kind, kind), _UNREADABLE).fill(**facts))


class Told(ValueError):
    """Raised by a validator of ours: what is wrong, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = verbatim(zh, en)


def _names(model: type[BaseModel], place: tuple[int | str, ...]) -> Iterator[str]:
    """The names that a model has at a place inside a document, as they are written in JSON."""
    for step in place:
        if isinstance(step, str):
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = next(_models(fields[step].annotation), model)
    for name, field in model.model_fields.items():
        yield field.alias or name


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside an annotation such as `tuple[Slot, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)
