"""What drives a job: the next step of one of its parts, the end of a part, the end of the whole."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDue(Own):
    """Go on with a part of a job; a handler names the kind of job it works for: `router.on(StepDue, of="…")`.

    `round` is the part's when this step was announced: an event left behind by a pause finds another, and ends.
    """

    kind = "step_due"

    job: str  # the kind of the job
    job_id: int
    part: int
    lane: int  # parts of one lane go one after another
    round: int

    @property
    def key(self) -> str:
        """The lane of the job."""
        return f"job:{self.job_id}:{self.lane}"

    @property
    def route(self) -> str:
        """Handlers name the kind of job."""
        return f"{self.kind}:{self.job}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEnded(Own):
    """A part of a job is through, or halted: look whether the whole is."""

    kind = "part_ended"

    job_id: int

    @property
    def key(self) -> str:
        """The job."""
        return f"job:{self.job_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded(Own):
    """A job is through; `status` is done, partial or cancelled."""

    kind = "job_ended"

    job: str
    job_id: int
    status: str

    @property
    def key(self) -> str:
        """The job."""
        return f"job:{self.job_id}"

    @property
    def route(self) -> str:
        """Handlers name the kind of job."""
        return f"{self.kind}:{self.job}"
