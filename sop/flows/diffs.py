"""What differs between two documents of a flow, as people say it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sop.flows import document
from sop.flows.document import Flow


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is different; `place` is a path such as nodes.hello.text."""

    what: Literal["added", "removed", "changed"]
    place: str
    before: str = ""
    after: str = ""


def compare(old: Flow, new: Flow) -> list[Difference]:
    """All that is different, in the order of the places."""
    return sorted(_compare("", _plain(old), _plain(new)), key=lambda one: one.place)


def _compare(place: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() | new.keys():
            inner = f"{place}.{name}" if place else name
            if name not in new:
                yield Difference("removed", inner, before=_short(old[name]))
            elif name not in old:
                yield Difference("added", inner, after=_short(new[name]))
            else:
                yield from _compare(inner, old[name], new[name])
    elif old != new:
        yield Difference("changed", place, _short(old), _short(new))


def _plain(flow: Flow) -> Any:
    return json.loads(document.dump(flow))


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
