"""`siyu clock`: what is due, what ran lately, and which process leads."""

import argparse
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cli.arguments import Commands, command
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.show import aligned, duration, mark, moment, plain, print_json, zone_of
from bot.config import Config
from storage import due, rounds
from storage.database import Database
from storage.due import COUNTED, Ahead
from storage.leases import CLOCK, Lease, Leases
from storage.rounds import Ran
from storage.timers import Timers, Waiting

_MOST = 5  # timers shown
_NAMES = {
    "timers": "timers / 定时器",
    "flows": "flows / 旅程步骤",
    "broadcasts": "broadcasts / 群发",
    "tasks": "tasks / 待办",
}


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(commands, "clock", run=with_database(_show), examples=("siyu clock", "siyu clock --json"))
    parser.add_argument("--json", action="store_true", help="for scripts")


async def _show(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    lease = (await Leases(database).read()).get(CLOCK)
    ahead = await due.look(database, now=now)
    timers = await Timers(database).soonest(_MOST)
    ran = {
        corp.id: await rounds.ran(database, corp.id, corp.apps[0].name, zone=zone_of(config, corp.id), now=now)
        for corp in config.corps
    }
    if arguments.json:
        print_json(_plain(lease, ahead, timers, ran))
        return Exit.OK
    print(_leader(lease))
    print(_due(ahead, config, now))
    if timers:
        print("\nnext timers / 最近的定时器")
        print(aligned([(moment(one.due_at, zone_of(config, one.corp_id)), one.kind, one.corp_id) for one in timers]))
    for corp_id, rounds_of in ran.items():
        print(f"\nrounds of {corp_id} / 周期任务")
        print(_rounds(rounds_of, config, corp_id))
    return Exit.OK


def _leader(lease: Lease | None) -> str:
    if lease and lease.fresh:
        return f"leads / 主时钟: {lease.holder} (no. {lease.fence}, {duration(lease.rest)} left)"
    return "no clock leads now: does one run? / 当前没有主时钟：请确认服务在运行（siyu serve）"


def _due(ahead: tuple[Ahead, ...], config: Config, now: datetime) -> str:
    zone = zone_of(config, config.corps[0].id)
    rows = [
        (
            "!" if one.overdue else mark("done"),
            _NAMES.get(one.name, one.name),
            f"{one.overdue:,}" + ("+" if one.overdue >= COUNTED else ""),
            duration(one.late) if one.late else "",
            f"{moment(one.next_at, zone)} (in {duration(one.next_at - now)})" if one.next_at else "",
        )
        for one in ahead
    ]
    return "\ndue / 到期\n" + aligned([("", "WHAT", "OVERDUE", "FOR", "NEXT"), *rows])


def _rounds(ran: tuple[Ran, ...], config: Config, corp_id: str) -> str:
    zone = zone_of(config, corp_id)
    rows = [
        (
            mark(one.state),
            one.kind,
            moment(one.began_at, zone) if one.began_at else "",
            one.state,
            duration(one.took) if one.took is not None else "",
            moment(one.next_at, zone),
            str(one.event_id or ""),
        )
        for one in ran
    ]
    return aligned([("", "ROUND", "BEGAN", "STATE", "TOOK", "NEXT", "EVENT"), *rows])


def _plain(
    lease: Lease | None, ahead: tuple[Ahead, ...], timers: tuple[Waiting, ...], ran: dict[str, tuple[Ran, ...]]
) -> dict[str, Any]:
    leads = lease is not None and lease.fresh
    return {
        "leader": {**plain(lease), "rest": _seconds(lease.rest)} if lease and leads else None,
        "due": [{**plain(one), "late": _seconds(one.late)} for one in ahead],
        "timers": [plain(one) for one in timers],
        "rounds": [
            {"corp_id": corp_id, **plain(one), "took": _seconds(one.took)}
            for corp_id, each in ran.items()
            for one in each
        ],
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
