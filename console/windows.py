"""Windows of time as they stand in JSON."""

import re
from datetime import date, time
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from console.api.faults import Told
from console.api.shapes import Answer, Shape
from sop.slots import Window

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"


def _check_clock(clock: str) -> str:
    if not re.match(_CLOCK, clock):
        raise Told("应为时刻，如 09:00，当天结束写作 24:00", "must be a time such as 09:00; the end of a day is 24:00")
    return clock


Clock = Annotated[str, AfterValidator(_check_clock), WithJsonSchema({"type": "string", "pattern": _CLOCK})]
Weekday = Annotated[int, Field(ge=1, le=7)]


class WindowIn(Shape):
    """When: from ≤ now < to on the weekdays (1 is Monday) and dates given, on the corp's clocks."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_by_alias=True)

    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    start: Clock = Field(default="00:00", alias="from")
    end: Clock = Field(default="24:00", alias="to")
    since: date | None = None
    until: date | None = None


class WindowOut(Answer):
    """When something applies."""

    weekdays: tuple[int, ...]
    start: str = Field(serialization_alias="from")
    end: str = Field(serialization_alias="to")
    since: date | None
    until: date | None


def read_window(given: WindowIn) -> dict[str, Any]:
    """The values of a window as the rules take them."""
    return {
        "weekdays": given.weekdays,
        "start": _read_time(given.start),
        "end": _read_time(given.end),
        "since": given.since,
        "until": given.until,
    }


def show_window(stored: Window) -> dict[str, Any]:
    """The values of a window as they stand in JSON."""
    return {
        "weekdays": stored.weekdays,
        "start": f"{stored.start:%H:%M}",
        "end": f"{stored.end:%H:%M}" if stored.end != time(0) else "24:00",
        "since": stored.since,
        "until": stored.until,
    }


def _read_time(clock: str) -> time:
    """24:00 is the midnight at the end of a day, which the rules call 00:00."""
    return time(0) if clock == "24:00" else time.fromisoformat(clock)
