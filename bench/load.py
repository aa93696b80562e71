"""A load generator of our own: kept-alive connections, one request at a time each, next to no work per answer."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_LENGTH = b"content-length: "


@dataclass(slots=True)
class Tally:
    """How a round went: seconds it took, seconds each answer took, answers that were not 200."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def note(self, began: float, status: bytes) -> None:
        self.waits.append(time.perf_counter() - began)
        self.refused += status != b"200"


class Connection(asyncio.Protocol):
    """One connection; answers have a length and no other framing."""

    def __init__(self) -> None:
        self._data = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport) -> None:
        self._transport = transport

    async def post(self, request: bytes) -> bytes:
        """Send a request; the status of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._data += data
        head = self._data.find(b"\r\n\r\n")
        if head < 0:
            return
        place = self._data.lower().index(_LENGTH, 0, head + 2) + len(_LENGTH)
        if len(self._data) >= head + 4 + int(self._data[place : self._data.index(b"\r", place)]):
            status, self._data = self._data[9:12], b""
            self._answer.set_result(status)

    def connection_lost(self, _exc) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server has closed the connection"))

    def close(self) -> None:
        self._transport.close()


@asynccontextmanager
async def connections(port: int, count: int):
    """So many connections to a server on this machine."""
    loop = asyncio.get_running_loop()
    made = [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(count)]
    try:
        yield made
    finally:
        for one in made:
            one.close()


async def press(port: int, requests: Iterator[bytes], *, seconds: float, lanes: int = 64) -> Tally:
    """Closed loop: every connection sends its next request as soon as it has its answer."""
    tally = Tally()

    async def lane(connection: Connection) -> None:
        while (began := time.perf_counter()) < end and (request := next(requests, None)):
            tally.note(began, await connection.post(request))

    async with connections(port, lanes) as lines:
        start = time.perf_counter()
        end = start + seconds
        await asyncio.gather(*map(lane, lines))
        tally.seconds = time.perf_counter() - start
    return tally


async def stream(port: int, requests: Iterator[bytes], *, rate: float, seconds: float, lanes: int = 256) -> Tally:
    """Open loop: requests begin at a fixed rate, whatever the server does; waits count from the planned moment."""
    tally = Tally()
    async with connections(port, lanes) as lines:
        idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for line in lines:
            idle.put_nowait(line)

        async def send(planned: float, request: bytes) -> None:
            connection = await idle.get()
            tally.note(planned, await connection.post(request))
            idle.put_nowait(connection)

        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                planned = start + number / rate
                if (ahead := planned - time.perf_counter()) > 0:
                    await asyncio.sleep(ahead)
                group.create_task(send(planned, next(requests)))
        tally.seconds = time.perf_counter() - start
    return tally
