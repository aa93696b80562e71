"""Jobs: long work in parts, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Status = Literal["running", "paused", "partial", "done", "cancelled"]
PartStatus = Literal["open", "done", "partial"]
_NEARLY = 0.99  # done is only what is done: what was counted beforehand may have become more
_IMPRESSION = timedelta(seconds=2)  # a pace is seen no sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A part as it is begun: `body` is what it needs to know, `total` how much it has to do, if that is known.

    Where it is not known, `size` may tell how large the part is in something else that its steps pass: members, say.
    """

    name: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    total: int | None = None
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one step has brought a part: `cursor` is where it goes on, None when it is through.

    `done` and `failed` are what this step adds; `passed` is how much of the part's `size` is behind it by now.
    `code` and `reason` halt the part at the cursor.
    """

    cursor: str | None
    done: int = 0
    failed: int = 0
    total: int | None = None
    size: int | None = None
    passed: int | None = None
    code: int = 0
    reason: str = ""
    pause: float = 0  # seconds until the next step makes sense, where this one has to wait for something


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Long work, and how far it has come; `total` is None until a part knows how much it has to do.

    `passed` of `size` is behind it, in `total`'s terms or in those of its parts; `passed_then` was when it was begun or
    last changed its status, at `changed_at`.
    """

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
    size: int = 0
    passed: int = 0
    passed_then: int = 0
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None

    @property
    def share(self) -> float | None:
        """How much is behind it, from 0 to 1; None where nobody knows how much there is to do."""
        if self.status == "done":
            return 1.0
        if self.size:
            return min(self.passed / self.size, _NEARLY)
        return self.parts_done / self.parts if self.parts > 1 else None

    def pace(self, now: datetime) -> float | None:
        """How much of its size it has passed in a second since it was begun or resumed; None where none is seen."""
        gained, age = self.passed - self.passed_then, now - self.changed_at
        running = self.status == "running" and gained > 0 and age > _IMPRESSION
        return gained / age.total_seconds() if running else None

    def ends(self, now: datetime) -> datetime | None:
        """When it will have ended at its pace."""
        pace = self.pace(now)
        return now + timedelta(seconds=max(self.size - self.passed, 0) / pace) if pace else None


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
    size: int = 0
    passed: int = 0
    done: int
    failed: int
    code: int
    reason: str
