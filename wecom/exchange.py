"""One request out, one answer in, over any httpx transport; ours skips the objects that cost more than sending."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from wecom.reader import Answer
from wecom.wire import Origin, Wire

CONNECT = 5.0  # seconds to get a connection

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request; its target is the path and the query, token included, so it is never shown."""

    method: str
    target: str
    body: bytes
    kind: str  # content type of the body
    timeout: float  # seconds for the whole exchange, once connected


Exchange = Callable[[Outgoing], Awaitable[Answer]]


def default_transport(*, connections: int = 256) -> httpx.AsyncBaseTransport:
    """The transport to give to every `Client` of a process: a pool of that many connections.

    Ours, because httpx's own pool slows down by the square of the connections, and an aiohttp session
    behind httpx reports a connection lost after sending as one that never came to be.
    """
    return Wire(connections=connections)


def connect(transport: httpx.AsyncBaseTransport, api_base: str) -> Exchange:
    """The way to exchange with the platform at `api_base`, such as https://qyapi.weixin.qq.com.

    The exchange raises `httpx.ConnectError`, `ConnectTimeout` or `PoolTimeout` when nothing was sent,
    other `httpx.TransportError` when something may have been.
    """
    base = httpx.URL(api_base)
    prefix = base.raw_path.decode().rstrip("/") + "/cgi-bin/"
    host = base.netloc.decode()

    async def over_wire(out: Outgoing) -> Answer:
        head = (
            f"{out.method} {prefix}{out.target} HTTP/1.1\r\nHost: {host}\r\n"
            f"Content-Type: {out.kind}\r\nContent-Length: {len(out.body)}\r\n\r\n"
        )
        return await wire.exchange(origin, head.encode() + out.body, connect=CONNECT, read=out.timeout)

    async def over_httpx(out: Outgoing) -> Answer:
        request = httpx.Request(
            out.method,
            f"{base.scheme}://{host}{prefix}{out.target}",
            headers={"Content-Type": out.kind},
            content=out.body,
            extensions={"timeout": {"pool": CONNECT, "connect": CONNECT, "read": out.timeout, "write": out.timeout}},
        )
        response = await transport.handle_async_request(request)
        try:
            body = await response.aread()
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers.raw, body, keep=True)

    if not isinstance(transport, Wire):
        return over_httpx
    wire, origin = transport, Origin.of(base)
    return over_wire
