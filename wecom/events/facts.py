"""How a fact is declared: its routes in a decorator, and beside each field the element it is read from.

    @fact("event/change_external_contact/transfer_fail")
    class TransferFailed(ContactEvent):
        reason: Annotated[str, "FailReason"] = ""

A field without a default is essential: where it is missing, the callback becomes an Unknown. Paths go
down with `/`, alternative spellings are parted by `|`, and everything on the way may be repeated. The
type says how the text is read; a third argument (`choice`, `commas`) says it where the type cannot.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from math import isfinite
from types import UnionType
from typing import Annotated, ClassVar, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from wecom.ids import CorpId
from wecom.tree import Node

EPOCH = datetime.fromtimestamp(0, UTC)
INT64 = 2**63

Read = Callable[[str | Node], object]  # gives MISSING for what it cannot use
E = TypeVar("E", bound="Event")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at the platform.

    `at` is the platform's CreateTime (whole seconds); a callback without one happened at the epoch.
    """

    kind: ClassVar[str]
    """The name in snake_case, as in `contact_added`."""

    corp_id: CorpId
    at: datetime

    @property
    def key(self) -> str:
        """The subject whose events must run one after another."""
        return "corp"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one class is made out of a document."""

    cls: type
    readers: tuple[tuple[str, Callable[[Node], object]], ...]
    essential: frozenset[str]

    def make(self, node: Node, **given: object) -> object:
        """Return an instance, or MISSING when something essential is not there."""
        for name, read in self.readers:
            value = read(node)
            if value is not MISSING:
                given[name] = value
            elif name in self.essential:
                return MISSING
        return self.cls(**given)


REGISTRY: dict[str, type[Event]] = {}
ROUTES: dict[str, Recipe] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(*routes: str) -> Callable[[type[E]], type[E]]:
    """Make the class a frozen, slotted, keyword-only dataclass that `parse` returns for these routes.

    A route is MsgType, Event, ChangeType and UpdateDetail as far as they exist, in lower case; those of
    robots begin with `robot`.
    """

    def register(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.kind = re.sub(r"(?<!^)(?=[A-Z])", "_", made.__name__).lower()
        REGISTRY[made.kind] = made
        recipe = _recipe(made)
        ROUTES.update((route, recipe) for route in routes)
        return made

    return register


def choice(words: Mapping[str, T], other: T | None = None) -> Callable[[str], object]:
    """Translate one of the platform's words, in any case; without `other` a strange word is missing."""
    fallback = MISSING if other is None else other
    return lambda text: words.get(text.strip().lower(), fallback)


def commas(item: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Split a comma-separated list, leaving out what `item` refuses with a ValueError."""

    def split(text: str) -> Iterable[T]:
        for part in filter(None, map(str.strip, text.split(","))):
            try:
                yield item(part)
            except ValueError:
                continue

    return lambda text: tuple(split(text))


def moment(text: str) -> object:
    """Read Unix seconds as an aware datetime in UTC; 0 is how the platform says "not yet"."""
    try:
        return datetime.fromtimestamp(int(text), UTC) if text != "0" else MISSING
    except (ValueError, OverflowError, OSError):
        return MISSING


def _word(text: str) -> object:
    return text or MISSING


def _whole(text: str) -> object:
    try:
        number = int(text)
    except ValueError:
        return MISSING
    return number if abs(number) < INT64 else MISSING


def _decimal(text: str) -> object:
    try:
        number = float(text)
    except ValueError:
        return MISSING
    return number if isfinite(number) else MISSING


_SCALARS: dict[object, Callable[[str], object]] = {str: _word, int: _whole, float: _decimal, datetime: moment}


def _recipe(cls: type) -> Recipe:
    hints = get_type_hints(cls, include_extras=True)
    readers = []
    essential = set()
    for field in fields(cls):
        if get_origin(hints[field.name]) is Annotated:
            readers.append((field.name, _reader(*get_args(hints[field.name]))))
            if field.default is MISSING:
                essential.add(field.name)
    return Recipe(cls, tuple(readers), frozenset(essential))


def _reader(hint: object, path: str, convert: Callable[[str], object] | None = None) -> Callable[[Node], object]:
    steps = [alternative.split("/") for alternative in path.split("|")]
    simple = path if len(steps) == len(steps[0]) == 1 else ""

    def find(node: Node) -> Iterable[str | Node]:
        return node.get(simple, ()) if simple else _follow(node, steps)

    if convert is None and get_origin(hint) is tuple:
        each = _use(get_args(hint)[0])
        return lambda node: tuple(got for value in find(node) if (got := each(value)) is not MISSING)
    use = _text(convert) if convert else _use(hint)

    def first(node: Node) -> object:
        for value in find(node):
            got = use(value)
            if got is not MISSING:
                return got
        return MISSING

    return first


def _follow(node: Node, alternatives: list[list[str]]) -> Iterable[str | Node]:
    for steps in alternatives:
        found: list[str | Node] = [node]
        for step in steps:
            found = [value for each in found if not isinstance(each, str) for value in each.get(step, ())]
        yield from found


def _use(hint: object) -> Read:
    if get_origin(hint) in (Union, UnionType):
        hint = get_args(hint)[0]
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    if isinstance(hint, type) and is_dataclass(hint):
        recipe = _recipe(hint)
        return lambda value: MISSING if isinstance(value, str) else recipe.make(value)
    return _text(_SCALARS[hint])


def _text(convert: Callable[[str], object]) -> Read:
    return lambda value: convert(value) if isinstance(value, str) else MISSING
