"""The virtual WeCom as an httpx transport: the same routes and faults, without sockets."""

import asyncio

import httpx

from simulator.api.call import Request
from simulator.platform import Ending, Exchange, Platform


class SimulatorTransport(httpx.AsyncBaseTransport):
    """Serves a client inside the same process; `ip` is the address the platform sees.

    What never answers raises httpx.ReadTimeout at once, without waiting for the time-out, and so does an
    answer that would take longer than the client's read time-out.
    """

    def __init__(self, platform: Platform, *, ip: str = "127.0.0.1") -> None:
        self._platform = platform
        self._ip = ip

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, or raise what a network would."""
        body = await request.aread()
        exchange = self._platform.open(
            Request(
                request.method,
                request.url.path,
                dict(request.url.params),
                body,
                {name.lower(): value for name, value in request.headers.items()},
                self._ip,
            )
        )
        try:
            await self._wait(exchange, request)
        finally:
            self._platform.close(exchange)
        return self._end(exchange, request)

    async def _wait(self, exchange: Exchange, request: httpx.Request) -> None:
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and exchange.latency > patience:
            exchange.ending = Ending.SILENCE
        elif exchange.latency:
            await asyncio.sleep(exchange.latency)

    def _end(self, exchange: Exchange, request: httpx.Request) -> httpx.Response:
        match exchange.ending:
            case Ending.SILENCE:
                raise httpx.ReadTimeout("the answer never came", request=request)
            case Ending.RESET:
                raise httpx.ReadError("the connection was reset", request=request)
            case Ending.UNREACHABLE:
                raise httpx.ConnectError("no connection", request=request)
            case Ending.ANSWER:
                answer = exchange.response
                headers = {"Content-Type": answer.content_type, **answer.headers}
                return httpx.Response(answer.status, headers=headers, content=answer.body, request=request)
