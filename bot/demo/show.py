"""Raise the curtain: start everything in order, print where to look, and stop cleanly on Ctrl-C."""

import asyncio
import signal
import sys

from bot.app import Service
from bot.demo.seed import Seed
from bot.demo.stage import Stage, build, open_callbacks
from bot.demo.story import tell
from storage import migrations
from storage.scope import Scope
from storage.staff import Staff
from storage.tokens import Tokens

ARRIVALS = 12  # per minute


async def demo() -> None:
    """Run until Ctrl-C."""
    _say("starting the virtual WeCom and the service …  正在启动虚拟企业微信与服务 …")
    stage = await build()
    service = Service(stage.config)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await migrations.migrate(stage.config.database.url)
        await service.start()
        try:
            await _play(stage, service, stop)
        finally:
            _say("stopping …  正在停止 …")
            await service.stop()
    finally:
        await stage.wecom.stop()
    _say("stopped cleanly.  已干净退出。")


async def _play(stage: Stage, service: Service, stop: asyncio.Event) -> None:
    open_callbacks(stage)
    token = await Tokens(service.database).create("admin", name="demo", now=service.now())
    await _wait_for_directory(stage, service)
    channels = await Seed(stage.config.server.public_url, token)(_staff(stage))
    _introduce(stage, token, channels)
    stage.wecom.simulator.behaviour.arrivals(ARRIVALS)
    story = asyncio.create_task(tell(service.database, _say))
    ending = asyncio.create_task(service.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([story, ending, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (story, stopping, ending):
        task.cancel()
    await asyncio.gather(story, stopping, ending, return_exceptions=True)


async def _wait_for_directory(stage: Stage, service: Service) -> None:
    """The service reads staff and tags from WeCom when it starts; channels need both."""
    scope = Scope(database=service.database, corp_id=stage.config.corps[0].id, app="", now=service.now())
    async with asyncio.timeout(30):
        while not await Staff(scope).members():  # noqa: ASYNC110 - another loop reads them
            await asyncio.sleep(0.1)


def _staff(stage: Stage) -> dict[str, list[str]]:
    directory = stage.company.corp.directory
    return {
        department.name: [member.userid for member in stage.company.members if number in member.departments]
        for number, department in directory.departments.items()
    }


def _introduce(stage: Stage, token: str, channels: list[dict[str, object]]) -> None:
    base = stage.config.server.public_url
    _say(f"""
  Siyu is alive.  私域已上线。   (Ctrl-C stops / 按 Ctrl-C 停止)

  service / 服务        {base}/readyz   {base}/metrics
  API                   {base}/api/v1/overview   {base}/api/openapi.json
  API token             {token}
  virtual WeCom         {stage.wecom.url}/_sim/     (faults, transcript / 故障开关与调用记录)
  channel codes / 渠道码 {"、".join(str(channel["name"]) for channel in channels)}

  In another terminal / 在另一个终端：
    .venv/bin/siyu events show ID -c {stage.config_file}     why did it cause what it caused? / 为什么会这样？
    .venv/bin/siyu events list -c {stage.config_file}
    curl -s -H "Authorization: Bearer {token}" {base}/api/v1/overview

  time      what happened              customer	   took  what it caused                                 event ID
""")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
