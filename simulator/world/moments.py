"""Moments (客户朋友圈): posts that members are asked to publish, and what becomes of them (pages 95094, 93333)."""

from dataclasses import dataclass, field

from simulator.errors import Refusal
from simulator.world.caps import month_of
from simulator.world.mint import Mint

START = 1.0  # seconds in which a job has only begun
DISPATCH = 1.0  # seconds after its creation in which a moment answers 41079
JOB_LIFETIME = 86_400.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """A like or a comment, by a customer or a member."""

    id: str
    at: int
    staff: bool = False


@dataclass(slots=True)
class Publication:
    """The part of one member: asked to publish it, and who can see it since."""

    userid: str
    published_at: int = 0
    audience: dict[str, None] = field(default_factory=dict)  # external_userids, in order
    likes: list[Reaction] = field(default_factory=list)
    comments: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Moment:
    """A post; one that a member made by hand has a creator and no app. With tags only their customers see it."""

    moment_id: str
    agent_id: int = 0
    creator: str = ""
    created_at: float
    content: dict[str, object]
    tags: frozenset[str] = frozenset()
    publications: dict[str, Publication]
    cancelled: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The making of a moment: `code` is its errcode, when nothing comes of it; what was invalid is named."""

    jobid: str
    agent_id: int
    started_at: float
    done_at: float
    moment_id: str = ""
    code: int = 0
    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()

    def status(self, now: float) -> int:
        """1 begun, 2 under way, 3 over."""
        return 3 if now >= self.done_at else 2 if now >= self.started_at + START else 1


@dataclass(slots=True)
class Moments:
    """All moments and jobs of a corp, and its limits; tests set them lower to reach them."""

    mint: Mint
    by_id: dict[str, Moment] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    working: float = 5.0  # seconds that a job takes
    most_running: int = 10
    most_monthly: int = 100_000
    _made: dict[tuple[int, int], int] = field(default_factory=dict)

    def admit(self, now: float) -> None:
        """Count one more of this month: 41078 while too many jobs run, 41210 when the month is used up."""
        if sum(job.done_at > now for job in self.jobs.values()) >= self.most_running:
            raise Refusal(41078)
        month = month_of(now)
        if self._made.get(month, 0) >= self.most_monthly:
            raise Refusal(41210)
        self._made[month] = self._made.get(month, 0) + 1

    def name(self) -> str:
        """A new moment_id."""
        return self.mint.text("mom", 32)

    def begin(self, job: Job) -> None:
        """Take in a job, and forget those that nobody can ask for any more."""
        for old in [one.jobid for one in self.jobs.values() if job.started_at >= one.started_at + JOB_LIFETIME]:
            del self.jobs[old]
        self.jobs[job.jobid] = job

    def job(self, jobid: str, *, now: float) -> Job:
        """Return a job: 40088 unknown, or older than a day."""
        job = self.jobs.get(jobid)
        if job is None or now >= job.started_at + JOB_LIFETIME:
            raise Refusal(40088)
        return job

    def known(self, now: float) -> list[Moment]:
        """Every moment that is there by now, oldest first."""
        return [one for one in self.by_id.values() if one.created_at <= now and not one.deleted]

    def find(self, moment_id: str, *, now: float) -> Moment:
        """Return a moment: 41059 missing, 41060 unknown."""
        if not moment_id:
            raise Refusal(41059)
        moment = self.by_id.get(moment_id)
        if moment is None or moment.deleted or moment.created_at > now:
            raise Refusal(41060)
        return moment

    def dispatched(self, moment_id: str, *, now: float) -> Moment:
        """Return one whose tasks stand: 41079 right after its creation."""
        moment = self.find(moment_id, now=now)
        if not moment.creator and now < moment.created_at + DISPATCH:
            raise Refusal(41079)
        return moment
