"""What becomes due, or has ended, of the tasks of members."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksDue(Own):
    """Tasks are to be shown, are overdue, or are the lead's by now: a batch of them is looked at.

    `after` names the last one of the batch before, if this is to follow it at once.
    """

    kind = "tasks_due"

    after: str = ""

    @property
    def key(self) -> str:
        """One look at a time."""
        return "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded(Own):
    """A task that somebody waits for was done, or cancelled: `status` is one of the two."""

    kind = "task_ended"

    task_id: int
    origin: str
    origin_id: int
    enrolment_id: int | None = None
    status: str

    @property
    def key(self) -> str:
        """Whoever gave it."""
        return f"{self.origin}:{self.origin_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDue(Own):
    """Look whether it is time to tell every member what the day brings."""

    kind = "digest_due"

    @property
    def key(self) -> str:
        """One look at a time."""
        return "digest"
