"""What a check finds: in order, doubtful or at fault, with the words for it and the way out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How a check came out."""

    FINE = "✓"
    DOUBT = "!"  # works, or may work, but look at it
    FAULT = "✗"


class Said(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One result; `code` is WeCom's, or 0, and `fix` says what to do where."""

    state: State
    said: Said
    fix: Said | None = None
    check: str = field(default="", kw_only=True)  # database, migrations, redis, token, ip, agent, scope, callback …
    about: str = field(default="", kw_only=True)  # corp and app, if it is about one
    code: int = field(default=0, kw_only=True)


Findings = AsyncIterator[Finding]
