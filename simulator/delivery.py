"""Callbacks on their way: sealed, in order, three attempts of five seconds each (page 90930)."""

import asyncio
import heapq
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode
from zlib import crc32

from simulator.faults import Fault, Faults, Kind
from simulator.transcript import CALLBACK, Entry, Transcript
from simulator.world import World
from simulator.world.corp import App, Corp, Receiver
from simulator.world.facts import Fact, render

ATTEMPTS = 3
PATIENCE = 5.0  # real seconds for one attempt
OK = 200
NO_ANSWER = 0  # the status that stands for a time-out or a failed connection


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback as the app's server gets it: POST `body` to `url` with the `query`."""

    corp_id: str
    app: str
    url: str
    query: dict[str, str]
    body: bytes
    plain: bytes  # what is inside, for tests to look at
    name: str  # change_external_contact/add_external_contact
    method: str = "POST"

    @property
    def address(self) -> str:
        """The URL with its query."""
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(self.query)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app's server said; status 0 when nothing."""

    status: int
    body: bytes = b""


Sender = Callable[[Callback], Awaitable[Reply]]


@dataclass(order=True, slots=True)
class _Pending:
    due: float
    number: int
    corp: Corp = field(compare=False)
    app: App = field(compare=False)
    fact: Fact = field(compare=False)
    at: float = field(compare=False)
    attempt: int = field(default=1, compare=False)


class Delivery:
    """The queue of callbacks; `lanes` are delivered side by side, one subject always in the same lane.

    One lane keeps the order of all. A failed attempt is repeated in place, `pause` real seconds later.
    """

    def __init__(self, world: World, faults: Faults, transcript: Transcript, *, lanes: int = 1) -> None:
        self.world = world
        self.sender: Sender = _nobody
        self.replied: Callable[[Corp, App, Fact, Reply], None] | None = None
        self.pause = 0.0
        self.lost = 0
        self.delivered = 0
        self._faults = faults
        self._transcript = transcript
        self._lanes: list[list[_Pending]] = [[] for _ in range(lanes)]
        self._wake = [asyncio.Event() for _ in range(lanes)]
        self._numbers = 0
        world.outlets.append(self.post)

    @property
    def waiting(self) -> int:
        """How many callbacks are not delivered yet."""
        return sum(len(lane) for lane in self._lanes)

    def post(self, corp: Corp, app: App, fact: Fact, at: float) -> None:
        """Queue a fact for an app, as the faults have it."""
        due, copies = at, 1
        for fault in self._faults.of_callback(fact.describe(), app.name):
            due += self._lateness(fault)
            copies += fault.kind is Kind.DUPLICATE
            if fault.kind is Kind.LOSE:
                self.lost += 1
                return
        lane = crc32(fact.subject.encode()) % len(self._lanes)
        for _ in range(copies):
            self._numbers += 1
            heapq.heappush(self._lanes[lane], _Pending(due, self._numbers, corp, app, fact, at))
        self._wake[lane].set()

    async def settle(self) -> int:
        """Deliver all that is due now, and what that causes; returns how many callbacks went out."""
        before = self.delivered
        moved = True
        while moved:
            moved = False
            for lane in self._lanes:
                while lane and lane[0].due <= self.world.now():
                    await self._deliver(heapq.heappop(lane))
                    moved = True
        return self.delivered - before

    async def run(self) -> None:
        """Deliver for ever."""
        async with asyncio.TaskGroup() as group:
            for number in range(len(self._lanes)):
                group.create_task(self._run(number))

    async def verify(self, receiver: Receiver, corp: Corp, app: App) -> bool:
        """Ask the callback URL as the console does when it is saved: it must give the echo back as it was."""
        echo = str(self.world.random.randrange(10**18, 10**19))
        at = self.world.now()
        sealed = receiver.cipher.seal(echo.encode(), timestamp=str(int(at)), nonce=self._nonce())
        query = {
            "msg_signature": sealed.signature,
            "timestamp": sealed.timestamp,
            "nonce": sealed.nonce,
            "echostr": sealed.encrypted,
        }
        callback = Callback(corp.id, app.name, receiver.url, query, b"", echo.encode(), "verify", "GET")
        reply = await self._attempt(callback, at)
        return reply.status == OK and reply.body == echo.encode()

    async def _run(self, number: int) -> None:
        lane, wake = self._lanes[number], self._wake[number]
        while True:
            if not lane:
                wake.clear()
                await wake.wait()
            elif lane[0].due > self.world.now():
                await self._rest(wake, lane[0].due - self.world.now())
            else:
                await self._deliver(heapq.heappop(lane))

    async def _rest(self, wake: asyncio.Event, seconds: float) -> None:
        """Wait so many virtual seconds, or until something new is queued."""
        wake.clear()
        waits = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(self.world.clock.sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _deliver(self, pending: _Pending) -> None:
        receiver = pending.app.receiver
        if receiver is None:
            return
        plain = render(pending.fact, corp_id=pending.corp.id, agent_id=pending.app.agent_id, at=pending.at)
        for attempt in range(1, ATTEMPTS + 1):
            reply = await self._attempt(self._seal(pending, receiver, plain), pending.at)
            if reply.status == OK:
                self.delivered += 1
                if self.replied is not None and reply.body:
                    self.replied(pending.corp, pending.app, pending.fact, reply)
                return
            if self.pause and attempt < ATTEMPTS:
                await asyncio.sleep(self.pause)
        self.lost += 1

    def _seal(self, pending: _Pending, receiver: Receiver, plain: bytes) -> Callback:
        sealed = receiver.cipher.seal(plain, timestamp=str(int(self.world.now())), nonce=self._nonce())
        body = (
            f"<xml><ToUserName><![CDATA[{pending.corp.id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt>"
            f"<AgentID><![CDATA[{pending.app.agent_id}]]></AgentID></xml>"
        )
        query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
        name = pending.fact.describe()
        return Callback(pending.corp.id, pending.app.name, receiver.url, query, body.encode(), plain, name)

    async def _attempt(self, callback: Callback, at: float) -> Reply:
        began = time.monotonic()
        try:
            reply = await asyncio.wait_for(self.sender(callback), PATIENCE)
        except (TimeoutError, OSError) as error:
            reply, note = Reply(NO_ANSWER), type(error).__name__
        else:
            note = ""
        self._transcript.add(
            Entry(
                number=self._transcript.number(),
                at=at,
                kind=CALLBACK,
                path=callback.name,
                corp_id=callback.corp_id,
                app=callback.app,
                sent=callback.plain,
                query={},
                code=reply.status or None,
                latency=time.monotonic() - began,
                note=note,
            )
        )
        return reply

    def _lateness(self, fault: Fault) -> float:
        if fault.kind is Kind.DELAY:
            return fault.seconds
        if fault.kind is Kind.REORDER:
            return self.world.random.uniform(0, fault.seconds)
        return 0.0

    def _nonce(self) -> str:
        return str(self.world.random.randrange(10**9, 10**10))


async def _nobody(_: Callback) -> Reply:
    """Take callbacks when nobody else does."""
    return Reply(OK)
