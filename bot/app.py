"""The service: what config says, opened in order, run by role, and stopped without losing anything."""

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import structlog
from aiohttp import web

import console
from bot import clock, wiring
from bot.config import Config
from bot.courier import Courier
from bot.dispatch import Dispatch
from bot.hands import Hands
from bot.performers import Tools
from bot.server import Server, application
from bot.wake import Bells
from handlers.links import Links
from storage import revision
from storage.database import Database, connect
from storage.errors import StorageError
from storage.inbox import Claim, Inbox
from storage.leases import Leases
from storage.outbox import Outbox
from storage.scope import Scope
from storage.shared import Redis, RedisBells, RedisBudget, RedisTokens, connect_redis
from storage.store import Store
from wecom.budget import Budget, MemoryBudget
from wecom.calls import App
from wecom.client import Client
from wecom.exchange import default_transport
from wecom.ids import AgentId, CorpId
from wecom.tokens import MemoryTokens, TokenStore

GRACE = 8.0  # seconds to finish what was claimed
ROLES = {"all": {"web", "worker", "clock"}, "web": {"web"}, "worker": {"worker"}, "clock": {"clock"}}
log = structlog.get_logger()


class NotMigrated(Exception):
    """The database is not at the schema that this program needs: run `siyu migrate`."""


def _now() -> datetime:
    return datetime.now(UTC)


class Service:
    """One process of the service, whichever roles it has."""

    def __init__(
        self,
        config: Config,
        role: str = "all",
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = _now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` and `monotonic`: the clocks of the world that it serves, where that is a virtual one."""
        self._config = config
        self._roles = ROLES[role]
        self._transport = transport or default_transport()
        self.now = now
        self._monotonic = monotonic
        self.bells = Bells()
        self.database: Database = connect(config.database.url)
        self.router = wiring.reactions()
        self._stop = asyncio.Event()
        self._dispatched = asyncio.Event()
        self._hands: Hands[Claim] | None = None
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._runner: web.AppRunner | None = None
        self._redis: Redis | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open everything and begin; raises `StorageError`, `NotMigrated` or OSError (port taken)."""
        await self.database.open()
        if not await revision.is_current(self.database):
            await self.database.close()
            raise NotMigrated("the database is not migrated: run siyu migrate / 数据库尚未迁移：请先运行 siyu migrate")
        await self._remember_zones()
        await self._take_over()
        tokens, self._budget = self._share()
        tools = self._tools(tokens, self._budget)
        shared: dict[str, Any] = {"bells": self.bells, "now": self.now}
        if "worker" in self._roles:
            given = wiring.equip(tools, Links(self._config.server.public_url))
            courier = Courier(self.database, self.router, tools, given, **shared)
            dispatch = Dispatch(self.database, self.router, given, courier=courier.hands, **shared)
            self._hands = dispatch.hands if self.database.dialect == "sqlite" else None
            # What dispatch has given it last, the courier still finishes.
            self._begin("dispatch", dispatch.run, then=self._dispatched)
            self._begin("courier", courier.run, stop=self._dispatched)
        if "clock" in self._roles:
            corps = [clock.Corp(corp.id, corp.apps[0].name, ZoneInfo(corp.zone)) for corp in self._config.corps]
            self._begin("clock", clock.Clock(self.database, corps, **shared).run)
        await self._listen()
        log.info("started", roles=sorted(self._roles), url=self._config.server.public_url)

    async def wait(self) -> None:
        """Run until asked to stop, or until a loop ends by itself: then raise what ended it."""
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait([stopping, *self._loops.values()], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for name, task in self._loops.items():
            if task.done() and not self._stop.is_set():
                log.error("loop_ended", loop=name)
                await task

    def ask_to_stop(self) -> None:
        """Begin to stop: no new claims; `stop` does the rest."""
        self._stop.set()
        self.bells.ring()

    async def stop(self) -> None:
        """Close the door, finish what was claimed, commit, and let go of everything, within ten seconds."""
        self.ask_to_stop()
        if self._runner:
            await self._runner.cleanup()
        if self._loops:
            _, late = await asyncio.wait(self._loops.values(), timeout=GRACE)
            for task in late:
                task.cancel()
        for client in self._clients:
            await client.aclose()
        await self._transport.aclose()
        if self._listening and self._redis:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            await self._redis.aclose()
        await self.database.close()
        log.info("stopped")

    async def ready(self) -> dict[str, str]:
        """What is not in order, by part: empty when the process can do its work."""
        faults = {f"loop {name}": "ended" for name, task in self._loops.items() if task.done()}
        try:
            await Inbox(self.database).backlog()
            if not await revision.is_current(self.database):
                faults["database"] = "not migrated"
        except StorageError:
            faults["database"] = "not reachable"
        return faults

    def _share(self) -> tuple[TokenStore, Budget]:
        """Tokens and budgets of this process, or those that all processes share; then their bells ring, too."""
        if not self._config.redis.url:
            if self._roles != ROLES["all"]:
                log.warning("no_redis", hint="rate limits are not shared without Redis")
            return MemoryTokens(), MemoryBudget(monotonic=self._monotonic)
        self._redis = connect_redis(self._config.redis.url)
        bells = RedisBells(self._redis, self.bells.heard)
        self.bells.others = bells.ring
        self._listening = asyncio.create_task(bells.listen(), name="bells")
        return RedisTokens(self._redis), RedisBudget(self._redis)

    def _begin(
        self,
        name: str,
        run: Callable[[asyncio.Event], Awaitable[None]],
        stop: asyncio.Event | None = None,
        then: asyncio.Event | None = None,
    ) -> None:
        """Run a loop until `stop`, by default that of the service; `then` is set when it has ended."""

        async def loop() -> None:
            try:
                await run(stop or self._stop)
            finally:
                if then:
                    then.set()
                    self.bells.ring()

        self._loops[name] = asyncio.create_task(loop(), name=name)

    def _tools(self, tokens: TokenStore, budget: Budget) -> dict[tuple[str, str], Tools]:
        tools = {}
        for corp in self._config.corps:
            for app in corp.apps:
                client = Client(
                    CorpId(corp.id),
                    App(app.name, AgentId(app.agent_id), app.secret),
                    transport=self._transport,
                    tokens=tokens,
                    budget=budget,
                    api_base=self._config.wecom.api_base,
                    clock=self.now,
                )
                tools[corp.id, app.name] = Tools(client, self.database, wiring.is_inside(self._config))
        self._clients = [tool.client for tool in tools.values()]
        return tools

    async def _take_over(self) -> None:
        """A service that is alone on its SQLite file need not wait for the leases of its dead predecessor to end."""
        if self.database.dialect == "sqlite" and self._roles == ROLES["all"]:
            await Inbox(self.database).release()
            await Outbox(self.database).release()
            await Leases(self.database).release()

    async def _remember_zones(self) -> None:
        for corp in self._config.corps:
            store = Store(Scope(database=self.database, corp_id=corp.id, app="", now=self.now()))
            store.settings.put("zone", corp.zone)
            await store.commit()

    async def _listen(self) -> None:
        server = None
        if "web" in self._roles:
            endpoints = {(corp.id, app.name): app.keyring(corp.id) for corp in self._config.corps for app in corp.apps}
            server = Server(endpoints, self.database, self.router, self.bells, self.now, self._hands)
        app = application(server, self.ready)
        if server:
            given = wiring.offer(self._config, self.database, self.router, clock=self.now, wake=self.bells.ring)
            console.attach(app, replace(given, budget=self._budget))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._config.server.host, self._config.server.port, backlog=1024).start()


def spare_collector() -> None:
    """The program itself is never garbage: looking through it again and again costs a twentieth of all time."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(2_000, 10, 10)


async def serve(config: Config, role: str) -> None:
    """Run until SIGINT or SIGTERM."""
    service = Service(config, role)
    await service.start()
    spare_collector()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, service.ask_to_stop)
    try:
        await service.wait()
    finally:
        await service.stop()
