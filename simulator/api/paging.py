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
    start = _read(cursor)
    if start > len(rows):
        raise Refusal(50100)
    end = start + limit
    return rows[start:end], _write(end) if end < len(rows) else ""


def clamp(asked: int, *, most: int) -> int:
    """Return the page length where more than the maximum means the maximum."""
    return most if asked <= 0 else min(asked, most)


def fall_back(asked: int, *, default: int, most: int) -> int:
    """Return the page length where more than the maximum means the default (page 93338)."""
    return asked if 0 < asked <= most else default


def _write(offset: int) -> str:
    return base64.urlsafe_b64encode(f"{_MARK}{offset}".encode()).decode()


def _read(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor).decode()
    except (binascii.Error, ValueError) as error:
        raise Refusal(50100) from error
    if not text.startswith(_MARK) or not text[len(_MARK) :].isdecimal():
        raise Refusal(50100)
    return int(text[len(_MARK) :])
