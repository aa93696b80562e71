"""`siyu intents …`: what was wanted of WeCom, how it ended and why, and once more."""

import argparse
from datetime import UTC, datetime, timedelta

from bot.cli import why
from bot.cli.arguments import Commands, command, group, positive
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.runtime import say
from bot.cli.show import duration, mark, moment, plain, print_json, table, zone_of
from bot.config import Config
from sop.events import Outcome
from storage.database import Database
from storage.inspect import Inspect, IntentFilter, SeenIntent
from storage.outbox import Outbox

_STATUSES = ("open", *(outcome.value for outcome in Outcome))
_RETRIABLE = ("dead", "refused", "late")
_HEADINGS = ("", "ID", "WANTED", "KIND", "STATUS", "TRIES", "TOOK", "CODE", "REASON")


def add(commands: Commands) -> None:
    """Add the commands."""
    intents = group(commands, "intents")
    _add_list(intents)
    _add_retry(intents)
    parser = command(
        intents,
        "show",
        "one intent: its end, the decisions about it, the event behind it / 查看一个操作的结果与原因",
        run=with_database(_show),
        examples=("siyu intents show 8217365512093701",),
    )
    parser.add_argument("id", type=positive, metavar="ID")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument("--body", action="store_true", help="with what is sent: texts for customers / 含发送内容")


def _add_list(intents: Commands) -> None:
    parser = command(
        intents,
        "list",
        "the latest intents, newest first / 最近的操作",
        run=with_database(_list),
        examples=(
            "siyu intents list --dead",
            "siyu intents list --kind send_welcome --status late --json",
            "siyu intents list --customer wmAbC",
        ),
    )
    parser.add_argument("--kind", default="", help="such as send_welcome / 操作类型")
    parser.add_argument("--corp", default="", metavar="ID", help="of one corp / 企业")
    parser.add_argument("--customer", default="", metavar="ID", help="for one customer, by external user id / 客户")
    status = parser.add_mutually_exclusive_group()
    status.add_argument("--status", default="", choices=_STATUSES, help="how it ended / 状态")
    status.add_argument("--open", dest="status", action="store_const", const="open", help="not ended / 未完成")
    status.add_argument("--dead", dest="status", action="store_const", const="dead", help="given up / 死信")
    parser.add_argument("--limit", type=positive, default=20, metavar="N", help="how many (default: 20)")
    parser.add_argument("--before", type=positive, metavar="ID", help="go on after this one / 翻页")
    parser.add_argument("--json", action="store_true", help="for scripts")


def _add_retry(intents: Commands) -> None:
    parser = command(
        intents,
        "retry",
        f"try an intent again that ended {', '.join(_RETRIABLE)} / 重试失败的操作",
        run=with_database(_retry),
        examples=("siyu intents retry 8217365512093701", "siyu intents retry 8217365512093701 --within 60"),
    )
    parser.add_argument("id", type=positive, metavar="ID")
    parser.add_argument(
        "--within", type=positive, default=1440, metavar="MINUTES", help="give up after (default: 1440)"
    )
    parser.add_argument(
        "--anyway", action="store_true", help="even if an earlier attempt may have been performed unseen / 仍然重试"
    )


async def _list(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    which = IntentFilter(
        corp_id=arguments.corp, kind=arguments.kind, status=arguments.status, customer=arguments.customer
    )
    found = await Inspect(database).intents(which, limit=arguments.limit, before=arguments.before)
    if arguments.json:
        print_json([plain(intent) for intent in found])
    elif found:
        print(table(_HEADINGS, [_row(intent, config) for intent in found]))
    else:
        say("no such intent / 没有符合条件的操作")
    if len(found) == arguments.limit:
        say(f"more / 更多: --before {found[-1].id}")
    return Exit.OK


async def _show(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    story = await why.of_intent(Inspect(database), arguments.id)
    if story is None:
        return why.missing("intent", arguments.id)
    if arguments.body:
        say("the body holds personal data: do not pass it on / 内容含个人信息，请勿外传")
    if arguments.json:
        print_json(why.document(story, body=arguments.body))
    else:
        print(why.tell_intent(story, zone_of(config, story.intent.corp_id)))
        if arguments.body:
            print(f"\nBody\n{story.intent.body}")
    return Exit.OK


async def _retry(_: Config, database: Database, arguments: argparse.Namespace) -> int:
    intent = await Inspect(database).intent(arguments.id)
    if intent is None:
        return why.missing("intent", arguments.id)
    if intent.doubtful and not arguments.anyway:
        say("an attempt may have been performed unseen: look at WeCom first, then add --anyway")
        say("之前的某次尝试可能已生效：请先在企业微信确认，再加 --anyway 重试")
        return Exit.FAILED
    now = datetime.now(UTC)
    deadline = now + timedelta(minutes=arguments.within)
    if not await Outbox(database).retry(intent.id, now=now, deadline_at=deadline):
        say(f"it is {intent.status}: only {', '.join(_RETRIABLE)} can be tried again / 当前状态不能重试")
        return Exit.FAILED
    say("open again; the running service takes it up at once / 已重新打开，运行中的服务会立即处理")
    say(f"siyu intents show {intent.id} -c {arguments.config}")
    return Exit.OK


def _row(intent: SeenIntent, config: Config) -> tuple[str, ...]:
    took = duration(intent.finished_at - intent.created_at) if intent.finished_at else ""
    return (
        mark(intent.status),
        str(intent.id),
        moment(intent.created_at, zone_of(config, intent.corp_id)),
        intent.kind,
        intent.status,
        str(intent.attempt),
        took,
        str(intent.code) if intent.code else "",
        intent.reason,
    )
