"""`siyu demo`: the virtual WeCom, its people at work, and the service together."""

import argparse

from bot import logs
from bot.cli.arguments import Commands, command
from bot.cli.codes import Exit
from bot.cli.runtime import run, say


def add(commands: Commands) -> None:
    """Add the command."""
    command(
        commands,
        "demo",
        run=_demo,
        examples=("siyu demo",),
        config=False,
    )


def _demo(_: argparse.Namespace) -> int:
    from bot.demo import demo  # noqa: PLC0415 - the other commands start without all that the demo needs

    logs.configure()
    try:
        run(demo())
    except OSError as error:
        say(f"cannot start / 无法启动: {error.strerror or error}")
        return Exit.UNAVAILABLE
    return Exit.OK
