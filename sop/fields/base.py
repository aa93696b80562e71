"""What a field of customers is, and a value of it, and a change."""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "number", "date", "choice", "flag"]
Plain = str | float | bool
"""A value as people write it: a date as 2026-05-01, a choice by its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values that a choice may have."""

    value: str
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as it is defined.

    `personal` values are shown to those only who may see people. No two customers have the same value of a field
    that is `unique`, so that it tells who is meant.
    """

    name: str
    kind: Kind
    zh: str = ""
    en: str = ""
    choices: tuple[Choice, ...] = ()
    personal: bool = False
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is held."""

    text: str = ""
    number: float | None = None

    def plain(self, kind: Kind) -> Plain:
        """As people write it."""
        if kind == "flag":
            return bool(self.number)
        if kind != "number" or self.number is None:
            return self.text
        return int(self.number) if self.number.is_integer() else self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a customer's field is to be: a value, or none; or with `add` a number more than it is."""

    external_user_id: str
    name: str
    value: Value | None = None
    add: float | None = None

    def suits(self, field: Field) -> bool:
        """Whether a field of this kind can be changed so."""
        return field.kind == "number" if self.add is not None else self.value != Value()

    def follow(self, earlier: "Change | None") -> "Change":
        """Two changes of one field as one: the later one counts, and what is added adds up."""
        if earlier is None or self.add is None:
            return self
        if earlier.add is not None:
            return replace(self, add=earlier.add + self.add)
        before = (earlier.value and earlier.value.number) or 0
        return replace(self, value=Value(number=float(before + self.add)), add=None)
