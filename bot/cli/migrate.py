"""`siyu migrate`: bring the database to the newest schema."""

import argparse

from bot.cli.arguments import Commands, command
from bot.cli.codes import Exit
from bot.cli.runtime import run, say
from bot.config import load
from storage import migrations

_NEW = "(empty / 空)"


def add(commands: Commands) -> None:
    """Add the command."""
    command(
        commands,
        "migrate",
        run=_migrate,
        examples=("siyu migrate -c config.toml",),
    )


def _migrate(arguments: argparse.Namespace) -> int:
    return run(_upgrade(load(arguments.config).database.url))


async def _upgrade(url: str) -> int:
    before = await migrations.revision(url)
    say(f"revision before / 升级前: {before or _NEW}")
    if before == migrations.newest():
        say("nothing to do / 已是最新")
        return Exit.OK
    say("migrating, this may take a while on a large database / 升级中，数据多时需要一些时间 …")
    after = await migrations.migrate(url)
    say(f"revision after / 升级后: {after}")
    return Exit.OK
