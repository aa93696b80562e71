"""Those who look after the processes of a service: one or several, killed at random moments and started again."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.daemon import ROOT, Daemon
from tests.services import free_port
from tests.stage import Stage

EARLY = 0.15  # how often a process is killed while it is still starting
LONGEST = 1.2  # seconds of work between two kills


class Cradle:
    """Where processes come from that start quickly (see tests/crash/cradle.py)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def bear(self, log: Path, command: tuple[str, ...]) -> int:
        """Start a process; its number."""
        self._process.stdin.write(json.dumps([str(log), *command]).encode() + b"\n")
        return int(await self._process.stdout.readline())

    async def close(self) -> None:
        """End it, and all that came from it."""
        self._process.stdin.close()
        await self._process.wait()


@contextlib.asynccontextmanager
async def cradle() -> AsyncIterator[Cradle]:
    """A cradle with the program loaded."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "tests.crash.cradle")
    found = Cradle(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe))
    try:
        yield found
    finally:
        await found.close()


class Child(Daemon):
    """A process of the service that comes from a cradle."""

    cradle: Cradle
    _pid = 0

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, 0)
            return self._pid > 0
        return False

    @property
    def open(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    async def start(self) -> None:
        """Begin, without waiting until it is ready."""
        self._pid = await self.cradle.bear(self.log, self.command)

    async def kill(self) -> None:
        """SIGKILL: the process has no say in it."""
        if self.running:
            os.kill(self._pid, signal.SIGKILL)
        while self.running:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


class Ward:
    """The processes of a service before a stage, each with the role it always has."""

    def __init__(self, stage: Stage, folder: Path, roles: tuple[str, ...], chance: random.Random) -> None:
        self._children = [Child(stage.config(free_port()), folder, role) for role in roles]
        self._chance = chance
        stage.base = self._children[0].url
        stage.listen(stage.callback)

    @property
    def open(self) -> bool:
        """Whether a callback would find somebody."""
        return self._children[0].open

    async def start(self, cradle: Cradle) -> None:
        """Start all, and wait until they can work."""
        for child in self._children:
            child.cradle = cradle
            await child.start()
        await self._ready()

    async def torment(self, kills: int) -> None:
        """Kill one or another so many times; each is started again at once."""
        for _ in range(kills):
            victim = self._chance.choice(self._children)
            if self._chance.random() > EARLY:
                await victim.ready(60)
            await asyncio.sleep(self._chance.uniform(0, LONGEST))
            await victim.kill()
            await victim.start()
        await self._ready()

    async def _ready(self) -> None:
        await asyncio.gather(*(child.ready(60) for child in self._children))

    async def end(self) -> None:
        """Kill all."""
        await asyncio.gather(*(child.kill() for child in self._children))
