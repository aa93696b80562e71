"""`siyu flows simulate` and `siyu flows replay`: a flow is tried before it is published."""

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli.arguments import Commands, command, positive
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.runtime import say
from bot.cli.show import table
from bot.config import Config
from bot.trials.report import Report, dump
from bot.trials.spec import MOST_CUSTOMERS, MOST_DAYS, Spec
from bot.trials.trial import run_trial
from sop.errors import Invalid
from sop.flows import document, files
from sop.reasons import explain
from storage.database import Database
from storage.scope import Scope
from storage.store import Store

_WIDTH = 30  # characters of the bar
_BUSIEST = 10  # members who are listed


def add(under: Commands) -> None:
    """Add the commands below `siyu flows`."""
    for name, summary in (
        ("simulate", "who would get what when, before publishing: made-up or real customers / 模拟运行"),
        ("replay", "the same with what happened to customers in the last days / 用历史事件回放"),
    ):
        parser = command(
            under, name, summary, run=with_database(_replay if name == "replay" else _simulate),
            examples=(f"siyu flows {name} flows/new_customer.yaml", f"siyu flows {name} 新客户 --days 30 --json"),
        )  # fmt: skip
        parser.add_argument("flow", metavar="FLOW", help="a file, or the name of a flow / 文件或旅程名称")
        parser.add_argument("--days", type=positive, default=7, help=f"up to {MOST_DAYS}")
        parser.add_argument("--customers", type=positive, default=1000, help=f"up to {MOST_CUSTOMERS}")
        parser.add_argument("--json", action="store_true", help="everything, for scripts / 完整 JSON")
        parser.add_argument("--corp", default="", metavar="CORPID", help="where there are several / 企业 ID")
        if name == "simulate":
            parser.add_argument("--real", action="store_true", help="customers of the database / 使用真实客户")


async def _simulate(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    return await _try(config, database, arguments, mode="sample" if arguments.real else "synthetic")


async def _replay(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    return await _try(config, database, arguments, mode="replay")


async def _try(config: Config, database: Database, arguments: argparse.Namespace, *, mode: str) -> int:
    corp = next((each for each in config.corps if arguments.corp in {"", each.id}), None)
    if corp is None or arguments.days > MOST_DAYS or arguments.customers > MOST_CUSTOMERS:
        say(f"--corp, --days (≤ {MOST_DAYS}), --customers (≤ {MOST_CUSTOMERS})")
        return Exit.USAGE
    now = datetime.now(UTC)
    store = Store(Scope(database=database, corp_id=corp.id, app=corp.apps[0].name, now=now))
    try:
        flow = await _find(store, arguments.flow)
        if flow is None:
            say(f"{arguments.flow}: neither a file nor the name of a flow / 既不是文件，也不是旅程名称")
            return Exit.NOT_FOUND
        spec = Spec(
            document=json.loads(document.dump(flow)),
            start=now - timedelta(days=arguments.days) if mode == "replay" else now,
            days=arguments.days,
            customers=arguments.customers,
            mode=mode,  # type: ignore[arg-type]
            source=config.database.url,
            corp_id=corp.id,
        )
        report = await run_trial(spec, _bar)
    except Invalid as error:
        for violation in error.violations:
            say(f"{violation.field}: {violation.message_zh} / {violation.message_en}")
        return Exit.FAILED
    _tell(report, arguments)
    return Exit.OK


async def _find(store: Store, name: str) -> document.Flow | None:
    path = Path(name)
    if path.suffix in files.SUFFIXES and path.is_file():  # noqa: ASYNC240 - one small file, before anything runs
        return files.read(path.read_text(encoding="utf-8"), path.suffix)  # noqa: ASYNC240
    sheet = await store.flows.named(name)
    return document.parse(sheet.draft) if sheet else None


def _bar(share: float) -> None:
    if sys.stderr.isatty():
        filled = int(share * _WIDTH)
        end = "\n" if share >= 1 else ""
        line = f"\r\x1b[2K{'█' * filled}{'░' * (_WIDTH - filled)} {share:4.0%}"
        print(line, end=end, file=sys.stderr, flush=True)


def _tell(report: Report, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(dump(report))
        return
    say(f"{report.entered:,} entered / 进入")
    for reason, count in sorted(report.ended.items()):
        say(f"  {count:>8,} {_say(reason) if reason else 'still inside / 仍在流程中'}")
    days = sorted({*report.sent, *report.tasks})
    rows = [(day, str(report.sent.get(day, 0)), str(report.tasks.get(day, 0))) for day in days]
    print(table(("DAY", "MESSAGES", "TASKS"), rows))
    for title, counts in (("skipped / 跳过", report.skipped), ("delayed / 推迟", report.delayed)):
        for reason, count in counts.items():
            say(f"{title}: {count:,} {_say(reason)}")
    busiest = sorted(report.load, key=lambda one: (-one.mailings, -one.customers))[:_BUSIEST]
    loads = [(one.user_id, one.day, str(one.mailings), str(one.customers)) for one in busiest]
    print(table(("MEMBER", "DAY", "CONFIRMATIONS", "CUSTOMERS"), loads))


def _say(reason: str) -> str:
    sentence = explain(reason)
    return f"{sentence.zh} / {sentence.en}"
