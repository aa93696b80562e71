"""`siyu sync`: compare everything with WeCom and bring it in step; the running service does the work."""

import argparse
from collections.abc import Collection
from datetime import UTC, datetime

from bot.cli.arguments import Commands, command
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.jobs import watch
from bot.cli.runtime import say
from bot.config import Config, Corp
from sop import sync
from storage.database import Database
from storage.errors import Conflict
from storage.scope import Scope
from storage.store import Store


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "sync",
        run=with_database(_begin),
        examples=("siyu sync --wait", "siyu sync --kinds sync_customers --no-repair --wait"),
    )
    parser.add_argument(
        "--kinds", nargs="+", default=(), choices=[*sync.KINDS], metavar="KIND", help=f"of {', '.join(sync.KINDS)}"
    )
    parser.add_argument("--no-repair", action="store_true", help="only report what differs / 只对账，不修改")
    parser.add_argument("--corp", default="", help="of this corp only / 只同步这个企业")
    parser.add_argument("--wait", action="store_true", help="show a bar until all have ended / 显示进度直到结束")


async def _begin(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    begun: list[int] = []
    for corp in config.corps:
        if arguments.corp in ("", corp.id):
            try:
                begun += await _begin_for(corp, database, arguments)
            except Conflict:  # the service has begun them by itself meanwhile: that is found at the second look
                begun += await _begin_for(corp, database, arguments)
    if not begun:
        say(f"no corp {arguments.corp} / 没有这个企业")
        return Exit.FAILED
    if not arguments.wait:
        for job_id in begun:
            say(f"siyu jobs watch {job_id} -c {arguments.config}")
        return Exit.OK
    return max([await watch(config, database, job_id) for job_id in begun])


async def _begin_for(corp: Corp, database: Database, arguments: argparse.Namespace) -> Collection[int]:
    store = Store(Scope(database=database, corp_id=corp.id, app=corp.apps[0].name, now=datetime.now(UTC)))
    jobs = await store.syncs.begin(repair=not arguments.no_repair, kinds=arguments.kinds)
    await store.commit()
    return jobs.values()
