"""Syncs as jobs: which are open, and how they are begun or gone on with."""

from collections.abc import Collection
from datetime import datetime

from sop import sync
from sop.jobs import Job, Plan
from storage.jobs import Jobs
from storage.scope import Scope

_OPEN = ("running", "paused", "partial")


class Syncs:
    """The syncs of a corp."""

    def __init__(self, scope: Scope, jobs: Jobs) -> None:
        self._scope = scope
        self._jobs = jobs

    async def begin(self, *, repair: bool, kinds: Collection[str] = ()) -> dict[str, int]:
        """Begin the syncs of these kinds (all when none is named), and go on with halted ones; their jobs by kind.

        One that is running or paused stays as it is. Without `repair` nothing is changed: only a report is written.
        At commit a `Conflict` where another has begun one meanwhile.
        """
        begun: dict[str, int] = {}
        for kind in sync.KINDS:
            if kinds and kind not in kinds:
                continue
            job = await self.open(kind)
            if job is None:
                lanes = sync.LANES if kind == sync.CUSTOMERS else 1
                begun[kind] = self._jobs.start(
                    kind, [Plan(name="plan")], body={"repair": repair}, width=lanes, alone=True
                )
            else:
                begun[kind] = job.id
                if job.status == "partial":
                    await self._jobs.resume(job)
        return begun

    async def open(self, kind: str) -> Job | None:
        """The sync of a kind that has not ended."""
        for status in _OPEN:
            if found := await self._jobs.page(kind=kind, status=status, most=1):
                return found[0]
        return None

    async def latest(self) -> datetime | None:
        """When the latest sync of customers was begun."""
        found = await self._jobs.page(kind=sync.CUSTOMERS, most=1)
        return found[0].created_at if found else None
