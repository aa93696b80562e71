"""How commands show values to people and to scripts."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bot.config import Config

_MARKS = {
    "done": "✓",
    "sent": "✓",
    "open": "·",
    "failing": "!",
    "failed": "!",
    "delayed": "…",
    "unknown": "…",
    "skipped": "–",
    "wanted": "→",
    "capped": "–",
}
_EMPTY: tuple[object, ...] = (None, "", [], {})
_IDS = ("id", "event_id", "intent_id")  # too long for the numbers of many JSON readers


def mark(state: str) -> str:
    """One sign for a state, a status or a verdict."""
    return _MARKS.get(state, "✗")


def zone_of(config: Config, corp_id: str) -> tzinfo:
    """The time zone of a corp; UTC for one that is configured no more."""
    return next((ZoneInfo(corp.zone) for corp in config.corps if corp.id == corp_id), UTC)


def moment(at: datetime, zone: tzinfo) -> str:
    """A moment on the wall clock of a zone."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def duration(length: timedelta) -> str:
    """A length of time in the unit that suits it."""
    seconds = abs(length.total_seconds())
    sign = "-" if length < timedelta() else ""
    if seconds < 1:
        return f"{sign}{seconds * 1000:.0f} ms"
    for unit, size, limit in (("s", 1, 120), ("min", 60, 120), ("h", 3600, 48)):
        if seconds < limit * size:
            return f"{sign}{seconds / size:.3g} {unit}"
    return f"{sign}{seconds / 86400:.3g} d"


def facts(values: Mapping[str, Any]) -> str:
    """A mapping on one line, without what is empty: `name = value; name = value`."""
    return "; ".join(f"{name} = {_fact(value)}" for name, value in values.items() if value not in _EMPTY)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under headings, aligned also where texts are Chinese."""
    lines = [headings, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def aligned(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> str:
    """Columns without headings, indented."""
    return "\n".join(f"{indent}{line}" for line in table(rows[0], rows[1:]).splitlines())


def plain(value: Any, *, body: bool = False) -> dict[str, Any]:
    """A dataclass as JSON values: moments in ISO 8601, ids as texts, the body only if asked for."""
    values: dict[str, Any] = msgspec.to_builtins(value)
    for name in _IDS:
        if values.get(name) is not None:
            values[name] = str(values[name])
    if not body:
        values.pop("body", None)
    return values


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _fact(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
