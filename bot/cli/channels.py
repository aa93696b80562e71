"""`siyu channels import`: many channels at once, from the table of a spreadsheet."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.arguments import Commands, command, group
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.jobs import watch
from bot.cli.runtime import say
from bot.cli.show import print_json, table
from bot.config import Config
from sop.channels import tables as rules
from sop.channels.tables import Line, Table
from sop.errors import Invalid
from sop.sheets import decode
from storage.channels import tables
from storage.database import Database
from storage.errors import Conflict
from storage.scope import Scope
from storage.store import Store

_HEADINGS = ("LINE", "NAME", "COLUMN", "WHAT IS WRONG")


def add(commands: Commands) -> None:
    """Add the commands."""
    parser = command(
        group(commands, "channels"),
        "import",
        "make a channel for each line of a CSV file; those that are there already are left alone / 按 CSV 批量新建渠道",
        run=with_database(_import),
        examples=(
            "siyu channels import shops.csv --dry-run",
            "siyu channels import shops.csv",
            "printf '名称,员工,标签\\n南京西路店,huang.jing;zhou.jie,门店\\n' > shops.csv",
        ),
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8 or GB18030, headings in its first line")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be made or refused / 试运行")
    parser.add_argument("--corp", default="", metavar="CORPID", help="needed where several are configured / 企业 ID")
    parser.add_argument("--json", action="store_true", help="for scripts")


async def _import(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    corp = next((each for each in config.corps if arguments.corp in {"", each.id}), None)
    if corp is None or (not arguments.corp and len(config.corps) > 1):
        say(f"name one with --corp / 请用 --corp 指明企业: {', '.join(each.id for each in config.corps)}")
        return Exit.USAGE
    store = Store(Scope(database=database, corp_id=corp.id, app=corp.apps[0].name, now=datetime.now(UTC)))
    try:
        found = await tables.plan(store, decode(arguments.file.read_bytes()))
    except OSError as error:
        say(f"{arguments.file}: {error.strerror}")
        return Exit.USAGE
    except Invalid as error:
        for violation in error.violations:
            say(f"{violation.message_zh} / {violation.message_en}")
        return Exit.FAILED
    _tell(found, arguments)
    if found.those("refused"):
        return Exit.FAILED
    if arguments.dry_run or not found.those("make"):
        return Exit.OK
    return await _make(config, store, found, name=arguments.file.name)


async def _make(config: Config, store: Store, found: Table, *, name: str) -> int:
    job_id = tables.begin(store, found, name=name)
    try:
        await store.commit()
    except Conflict:
        say(f"another such job is not finished: siyu jobs list --kind {rules.JOB} / 已有未结束的批量新建作业")
        return Exit.FAILED
    say(f"siyu jobs show {job_id}")
    return await watch(config, store.scope.database, job_id)


def _tell(found: Table, arguments: argparse.Namespace) -> None:
    """What the table asks for: the numbers to people, what is wrong to whoever reads on."""
    counts = {verdict: len(found.those(verdict)) for verdict in ("make", "exists", "refused")}
    if arguments.json:
        print_json({**counts, "lines": [_plain(line) for line in found.lines]})
        return
    rows = [
        (str(line.number), line.name, fault.field, f"{fault.message_zh} / {fault.message_en}")
        for line in found.those("refused")
        for fault in line.faults
    ]
    if rows:
        print(table(_HEADINGS, rows))
    say(
        f"{counts['make']} to make / 待新建 · {counts['exists']} exist / 已存在 · {counts['refused']} refused / 有误"
        + (": nothing is made until they are put right / 改正前不会新建任何渠道" if rows else "")
    )


def _plain(line: Line) -> dict[str, object]:
    faults = [{"field": each.field, "zh": each.message_zh, "en": each.message_en} for each in line.faults]
    return {"line": line.number, "name": line.name, "verdict": line.verdict, "faults": faults}
