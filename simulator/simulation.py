"""The whole simulator in one object: a world, its API, its callbacks, its people, its faults."""

import random

from simulator.behaviour import Behaviour
from simulator.clock import Clock
from simulator.company import Company, found_company
from simulator.delivery import Delivery
from simulator.faults import Fault, Faults, Kind
from simulator.limits import Limits
from simulator.platform import Platform
from simulator.replies import Replies
from simulator.transcript import Transcript
from simulator.transport import SimulatorTransport
from simulator.world import World


class Simulator:
    """A virtual WeCom in memory; the same seed gives the same world.

    With the default speed 0 time stands still: `advance` moves it, `settle` delivers what is due.
    `start` is the Unix time at which the world begins, by default now. `lanes`: how many callbacks may be under way
    at once; `kept`: how long the transcript may grow.
    """

    def __init__(
        self, *, seed: int = 0, start: float | None = None, speed: float = 0.0, lanes: int = 1, kept: int = 20_000
    ) -> None:
        self.seed = seed
        self.clock = Clock(start, speed=speed)
        self.world = World(self.clock, seed)
        self.faults = Faults(random.Random(f"{seed}/faults"))  # noqa: S311 - chance, not secrecy
        self.limits = Limits()
        self.transcript = Transcript(kept)
        self.platform = Platform(self.world, limits=self.limits, faults=self.faults, transcript=self.transcript)
        self.delivery = Delivery(self.world, self.faults, self.transcript, lanes=lanes)
        self.replies = Replies(self.world)
        self.delivery.replied = self.replies.take
        self.behaviour = Behaviour(self.world)

    def found_company(self, *, callback_url: str = "") -> Company:
        """Found the small company (see `simulator.company`)."""
        return found_company(self.world, callback_url=callback_url)

    def transport(self, *, ip: str = "127.0.0.1") -> SimulatorTransport:
        """Return the API as an httpx transport, seen as called from that address."""
        return SimulatorTransport(self.platform, ip=ip)

    def fail(self, kind: Kind | str, path: str = "*", **settings: float | str | None) -> Fault:
        """Switch on a fault: `fail("refuse", "externalcontact/mark_tag", code=-1, count=2)`."""
        return self.faults.add(Fault(Kind(kind), path, **settings))  # type: ignore[arg-type]

    async def settle(self) -> int:
        """Deliver every callback that is due, and those that this causes; returns how many."""
        return await self.delivery.settle()

    async def advance(self, seconds: float) -> int:
        """Move time forward, letting people act at their moments; returns how many things happened."""
        end = self.clock.now() + seconds
        done = 0
        while (at := self.behaviour.next_at) <= end:
            self.clock.advance(max(0.0, at - self.clock.now()))
            done += self.behaviour.step()
            await self.settle()
        self.clock.advance(max(0.0, end - self.clock.now()))
        await self.settle()
        return done
