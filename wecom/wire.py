"""HTTP/1.1 over kept-alive connections: an httpx transport that knows whether a request was sent."""

import asyncio
import collections
import ssl
from dataclasses import dataclass
from typing import cast

import httpx

from wecom.reader import Answer, Malformed, Reader

UNTOLD = 60.0  # seconds, where a request tells no time-out
IDLE = 15.0  # seconds a connection may rest; then the platform may be about to close it


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections lead."""

    tls: bool
    host: str
    port: int

    @classmethod
    def of(cls, url: httpx.URL) -> "Origin":
        """The origin of a URL."""
        tls = url.scheme == "https"
        return cls(tls, url.host, url.port or (443 if tls else 80))


class Wire(httpx.AsyncBaseTransport):
    """A pool of connections that costs the event loop little and never hides whether it sent.

    `httpx.ConnectError`, `ConnectTimeout` and `PoolTimeout` mean that no byte was sent; every other
    `httpx.TransportError` was raised after sending began. No redirects, cookies, proxies.
    """

    def __init__(self, *, connections: int = 256, idle: float = IDLE, tls: ssl.SSLContext | None = None) -> None:
        self._idle = idle
        self._tls = tls
        self._room = asyncio.Semaphore(connections)
        self._resting: dict[Origin, collections.deque[_Connection]] = {}

    async def exchange(self, origin: Origin, request: bytes, *, connect: float, read: float) -> Answer:
        """Send the bytes of one request, read one answer; seconds for connecting and for the exchange."""
        if self._room.locked():
            await self._queue(connect)
        else:
            await self._room.acquire()
        try:
            connection = await self._take(origin, connect)
            return await connection.exchange(request, read)
        finally:
            self._room.release()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for httpx, whose time-outs `connect` and `read` stand in the request's extensions."""
        limits = request.extensions.get("timeout", {})
        lines = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
        lines += [b"%b: %b" % header for header in request.headers.raw]
        answer = await self.exchange(
            Origin.of(request.url),
            b"\r\n".join(lines) + b"\r\n\r\n" + await request.aread(),
            connect=limits.get("connect") or UNTOLD,
            read=limits.get("read") or UNTOLD,
        )
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)

    async def aclose(self) -> None:
        """Close the connections at rest."""
        for resting in self._resting.values():
            while resting:
                resting.pop().close()

    async def _queue(self, limit: float) -> None:
        try:
            async with asyncio.timeout(limit):
                await self._room.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("all connections are busy") from error

    async def _take(self, origin: Origin, limit: float) -> "_Connection":
        resting = self._resting.setdefault(origin, collections.deque())
        stale = asyncio.get_running_loop().time() - self._idle
        while resting and resting[0].rested_at < stale:
            resting.popleft().close()
        if resting:
            return resting.pop()
        try:
            async with asyncio.timeout(limit):
                return await self._open(origin, resting)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError(f"no connection: {error.strerror or type(error).__name__}") from error

    async def _open(self, origin: Origin, pool: "collections.deque[_Connection]") -> "_Connection":
        if origin.tls and self._tls is None:
            self._tls = httpx.create_ssl_context()
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(pool), origin.host, origin.port, ssl=self._tls if origin.tls else None
        )
        return connection


class _Connection(asyncio.Protocol):
    """One connection: resting in its pool, or carrying one exchange."""

    def __init__(self, pool: "collections.deque[_Connection]") -> None:
        self._loop = asyncio.get_running_loop()
        self._pool = pool
        self._transport = asyncio.WriteTransport()
        self._reader = Reader()
        self._answer: asyncio.Future[Answer] | None = None
        self.rested_at = 0.0

    async def exchange(self, request: bytes, limit: float) -> Answer:
        """Write the request and wait for its answer; a wait that ends early ends the connection."""
        self._answer = self._loop.create_future()
        late = self._loop.call_later(limit, self._fail, "no answer in time", httpx.ReadTimeout)
        reusable = False
        try:
            self._transport.write(request)
            answer = await self._answer
            reusable = answer.keep and not self._transport.is_closing()
        finally:
            self._answer = None
            late.cancel()
            if reusable:
                self.rested_at = self._loop.time()
                self._pool.append(self)
            else:
                self._transport.abort()
        return answer

    def close(self) -> None:
        """Close for good."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's are not subclasses

    def data_received(self, data: bytes) -> None:
        """Read on; bytes that nobody asked for end the connection."""
        if self._answer is None or self._answer.done():
            self._transport.abort()
            return
        try:
            answer = self._reader.feed(data)
        except Malformed as error:
            self._fail(str(error), httpx.RemoteProtocolError)
            return
        if answer is not None:
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the pool, and tell who waits."""
        if self in self._pool:
            self._pool.remove(self)
        if self._answer is None or self._answer.done():
            return
        answer = self._reader.finish()
        if answer is not None:
            self._answer.set_result(answer)
        else:
            self._fail(f"connection lost before the answer: {exc or 'closed'}", httpx.ReadError)

    def _fail(self, why: str, error: type[httpx.TransportError]) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error(why))
