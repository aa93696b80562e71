"""`siyu deliveries …`: which messages a customer or group was sent, or was not, and why."""

import argparse
from datetime import UTC, datetime
from typing import Any

from bot.cli import why
from bot.cli.arguments import Commands, command, group, positive
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.runtime import say
from bot.cli.show import aligned, moment, plain, print_json, table, zone_of
from bot.config import Config
from sop.deliveries import Status
from sop.reasons import explain
from storage.database import Database
from storage.deliveries import Deliveries
from storage.deliveries.lists import Delivery, Which
from storage.scope import Scope
from storage.store import Store
from storage.values import FOREVER

_HEADINGS = ("ID", "JUDGED", "TO", "BY", "FROM", "STATUS", "REASON")


def add(commands: Commands) -> None:
    """Add the commands."""
    deliveries = group(commands, "deliveries")
    listing = command(
        deliveries,
        "list",
        "messages, sent, planned or left out, newest first / 消息列表（含未发送的）",
        run=with_database(_list),
        examples=("siyu deliveries list --to wmAbC", "siyu deliveries list --status skipped --json"),
    )
    listing.add_argument("--to", default="", metavar="ID", help="a customer or a group / 客户或客户群")
    listing.add_argument("--status", default="", choices=[status.value for status in Status], help="/ 状态")
    listing.add_argument("--limit", type=positive, default=20, metavar="N", help="how many (default: 20)")
    listing.add_argument("--before", type=positive, default=FOREVER, metavar="ID", help="go on after this one / 翻页")
    showing = command(
        deliveries,
        "show",
        "one message: what was judged, by whom it is sent, what became of it / 查看一条消息的来龙去脉",
        run=with_database(_show),
        examples=("siyu deliveries show 8217365512093701",),
    )
    showing.add_argument("id", type=positive, metavar="ID")
    for parser in (listing, showing):
        parser.add_argument("--corp", default="", metavar="ID", help="of one corp, where there are several / 企业")
        parser.add_argument("--json", action="store_true", help="for scripts")


async def _list(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    zone = zone_of(config, _corp(config, arguments))
    which = Which(subject=arguments.to, status=arguments.status)
    deliveries = _open(config, database, arguments)
    found = await deliveries.lists.page(which, before=arguments.before, most=arguments.limit)
    if arguments.json:
        print_json([_document(one) for one in found])
    elif found:
        rows = [
            (str(one.id), moment(one.at, zone), one.subject, one.user_id, f"{one.origin}:{one.origin_id}",
             one.status.value, _why(one))
            for one in found
        ]  # fmt: skip
        print(table(_HEADINGS, rows))
    else:
        say("no such message / 没有符合条件的消息")
    if len(found) == arguments.limit:
        say(f"more / 更多: --before {found[-1].id}")
    return Exit.OK


async def _show(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    deliveries, zone = _open(config, database, arguments), zone_of(config, _corp(config, arguments))
    one = await deliveries.lists.get(arguments.id)
    if one is None:
        return why.missing("message", arguments.id)
    mailing = await deliveries.mailings.get(one.mailing_id) if one.mailing_id else None
    if arguments.json:
        print_json(_document(one) | {"mailing": mailing and plain(mailing)})
        return Exit.OK
    lines = [
        ("to", f"{one.subject} ({one.kind}), by {one.user_id or 'whoever chatted last'}"),
        ("wanted by", f"{one.origin} {one.origin_id} version {one.version} {one.node} {one.arm}".strip()),
        ("judged", moment(one.at, zone)),
        ("due", moment(one.due_at, zone)),
        ("state", f"{one.status.value}{', ' + moment(one.ended_at, zone) if one.ended_at else ''}"),
        ("why", _why(one) or "nothing was against it / 未受限制"),
    ]
    if mailing:
        reason = f": {' / '.join(explain(mailing.reason))}" if mailing.reason else ""
        lines.append(("mailing", f"{mailing.id} {mailing.status.value}{reason}, msgid {mailing.msg_id or 'none'}"))
    print(f"Message {one.id}\n{aligned(lines)}")
    return Exit.OK


def _why(one: Delivery) -> str:
    return " / ".join(explain(one.reason)) if one.reason else ""


def _document(one: Delivery) -> dict[str, Any]:
    return plain(one) | {"sentence": explain(one.reason)._asdict() if one.reason else None}


def _corp(config: Config, arguments: argparse.Namespace) -> str:
    return arguments.corp or config.corps[0].id


def _open(config: Config, database: Database, arguments: argparse.Namespace) -> Deliveries:
    scope = Scope(database=database, corp_id=_corp(config, arguments), app="", now=datetime.now(UTC))
    return Store(scope).deliveries
