"""The warehouse, another system: it is told of paid orders by webhook, and fails some of the requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from aiohttp import web

HOST = "127.0.0.1"
REFUSES = 0.25  # of requests: answered 503, not taken
_FORGETS = 0.15  # of requests: taken, then the connection breaks before the answer


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; `taken` is false for what was refused."""

    key: str
    body: bytes
    taken: bool


@dataclass(slots=True)
class Warehouse:
    """What it was told, in the order of the requests."""

    chance: Random
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    forgot: int = 0

    @property
    def taken(self) -> set[str]:
        """The keys of what has arrived."""
        return {one.key for one in self.requests if one.taken}

    @property
    def refused(self) -> int:
        """How many requests were answered 503."""
        return sum(not one.taken for one in self.requests)

    async def take(self, request: web.Request) -> web.Response:
        """Take a request, or fail it."""
        fate = self.chance.random()
        key, body = request.headers["webhook-id"], await request.read()
        self.requests.append(Request(key, body, taken=fate >= REFUSES))
        if fate < REFUSES:
            return web.Response(status=503)
        if fate < REFUSES + _FORGETS and request.transport is not None:
            self.forgot += 1
            request.transport.abort()
        return web.Response(status=204)


@asynccontextmanager
async def opened(seed: int) -> AsyncIterator[Warehouse]:
    """A warehouse on loopback, at any free port."""
    warehouse = Warehouse(Random(seed))  # noqa: S311 - chance, not secrecy
    app = web.Application()
    app.router.add_post("/orders", warehouse.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        warehouse.url = f"http://{HOST}:{runner.addresses[0][1]}/orders"
        yield warehouse
    finally:
        await runner.cleanup()
