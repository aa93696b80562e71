"""`siyu simulate`: the virtual WeCom alone, for whoever develops against WeCom."""

import argparse
import asyncio
import signal
from urllib.parse import urlsplit

from bot import logs
from bot.cli.arguments import Commands, command
from bot.cli.codes import Exit
from bot.cli.runtime import run, say
from bot.config import checks
from bot.config.faults import Wrong
from simulator import server
from simulator.company import APP_NAME, CORP_ID

_CALLBACK = "http://127.0.0.1:8080"
_CONFIG = """\
[server]
port = {port}
public_url = "{service}"
[wecom]
api_base = "{api_base}"
[[corps]]
id = "{corp_id}"
name = "{name}"
  [[corps.apps]]
  name = "{app}"
  agent_id = {agent_id}
  secret = "{secret}"
  token = "{token}"
  encoding_aes_key = "{encoding_aes_key}"
"""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "simulate",
        run=_simulate,
        examples=(
            "siyu simulate --port 9900 > config.toml      # then, elsewhere: siyu migrate; siyu serve",
            "siyu simulate --port 9900 --seed 7 --speed 60     # a minute passes in a second",
            "curl http://127.0.0.1:9900/_sim/             # the control API: people, faults, transcript",
        ),
        config=False,
    )
    parser.add_argument("--port", type=_port, required=True, metavar="N", help="where to listen; 0: any free port")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the same seed gives the same world (0)")
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="virtual seconds per second (1)")
    parser.add_argument(
        "--service",
        type=_address,
        default=_CALLBACK,
        metavar="URL",
        help=f"the public_url of the service that gets the callbacks (default: {_CALLBACK}) / 接收回调的服务",
    )
    parser.add_argument(
        "--empty", action="store_true", help="without the small company: found one over the control API"
    )


def _simulate(arguments: argparse.Namespace) -> int:
    logs.configure()
    try:
        run(_serve(arguments))
    except OSError as error:
        say(f"cannot listen / 无法监听 {arguments.host}:{arguments.port}: {error.strerror or error}")
        return Exit.UNAVAILABLE
    return Exit.OK


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = await server.run(arguments.host, arguments.port, seed=arguments.seed, speed=arguments.speed)
    try:
        if not arguments.empty:
            print(_found(running, arguments.service), flush=True)
        say(f"virtual WeCom / 虚拟企业微信: {running.url}    control API / 控制接口: {running.url}/_sim/    Ctrl-C")
        await stop.wait()
    finally:
        await running.stop()


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:  # noqa: PLR2004 - what a port is
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return number


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed < float("inf"):
        raise argparse.ArgumentTypeError("must be 0 (time stands still) or more")
    return speed


def _address(text: str) -> str:
    try:
        return checks.web_address(text)
    except Wrong as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from wrong


def _found(running: server.Running, service: str) -> str:
    """Found the small company, its callbacks going to the service; the service's configuration."""
    company = running.simulator.found_company(callback_url=f"{service}/callback/{CORP_ID}/{APP_NAME}")
    return _CONFIG.format(
        port=urlsplit(service).port or 8080,
        service=service,
        api_base=running.url,
        corp_id=company.corp.id,
        name=company.corp.name,
        app=company.app.name,
        agent_id=company.app.agent_id,
        secret=company.app.secret,
        token=company.token,
        encoding_aes_key=company.encoding_aes_key,
    )
