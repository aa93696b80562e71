"""Schedules as JSON: one key for the kind, such as {"cron": {"expression": "0 9 * * 1-5", "zone": "customer"}}."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, time
from typing import Any

import msgspec

from sop.errors import Invalid
from sop.limits import Violation
from sop.schedules.values import Cron, Dated, Once, Schedule

_KINDS: dict[str, type[Once] | type[Cron] | type[Dated]] = {"once": Once, "cron": Cron, "dated": Dated}
# ISO 8601 as people write it: without seconds, which msgspec asks for.
_CLOCKS: dict[str, Callable[[str], datetime | time]] = {"once": datetime.fromisoformat, "dated": time.fromisoformat}


def plain(schedule: Schedule) -> dict[str, Any]:
    """A schedule as JSON values."""
    return {type(schedule).__name__.lower(): msgspec.to_builtins(schedule)}


def parse(document: object, field: str = "schedule") -> Schedule:
    """Read a schedule; `Invalid` where it is none. Its values are judged by `check`."""
    if not isinstance(document, Mapping) or len(document) != 1 or not _KINDS.keys() >= set(document):
        known = "、".join(_KINDS)
        raise _invalid(field, f"时间计划恰好是其中一项：{known}", f"a schedule is exactly one of {', '.join(_KINDS)}")
    ((kind, values),) = document.items()
    where = f"{field}.{kind}"
    try:
        return msgspec.convert(_read(kind, values, where), _KINDS[kind])
    except msgspec.ValidationError as error:
        raise _invalid(where, f"内容不符合格式：{error}", f"it does not have the form: {error}") from error


def _read(kind: str, values: object, where: str) -> object:
    if not isinstance(values, Mapping):
        return values
    names = [each.name for each in fields(_KINDS[kind])]
    for name in values:
        if name not in names:
            said = "没有这一项；可用：" + "、".join(names), "there is no such item; there are " + ", ".join(names)
            raise _invalid(f"{where}.{name}", *said)
    at = values.get("at")
    if kind not in _CLOCKS or not isinstance(at, str):
        return values
    try:
        return {**values, "at": _CLOCKS[kind](at)}
    except ValueError as error:
        form = "2026-05-01T09:00" if kind == "once" else "09:00"
        raise _invalid(f"{where}.at", f"时间应写作 {form}", f"the time is written like {form}") from error


def _invalid(field: str, zh: str, en: str) -> Invalid:
    return Invalid([Violation(field, zh, en)])
