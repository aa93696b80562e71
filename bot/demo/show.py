"""Raise the curtain: start everything in order, print where to look, and stop cleanly on Ctrl-C."""

import asyncio
import signal
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from bot.app import Service
from bot.demo import season
from bot.demo.campaign import Campaign
from bot.demo.days import company
from bot.demo.desk import Desk
from bot.demo.operator import Operator
from bot.demo.screen import introduce, say
from bot.demo.seed import Seed
from bot.demo.stage import SEED, Stage, build, open_callbacks
from bot.demo.story import tell
from bot.demo.tally import report
from bot.demo.town import HABITS
from bot.demo.webshop import Webshop
from storage import migrations
from storage.tokens import Tokens

CARTS_EVERY = 15.0  # seconds
_WEEK = """A shop's week in the virtual WeCom, some 15 seconds a day / 虚拟企业微信里一家店的一周，每天约 15 秒
  four flows, a broadcast and a moment run; calls, callbacks and other systems fail on purpose
  四个旅程、一次群发、一条朋友圈同时运行；接口、回调与外部系统故意出错
"""


async def demo() -> None:
    """Run until Ctrl-C."""
    say("starting the virtual WeCom and the service …  正在启动虚拟企业微信与服务 …")
    stage = await build()
    service = Service(stage.config)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await migrations.migrate(stage.config.database.url)
        await service.start()
        try:
            await _run(_play(stage, service), service.wait(), stop.wait())
        finally:
            say("stopping …  正在停止 …")
            await service.stop()
    finally:
        await stage.wecom.stop()
    say("stopped cleanly.  已干净退出。")


async def week(days: int) -> bool:
    """Let some virtual days pass, tell what came of them; whether all that must hold does."""
    say(_WEEK)
    async with company(say) as played:
        await played.live(days)
        return await report(played)


async def _play(stage: Stage, service: Service) -> None:
    open_callbacks(stage)
    token, second = [
        await Tokens(service.database).create(role, name="demo", now=service.now()) for role in ("admin", "reviewer")
    ]
    operator, approver = (Operator(stage.config.server.public_url, each) for each in (token, second))
    try:
        shop = await Seed(operator)()
        campaign, webshop = Campaign(operator, approver, _aside), Webshop(operator, SEED)
        await campaign.prepare(night=season.later(service.now()))
        introduce(stage, token, shop)
        stage.wecom.simulator.behaviour.live(replace(HABITS, addresses=tuple(shop.addresses)))
        await _run(tell(service.database, say), Desk(operator, say).work(), _sell(campaign, webshop))
    finally:
        await operator.close()
        await approver.close()


async def _sell(campaign: Campaign, webshop: Webshop) -> None:
    """A moment and a broadcast at once, and carts in the web shop for ever."""
    await campaign.moment()
    await campaign.broadcast()
    await webshop.work(CARTS_EVERY, _aside)


def _aside(text: str) -> None:
    """What operators and other systems do, between what happens at WeCom."""
    say(f"  {'':8}  {text}")


async def _run(*works: Coroutine[Any, Any, object]) -> None:
    """Do these side by side until the first has ended, and raise what ended it."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
