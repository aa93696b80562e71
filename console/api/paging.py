"""Cursors: where a list was left, as an opaque word that comes back in `after`."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from console.api.problem import Problem, invalid
from console.api.shapes import Page
from console.api.words import Words
from storage.values import FOREVER

Place = tuple[int | str, ...]
Row = TypeVar("Row")
Item = TypeVar("Item")
_LARGEST = 2**63 - 1
_ALIEN = Words("不是上一页给出的 next", "is not the `next` of a page")


def turn(rows: Sequence[Row], limit: int, show: Callable[[Row], Item], place: Callable[[Row], Place]) -> Page[Item]:
    """A page of at most `limit` of the rows, of which one more than that was asked for."""
    shown = rows[:limit]
    following = write_place(place(shown[-1])) if len(rows) > limit else None
    return Page(items=tuple(show(row) for row in shown), next=following)


def write_place(place: Place) -> str:
    """The cursor of a place in the order of a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_place(cursor: str, *shape: type[int] | type[str]) -> Place | None:
    """The place of a cursor, None for the start; a problem unless it has this shape."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=list[int | str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise _alien() from None
    fitting = len(values) == len(shape) and all(map(_fits, values, shape))
    if not fitting:
        raise _alien()
    return tuple(values)


def read_id(cursor: str) -> int | None:
    """The place of a list ordered by id alone."""
    place = read_place(cursor, int)
    return None if place is None else int(place[0])


def read_before(cursor: str) -> int:
    """The place of a list that begins with the newest id; at its beginning one that no id reaches."""
    place = read_id(cursor)
    return FOREVER if place is None else place


def _fits(value: int | str, kind: type[int] | type[str]) -> bool:
    if isinstance(value, str):
        return kind is str and "\0" not in value
    return kind is int and abs(value) <= _LARGEST


def _alien() -> Problem:
    return invalid("after", _ALIEN)
