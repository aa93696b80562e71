"""Commands that work on the configured database."""

import argparse
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from bot.cli.runtime import run
from bot.config import Config, load
from storage.database import Database, connect
from storage.errors import Unavailable
from storage.presence import exists

Work = Callable[[Config, Database, argparse.Namespace], Coroutine[object, object, int]]


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Database]:
    """Open the configured database, which must exist; raises `Unavailable`."""
    if not exists(config.database.url):
        raise Unavailable(f"there is no {config.database.url} / 没有这个数据库文件")
    database = connect(config.database.url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def with_database(work: Work) -> Callable[[argparse.Namespace], int]:
    """Make a command of work on the configured database."""

    async def open_and_work(config: Config, arguments: argparse.Namespace) -> int:
        async with opened(config) as database:
            return await work(config, database, arguments)

    return lambda arguments: run(open_and_work(load(arguments.config), arguments))
