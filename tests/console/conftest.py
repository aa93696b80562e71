"""The API over a fresh database, and a client for each role."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import console
from console.api.call import Console, Corp
from console.pages.visits import Counter
from storage.database import Database, connect
from storage.scope import Scope
from storage.store import Store
from storage.tokens import Tokens

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)  # a Monday, 10:30 in Shanghai
CORP = "wwcorp"
PUBLIC = "https://siyu.example.com"
REP = "chen.yu"
LEADER = "han.meimei"


@dataclass
class Clock:
    """The time, as the test has it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Site:
    """The running API: `await site("operator", "GET", "/customers")` gives status and document."""

    client: TestClient[Any, Any]
    database: Database
    clock: Clock
    woken: list[datetime]
    counter: Counter
    tokens: dict[str, str] = field(default_factory=dict)

    async def __call__(self, role: str, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        response = await self.ask(role, method, path, body, **more)
        text = await response.text()
        return response.status, await response.json(content_type=None) if text else None

    async def ask(self, role: str, method: str, path: str, body: Any = None, **more: Any):
        headers = dict(more.pop("headers", {}))
        if role:
            headers["Authorization"] = f"Bearer {await self.token(role)}"
        if body is not None:
            more["json"] = body
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def token(self, role: str) -> str:
        if role not in self.tokens:
            user_id = {"rep": REP, "leader": LEADER}.get(role, "")
            tokens = Tokens(self.database)
            self.tokens[role] = await tokens.create(
                role, name=role, now=NOW, user_id=user_id, corp_id=CORP if user_id else ""
            )
        return self.tokens[role]

    def store(self, corp_id: str = CORP) -> Store:
        return Store(Scope(database=self.database, corp_id=corp_id, app="crm", now=self.clock(), handler="test"))


@pytest.fixture
def corps() -> tuple[Corp, ...]:
    return (Corp(id=CORP, name="示例公司", app="crm", zone=ZoneInfo("Asia/Shanghai")),)


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    database = connect(migrated_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def open_site(database: Database) -> AsyncIterator[Callable[..., Any]]:
    clients = []

    async def serve(corps: tuple[Corp, ...], **how: Any) -> Site:
        clock, woken = Clock(), []
        app = web.Application()
        reactions = {"contact_added": ("customers.record", "welcomes.greet")}
        context = Console(
            database=database,
            corps=corps,
            clock=clock,
            wake=lambda: woken.append(clock()),
            reactions=reactions,
            **{"public_url": PUBLIC, "inside": True, **how},
        )
        counter = console.attach(app, context)
        clients.append(TestClient(TestServer(app)))
        await clients[-1].start_server()
        return Site(clients[-1], database, clock, woken, counter)

    yield serve
    for client in clients:
        await client.close()


@pytest.fixture
async def site(open_site: Callable[..., Any], corps: tuple[Corp, ...]) -> Site:
    return await open_site(corps)
