"""Schedules as JSON: one key for the kind, such as {"cron": {"expression": "0 9 * * 1-5", "zone": "customer"}}."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec

from sop.errors import Invalid
from sop.limits import Violation
from sop.schedules.values import Cron, Dated, Once, Schedule

_KINDS: dict[str, type[Once] | type[Cron] | type[Dated]] = {"once": Once, "cron": Cron, "dated": Dated}


def plain(schedule: Schedule) -> dict[str, Any]:
    """A schedule as JSON values."""
    return {type(schedule).__name__.lower(): msgspec.to_builtins(schedule)}


def parse(document: object, field: str = "schedule") -> Schedule:
    """Read a schedule; `Invalid` where it is none. Its values are judged by `check`."""
    if not isinstance(document, Mapping) or len(document) != 1 or not _KINDS.keys() >= set(document):
        known = "、".join(_KINDS)
        raise _invalid(field, f"时间计划恰好是其中一项：{known}", f"a schedule is exactly one of {', '.join(_KINDS)}")
    ((kind, values),) = document.items()
    shape = _KINDS[kind]
    names = [each.name for each in fields(shape)]
    if isinstance(values, Mapping) and (unknown := sorted(set(values) - set(names))):
        raise _invalid(
            f"{field}.{kind}.{unknown[0]}",
            f"没有这一项；可用：{'、'.join(names)}",
            f"there is no such item; there are {', '.join(names)}",
        )
    try:
        return msgspec.convert(values, shape)
    except msgspec.ValidationError as error:
        raise _invalid(f"{field}.{kind}", f"内容不符合格式：{error}", f"it does not have the form: {error}") from error


def _invalid(field: str, zh: str, en: str) -> Invalid:
    return Invalid([Violation(field, zh, en)])
