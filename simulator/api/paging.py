"""Cursors: opaque, and refused when they are not ours (50100)."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from simulator.errors import Refusal

T = TypeVar("T")
_MARK = "at:"


def cut(rows: Sequence[T], cursor: str, limit: int) -> tuple[Sequence[T], str]:
    """Return one page and the next cursor, which is "" at the end."""
    (start,) = read(cursor)
    if start > len(rows):
        raise Refusal(50100)
    end = start + limit
    return rows[start:end], write(end) if end < len(rows) else ""


def clamp(asked: int, *, most: int) -> int:
    """Return the page length where more than the maximum means the maximum."""
    return most if asked <= 0 else min(asked, most)


def fall_back(asked: int, *, default: int, most: int) -> int:
    """Return the page length where more than the maximum means the default (page 93338)."""
    return asked if 0 < asked <= most else default


def write(*numbers: int) -> str:
    """Return the cursor of a place."""
    return base64.urlsafe_b64encode((_MARK + "-".join(map(str, numbers))).encode()).decode()


def read(cursor: str, *, count: int = 1) -> tuple[int, ...]:
    """Return the place of a cursor, of so many numbers; an empty one is the beginning."""
    if not cursor:
        return (0,) * count
    try:
        text = base64.urlsafe_b64decode(cursor).decode()
    except (binascii.Error, ValueError) as error:
        raise Refusal(50100) from error
    numbers = text.removeprefix(_MARK).split("-")
    if not text.startswith(_MARK) or len(numbers) != count or not all(number.isdecimal() for number in numbers):
        raise Refusal(50100)
    return tuple(map(int, numbers))
