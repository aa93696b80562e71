"""The virtual WeCom over real HTTP: one catch-all route, and callbacks as real requests."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from simulator.api.call import Request, Response, read_query
from simulator.control import PREFIX, control
from simulator.delivery import Callback, Reply
from simulator.platform import Ending
from simulator.simulation import Simulator

MOST_BYTES = 32 * 1024 * 1024  # the largest upload and its form
TICK = 0.02  # real seconds between two looks at what people do
RETRY_PAUSE = 1.0  # real seconds between two attempts of one callback
SILENCE = 600.0  # real seconds after which even the most patient caller is cut off
_HEADERS = ("Content-Type", "Range")


@dataclass(slots=True)
class Running:
    """A running server; `url` is the API base and `simulator` the world behind it."""

    url: str
    simulator: Simulator
    _runner: web.ServerRunner = field(repr=False)
    _session: aiohttp.ClientSession = field(repr=False)
    _tasks: list["asyncio.Task[None]"] = field(repr=False)

    async def stop(self) -> None:
        """Close the port and stop the world; callbacks still waiting are dropped."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self._session.close()
        await self._runner.cleanup()


async def run(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    seed: int = 0,
    start: float | None = None,
    speed: float = 1.0,
    lanes: int = 1,
    kept: int = 20_000,
) -> Running:
    """Serve a virtual WeCom (port 0: any free one) until `stop` is called.

    `start`, `speed`, `lanes` and `kept` are those of `Simulator`. Time-outs of callbacks and latencies are real
    seconds, everything else the platform counts is virtual.
    """
    simulator = Simulator(seed=seed, start=start, speed=speed, lanes=lanes, kept=kept)
    simulator.delivery.pause = RETRY_PAUSE
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
    simulator.delivery.sender = Post(session)
    server = web.Server(Handler(simulator), request_factory=_make_request)
    runner = web.ServerRunner(server, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    await site.start()
    url = f"http://{host}:{runner.addresses[0][1]}"
    simulator.world.pictures = url
    tasks = [asyncio.create_task(simulator.delivery.run()), asyncio.create_task(_live(simulator))]
    return Running(url, simulator, runner, session, tasks)


class Handler:
    """Turns HTTP requests into the platform's, and its endings into what happens on the wire."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        request = Request(
            http.method,
            http.path,
            read_query(http.rel_url.raw_query_string),
            await http.read(),
            {name.lower(): http.headers[name] for name in _HEADERS if name in http.headers},
            http.remote or "",
        )
        if request.path.startswith(PREFIX):
            return _respond(await control(self._simulator, request))
        exchange = await self._simulator.platform.serve(request)
        if exchange.ending is Ending.ANSWER:
            return _respond(exchange.response)
        if exchange.ending is Ending.SILENCE:
            await _outwait(http)
        if http.transport is not None:
            http.transport.abort()
        return web.Response()


class Post:
    """Sends callbacks over HTTP."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __call__(self, callback: Callback) -> Reply:
        """Send one callback; a connection that fails raises OSError."""
        headers = {"Content-Type": "text/xml"} if callback.body else {}
        try:
            async with self._session.request(
                callback.method, callback.address, data=callback.body or None, headers=headers, allow_redirects=False
            ) as answer:
                return Reply(answer.status, await answer.read())
        except aiohttp.ClientError as error:
            raise ConnectionError(str(error)) from error


async def _live(simulator: Simulator) -> None:
    """Let people act when their time comes."""
    while True:
        simulator.behaviour.step()
        await asyncio.sleep(TICK)


async def _outwait(http: web.BaseRequest) -> None:
    """Wait until the caller has given up."""
    loop = asyncio.get_running_loop()
    end = loop.time() + SILENCE
    while loop.time() < end and http.transport is not None and not http.transport.is_closing():  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(TICK)


def _respond(response: Response) -> web.Response:
    headers = {"Content-Type": response.content_type, **response.headers}
    return web.Response(status=response.status, body=response.body, headers=headers)


def _make_request(message: object, payload: object, protocol: object, writer: object, task: object) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MOST_BYTES)  # type: ignore[arg-type]
