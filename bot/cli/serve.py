"""`siyu serve`: run the service, or one of its roles."""

import argparse
import gc
from dataclasses import replace

from bot import logs
from bot.cli.arguments import Commands, command
from bot.cli.codes import Exit
from bot.cli.runtime import run, say
from bot.config import load

ROLES = ("all", "web", "worker", "clock")


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "serve",
        run=_serve,
        examples=(
            "siyu serve -c config.toml",
            "siyu serve -c config.toml --role web      # callbacks and API; run worker and clock elsewhere",
            "siyu serve -c config.toml --role worker --port 8082",
        ),
    )
    parser.add_argument(
        "--role",
        choices=ROLES,
        default="all",
        help="all (default): one process; or web, worker and clock apart, over PostgreSQL and Redis / 分角色运行",
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help="listen here instead, for several processes on one machine / 监听端口"
    )


def _serve(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    gc.disable()  # nothing that is loaded is garbage: looking through it would take a quarter of the time
    from bot.app import NotMigrated, serve  # noqa: PLC0415 - a wrong configuration is told before everything is loaded

    logs.configure()
    if arguments.port:
        config = replace(config, server=replace(config.server, port=arguments.port))
    try:
        run(serve(config, arguments.role))
    except NotMigrated as error:
        say(str(error))
        return Exit.UNAVAILABLE
    except OSError as error:
        say(f"cannot serve / 无法启动 {config.server.host}:{config.server.port}: {error.strerror or error}")
        return Exit.UNAVAILABLE
    return Exit.OK
