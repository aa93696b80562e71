"""Answers that come page by page."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, and the cursor of the next page: "" after the last one, however short this one is."""

    items: tuple[T, ...]
    cursor: str
