"""The doctor: asks every question whose answer can keep Siyu from working, and says what to do."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from bot.config import App, Config, Corp
from bot.doctor.callback import PATIENCE, examine_callback
from bot.doctor.finding import Finding, Findings, Said, State
from bot.doctor.platform import Dated, examine_app, judge_clock
from bot.doctor.stores import examine_database, examine_redis
from wecom import calls
from wecom.budget import MemoryBudget
from wecom.client import Client
from wecom.ids import AgentId, CorpId
from wecom.tokens import MemoryTokens

__all__ = ["Finding", "Findings", "Said", "State", "examine"]

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


async def examine(
    config: Config,
    *,
    platform: httpx.AsyncBaseTransport | None = None,
    web: httpx.AsyncBaseTransport | None = None,
    clock: Clock = _now,
) -> Findings:
    """Every finding as it is made; `platform` and `web` are the ways to WeCom and to our own public URL."""
    async for finding in examine_database(config):
        yield finding
    async for finding in examine_redis(config):
        yield finding
    dated = Dated(platform or httpx.AsyncHTTPTransport(), clock)
    browser = httpx.AsyncClient(
        transport=web or httpx.AsyncHTTPTransport(), timeout=PATIENCE, trust_env=False, follow_redirects=False
    )
    async with dated, browser:
        for corp in config.corps:
            for app in corp.apps:
                async for finding in _examine_app(config, corp, app, dated):
                    yield finding
                async for finding in examine_callback(config, corp, app, web=browser, now=clock()):
                    yield finding
    yield judge_clock(dated.skew)


async def _examine_app(config: Config, corp: Corp, app: App, dated: Dated) -> Findings:
    client = Client(
        CorpId(corp.id),
        calls.App(app.name, AgentId(app.agent_id), app.secret),
        transport=dated,
        tokens=MemoryTokens(),
        budget=MemoryBudget(),
        api_base=config.wecom.api_base,
    )
    try:
        async for finding in examine_app(client, f"{corp.id} {app.name}"):
            yield finding
    finally:
        await client.aclose()
