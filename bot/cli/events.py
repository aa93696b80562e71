"""`siyu events …`: what arrived, what it caused and why, and once more."""

import argparse
from datetime import UTC, datetime

from bot.cli import why
from bot.cli.arguments import Commands, command, group, positive
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.runtime import say
from bot.cli.show import duration, mark, moment, plain, print_json, table, zone_of
from bot.config import Config
from storage.database import Database
from storage.engine.sql import Unit
from storage.inbox import reopen
from storage.inspect import EventFilter, Inspect, SeenEvent

_HEADINGS = ("", "ID", "RECEIVED", "KIND", "SUBJECT", "STATE", "TRIES", "TOOK")


def add(commands: Commands) -> None:
    """Add the commands."""
    events = group(commands, "events")
    _add_list(events)
    parser = command(
        events,
        "show",
        "one event: handlers, decisions with their reasons, intents / 查看一个事件的全部结果与原因",
        run=with_database(_show),
        examples=("siyu events show 8217365512093696", "siyu events show 8217365512093696 --json | jq .decisions"),
    )
    parser.add_argument("id", type=positive, metavar="ID")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument(
        "--body", action="store_true", help="with the stored text of the callback: personal data / 含原文"
    )
    parser = command(
        events,
        "replay",
        "let the handlers that have not succeeded try again; what is done stays done / 重放未成功的处理",
        run=with_database(_replay),
        examples=("siyu events list --dead", "siyu events replay 8217365512093696"),
    )
    parser.add_argument("id", type=positive, metavar="ID")


def _add_list(events: Commands) -> None:
    parser = command(
        events,
        "list",
        "the latest events, newest first / 最近的事件",
        run=with_database(_list),
        examples=(
            "siyu events list --dead                   # dead letters: a handler has given up",
            "siyu events list --customer wmAbC --limit 100",
            "siyu events list --kind contact_added --json",
        ),
    )
    parser.add_argument("--kind", default="", help="such as contact_added / 事件类型")
    parser.add_argument("--corp", default="", metavar="ID", help="of one corp / 企业")
    parser.add_argument("--customer", default="", metavar="ID", help="of one customer, by external user id / 客户")
    parser.add_argument("--open", action="store_true", help="not finished yet / 未完成")
    parser.add_argument("--dead", action="store_true", help="given up by some handler / 死信")
    parser.add_argument("--limit", type=positive, default=20, metavar="N", help="how many (default: 20)")
    parser.add_argument("--before", type=positive, metavar="ID", help="go on after this one / 翻页")
    parser.add_argument("--json", action="store_true", help="for scripts")


async def _list(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    which = EventFilter(
        corp_id=arguments.corp,
        kind=arguments.kind,
        customer=arguments.customer,
        open=arguments.open,
        dead=arguments.dead,
    )
    found = await Inspect(database).events(which, limit=arguments.limit, before=arguments.before)
    if arguments.json:
        print_json([plain(event) | {"state": event.state} for event in found])
    elif found:
        print(table(_HEADINGS, [_row(event, config) for event in found]))
    else:
        say("no such event / 没有符合条件的事件")
    if len(found) == arguments.limit:
        say(f"more / 更多: --before {found[-1].id}")
    return Exit.OK


async def _show(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    story = await why.of_event(Inspect(database), arguments.id)
    if story is None:
        return why.missing("event", arguments.id)
    if arguments.body:
        say("the text holds personal data: do not pass it on / 原文含个人信息，请勿外传")
    if arguments.json:
        print_json(why.document(story, body=arguments.body))
    else:
        print(why.tell_event(story, zone_of(config, story.event.corp_id)))
        if arguments.body:
            print(f"\nBody\n{story.event.body}")
    return Exit.OK


async def _replay(_: Config, database: Database, arguments: argparse.Namespace) -> int:
    event = await Inspect(database).event(arguments.id)
    if event is None:
        return why.missing("event", arguments.id)
    unit = Unit()
    reopen(unit, event.id, now=datetime.now(UTC))
    await database.commit(unit)
    say("open again; the running service takes it up at once / 已重新打开，运行中的服务会立即处理")
    say(f"siyu events show {event.id} -c {arguments.config}")
    return Exit.OK


def _row(event: SeenEvent, config: Config) -> tuple[str, ...]:
    took = duration(event.closed_at - event.received_at) if event.closed_at else ""
    return (
        mark(event.state),
        str(event.id),
        moment(event.received_at, zone_of(config, event.corp_id)),
        event.kind,
        event.lane.partition("/")[2],
        event.state,
        str(event.attempt),
        took,
    )
