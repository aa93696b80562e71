"""How commands are added to the command line, so that they all look alike."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bot.cli.codes import LEGEND


class Commands(Protocol):
    """Where commands are added: what `add_subparsers` returns."""

    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser:
        """Add one."""


# The commands in the order of the help; each lives in the module of its name.
SUMMARIES = {
    "serve": "run the service until Ctrl-C or SIGTERM / 运行服务",
    "simulate": "run a virtual WeCom until Ctrl-C; prints a config.toml that fits it / 运行虚拟企业微信",
    "demo": "show the living service: a virtual corp full of life (Ctrl-C stops) / 运行演示",
    "doctor": "check configuration, database, Redis, WeCom and the callback URL; say what to fix / 检查配置与连通性",
    "migrate": "bring the database to the newest schema; harmless when it is there / 升级数据库结构，可重复执行",
    "token": "tokens for the API / 接口令牌",
    "events": "what arrived, what it caused and why / 查看与重放事件",
    "deliveries": "messages to customers and groups: why one was sent, or was not / 查看消息为何发送或未发送",
    "channels": "channel codes in bulk, from the table of a spreadsheet / 按表格批量新建渠道活码",
    "flows": "flows as files: check, compare, apply, export, templates / 旅程文件：检查、对比、应用、导出、模板",
    "sync": "compare everything with WeCom and bring it in step / 与企业微信全量对账并同步",
    "jobs": "long work: how far it has come; pause, resume, cancel / 查看、暂停、继续、取消作业",
    "clock": "what is due, what ran lately and which clock leads / 查看到期事项、周期任务与主时钟",
    "intents": "what was wanted of WeCom and how it ended / 查看与重试对企业微信的写操作",
}
Run = Callable[[argparse.Namespace], int]


def command(
    commands: Commands, name: str, summary: str = "", *, run: Run, examples: Sequence[str], config: bool = True
) -> argparse.ArgumentParser:
    """Add a command; `examples` stand under its help, `config` gives it `-c config.toml`."""
    summary = summary or SUMMARIES[name]
    epilog = "\n".join(("examples:", *(f"  {example}" for example in examples), "", LEGEND))
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if config:
        parser.add_argument(
            "-c",
            "--config",
            default="config.toml",
            metavar="FILE",
            help="the configuration (default: ./config.toml) / 配置文件",
        )
    parser.set_defaults(run=run)
    return parser


def group(commands: Commands, name: str) -> Commands:
    """Add a command that has commands of its own."""
    summary = SUMMARIES[name]
    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def positive(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
