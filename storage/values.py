"""How values cross into SQL and back: moments as milliseconds, documents as JSON text, ids that sort by time."""

import random
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import msgspec

FOREVER = 2**62  # a moment that never comes: the due date of work that waits for nothing
_EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z, so that ids stay below 2**63 until 2093
_SEQUENCE_BITS = 22

_encoder = msgspec.json.Encoder()


def encode(value: Any) -> str:
    """A JSON document of plain values and dataclasses, as compact text."""
    return _encoder.encode(value).decode()


def decode(text: str | None) -> Any:
    """Read a JSON document; None stays None."""
    return None if text is None else msgspec.json.decode(text)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment; a naive one is a mistake of ours."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime cannot be stored: give it a time zone")
    return int(moment.timestamp() * 1000)


def from_ms(value: int) -> datetime:
    """The aware UTC moment of a stored number of milliseconds."""
    return datetime.fromtimestamp(value / 1000, UTC)


def maybe_ms(moment: datetime | None) -> int | None:
    """Like `to_ms`, for a moment that may be missing."""
    return None if moment is None else to_ms(moment)


def maybe_moment(value: int | None) -> datetime | None:
    """Like `from_ms`, for a column that may be NULL."""
    return None if value is None else from_ms(value)


class Sequence:
    """Ids that sort by time and need no round trip: 41 bits of milliseconds, 22 bits that start at random.

    Strictly increasing within a process. Two processes meet on one id about once in a million shared
    milliseconds; the primary key then refuses the second, whose work is simply tried again.
    """

    def __init__(self) -> None:
        self._last = 0
        self._bits = random.Random(secrets.randbits(64)).getrandbits  # noqa: S311 - to differ, not to be secret

    def __call__(self) -> int:
        base = (time.time_ns() // 1_000_000 - _EPOCH_MS) << _SEQUENCE_BITS
        if base > self._last:
            self._last = base | self._bits(_SEQUENCE_BITS - 1)
        else:
            self._last += 1
        return self._last


new_id = Sequence()


def first_id(moment: datetime) -> int:
    """The smallest id that could have been made at a moment."""
    return max(to_ms(moment) - _EPOCH_MS, 0) << _SEQUENCE_BITS
