"""Jobs: long work in parts, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Status = Literal["running", "paused", "partial", "done", "cancelled"]
PartStatus = Literal["open", "done", "partial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A part as it is begun: `body` is what it needs to know, `total` how much it has to do, if that is known."""

    name: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one step has brought a part: `cursor` is where it goes on, None when it is through.

    `done` and `failed` are what this step adds. `code` and `reason` halt the part at the cursor.
    """

    cursor: str | None
    done: int = 0
    failed: int = 0
    total: int | None = None
    code: int = 0
    reason: str = ""
    pause: float = 0  # seconds until the next step makes sense, where this one has to wait for something


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Long work, and how far it has come; `total` is None until a part knows how much it has to do."""

    id: int
    kind: str
    name: str
    body: Mapping[str, Any]
    status: Status
    width: int
    parts: int
    parts_done: int
    total: int | None
    done: int
    failed: int
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part; `code` and `reason` say why it halted or waits for its next try."""

    number: int
    name: str
    body: Mapping[str, Any]
    cursor: str
    status: PartStatus
    round: int
    tries: int
    total: int | None
    done: int
    failed: int
    code: int
    reason: str
