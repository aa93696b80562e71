"""A process of the benchmark: a module of ours on cores of its own, spoken to in lines of JSON."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

Answer = dict[str, Any]
Told = Callable[[Answer], Awaitable[Answer]]


class Child:
    """Another process; `hello` is what it said when it was ready."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.hello: Answer = {}

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, **order: Any) -> Answer:
        """Say something and wait for the answer."""
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        return await self.listen()

    async def listen(self) -> Answer:
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"process {self.pid} ended: {await self._process.wait()}")
        return json.loads(line)


@asynccontextmanager
async def child(module: str, cores: set[int], **order: Any):
    """Run `python -m bench.<module>` until the end of the block; `order` is its first line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"bench.{module}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 28,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )  # fmt: skip
    one = Child(process)
    try:
        one.hello = await one.ask(**order)
        yield one
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


async def obey(start: Callable[[Answer], Awaitable[tuple[Answer, Told, Callable[[], Awaitable[None]]]]]) -> None:
    """The life of a child: start as the first line says, answer every further one, stop when there are no more."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    hello, tell, stop = await start(json.loads(await lines.readline()))
    _say(hello)
    while line := await lines.readline():
        _say(await tell(json.loads(line)))
    await stop()


def _say(answer: Answer) -> None:
    print(json.dumps(answer), flush=True)
