"""Hands: what a worker holds. Work is taken by lease, kept while it is being done, and put down when it is done.

A worker that dies lets its leases end, and another takes over. Whatever this process writes itself it may be given at
once, born with a lease, which saves the claim; the rest is claimed, nearest deadline first.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import structlog

from bot import metrics
from bot.pressure import Pressure
from bot.wake import Bell
from storage.errors import Unavailable

POLL = 0.5  # seconds between looks when nothing rings
SOON = 1.0  # seconds in which what was offered is mostly committed
log = structlog.get_logger()


class Work(Protocol):
    """An event or an intent in somebody's hands."""

    @property
    def id(self) -> int:
        """Which one it is."""

    @property
    def lane(self) -> str:
        """Of which one is done at a time."""

    @property
    def deadline_at(self) -> datetime:
        """When it must be done."""


Held = TypeVar("Held", bound=Work)


class Source(Protocol[Held]):
    """Where work is claimed: the inbox or the outbox."""

    async def waiting(self, *, now: datetime) -> bool:
        """Whether anything is due that nobody holds."""

    async def claim(
        self, most: int, *, now: datetime, lease: timedelta, before: datetime | None = None
    ) -> Sequence[Held]:
        """Take up to `most`, nearest deadline first."""

    async def renew(self, held: Sequence[Held], *, now: datetime, lease: timedelta) -> None:
        """Keep what is still being worked on."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is held at once: `reserved` places are for what is due within `urgent`, and every lease is this long."""

    capacity: int
    reserved: int
    urgent: timedelta
    lease: timedelta


class Hands(Generic[Held]):
    """The hands of one loop, called `name`; `work` is done for each thing held, side by side."""

    def __init__(
        self,
        name: str,
        source: Source[Held],
        work: Callable[[Held], Awaitable[None]],
        size: Size,
        *,
        bell: Bell,
        now: Callable[[], datetime],
    ) -> None:
        self._name = name
        self._source = source
        self._work = work
        self._size = size
        self._bell = bell
        self._now = now
        self._held: dict[asyncio.Task[None], Held] = {}
        self._more = False  # something waits for room here, or for another of its lane to end
        self._blocked: set[str] = set()  # lanes of which something waits for what is held here
        self._open = False
        self._kept = now()  # when leases were last renewed
        self._offered: deque[float] = deque()  # until when each offer counts as held, whether it is taken or not
        self.pressure = Pressure()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is held."""
        beside = asyncio.gather(self._renew(), self.pressure.watch())
        self._open = True
        try:
            while not stop.is_set():
                if not await self._look():
                    await self._bell.wait(POLL)
            self._open = False
            while self._held:
                await asyncio.wait(self._held)
        finally:
            self._open = False
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)

    @property
    def behind(self) -> bool:
        """Whether more is to be done than can be done at once, so that only what is urgent should be begun."""
        return self.pressure.high or len(self._held) > self._size.capacity // 2

    def offer(self) -> datetime | None:
        """Until when something new would be held, were it given now; None when there is no room for it."""
        now = time.monotonic()
        while self._offered and self._offered[0] < now:
            self._offered.popleft()
        if not self._open or self.behind or len(self._held) + len(self._offered) > self._size.capacity // 2:
            return None
        self._offered.append(now + SOON)
        return self._now() + self._size.lease

    def take(self, held: Held) -> None:
        """Begin to work on what was claimed, or born with our lease."""
        if self._offered:
            self._offered.popleft()
        task: asyncio.Task[None] = asyncio.ensure_future(self._do(held))
        self._held[task] = held
        task.add_done_callback(self._put_down)

    def wait(self, lane: str, /) -> None:
        """Something has come that another of its lane holds up: look again when that has ended."""
        self._blocked.add(lane)

    async def _do(self, held: Held) -> None:
        await self._work(held)

    async def _look(self) -> bool:
        """Take what there is room for; whether to look again at once."""
        room, soon = self._size.capacity - len(self._held), self._now() + self._size.urgent
        if room <= 0:
            await asyncio.wait(self._held, return_when=asyncio.FIRST_COMPLETED)
            return True
        most, before = (room - self._size.reserved, None) if room > self._size.reserved else (room, soon)
        if self.behind and any(held.deadline_at < soon for held in self._held.values()):
            most, before = room, soon  # what has time waits while the loop is behind with what has not
        found: Sequence[Held] = ()
        try:
            await self._keep()
            if await self._source.waiting(now=self._now()):
                found = await self._source.claim(most, now=self._now(), lease=self._size.lease, before=before)
                self._more = await self._source.waiting(now=self._now())
        except Unavailable as error:
            metrics.trouble(self._name, error)
            await asyncio.sleep(POLL)
            return False
        metrics.recovered(self._name)
        for held in found:
            self.take(held)
        return len(found) == most

    def _put_down(self, task: asyncio.Task[None]) -> None:
        held = self._held.pop(task)
        if self._more or held.lane in self._blocked:
            self._blocked.discard(held.lane)
            self._bell.ring()
        if not task.cancelled() and (error := task.exception()):
            about = {"loop": self._name, "id": held.id, "error": type(error).__name__, "detail": str(error)[:200]}
            log.error("work_not_finished", **about)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._size.lease.total_seconds() / 3)
            try:
                await self._keep()
            except Unavailable as error:
                metrics.trouble(self._name, error)

    async def _keep(self) -> None:
        """Renew the leases of what is held, if it is time; never take over from oneself after a standstill."""
        now = self._now()
        if now - self._kept < self._size.lease / 4:
            return
        await self._source.renew(list(self._held.values()), now=now, lease=self._size.lease)
        self._kept = now
