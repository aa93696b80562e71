"""`siyu demo`: the virtual WeCom, its people at work, and the service together; with `--week` a week in minutes."""

import argparse
import logging
from collections.abc import Coroutine
from typing import Any

from bot import logs
from bot.cli.arguments import Commands, command, positive
from bot.cli.codes import Exit
from bot.cli.runtime import run, say


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "demo",
        run=_demo,
        examples=("siyu demo", "siyu demo --week", "siyu demo --week --days 2"),
        config=False,
    )
    parser.add_argument(
        "--week",
        action="store_true",
        help="a virtual week of flows, a broadcast and a moment, with faults on; the books must agree / 虚拟一周",
    )
    parser.add_argument("--days", type=positive, default=7, metavar="N", help="of the week (default: 7) / 天数")


def _demo(arguments: argparse.Namespace) -> int:
    from bot.demo import demo, week  # noqa: PLC0415 - the other commands start without all that the demo needs

    # A week of faults on purpose is full of warnings; what it comes to is told by the checks at its end.
    logs.configure(level=logging.CRITICAL if arguments.week else logging.INFO)
    work: Coroutine[Any, Any, object] = week(arguments.days) if arguments.week else demo()
    try:
        return Exit.FAILED if run(work) is False else Exit.OK
    except OSError as error:
        say(f"cannot start / 无法启动: {error.strerror or error}")
        return Exit.UNAVAILABLE
