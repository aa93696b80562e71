"""The end of the demo's week on the screen: what came of everything, why for some customers, and the checks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.cli.show import aligned, mark
from bot.demo import books
from bot.demo.books import Books, Check
from bot.demo.days import Week
from bot.demo.operator import Operator
from bot.demo.season import CLOCK
from simulator.faults import Faults

_ASKED = 3  # customers of whom it is shown why
_STEPS = {
    "targeted": "targeted / 目标",
    "tasked": "in tasks / 已建任务",
    "confirmed": "confirmed / 员工已确认",
    "delivered": "delivered / 已送达",
    "reached": "bought / 已购买",
}
_MOMENT = {
    "published": "published / 已发表",
    "asked": "not yet / 未发表",
    "missed": "missed / 错过",
    "audience": "can see it / 可见客户",
    "likes": "likes / 点赞",
    "comments": "comments / 评论",
}
_WAITS = ("planned", "tasked", "made", "making", "unknown", "filling")


async def report(week: Week) -> bool:
    """Print it all; whether every check holds."""
    operator, say = week.operator, week.say
    runs = await operator.list(f"broadcasts/{week.broadcast}/runs") if week.broadcast else []
    origins = [("flow", one) for one in week.campaign.flows.values()]
    read = await books.read(operator, [*origins, *(("broadcast", run["id"]) for run in runs)])
    names = {identity: name for name, identity in week.campaign.flows.items()}
    say("\nFaults that WeCom was made to have / 注入的故障")
    say(_faults(week.stage.wecom.simulator.faults))
    say(f"  the shop told {week.webshop.repeated} events twice / 商城重复上报 {week.webshop.repeated} 条事件")
    say("\nFlows: entered = inside + left / 旅程：进入 = 在内 + 离开")
    say(await _flows(operator, names))
    say("\nMessages by state and reason / 消息按状态与原因")
    say(_counted((one["status"], _reason(one)) for one in read.every))
    say("\nTasks at WeCom by state and reason / 群发任务")
    say(_counted((one["status"], _reason(one)) for one in read.mailings))
    for run in runs:
        say("\nBroadcast / 群发漏斗")
        shown = await operator.get(f"broadcasts/{week.broadcast}/runs/{run['number']}")
        say("  " + " → ".join(f"{said} {shown['funnel'][name]}" for name, said in _STEPS.items()))
    if week.moment:
        say("\nMoment / 朋友圈")
        shown = await operator.get(f"moments/{week.moment}")
        say(f"  {shown['status']}: " + ", ".join(f"{said} {shown['counts'][name]}" for name, said in _MOMENT.items()))
    await _ask_why(week, read, names)
    say(f"\n  any of them / 任何一条: siyu deliveries show ID -c {week.stage.config_file}")
    return _judge(week, await books.compare(read, week.stage.company.corp, week.service.database))


def _judge(week: Week, checks: Sequence[Check]) -> bool:
    """The checks, each with how much was looked at and what is wrong."""
    week.say("\nChecked against WeCom's own books / 与企业微信的记录核对")
    signs = [mark("failed" if one.faults else "done") for one in checks]
    week.say(aligned([(sign, one.name, str(one.count)) for sign, one in zip(signs, checks, strict=True)]))
    for one in checks:
        for fault in one.faults:
            week.say(f"    {one.name}: {fault}")
    return not any(one.faults for one in checks)


async def _ask_why(week: Week, read: Books, names: dict[str, str]) -> None:
    """For those with the most various messages: each message, and why."""
    kinds: dict[str, set[tuple[str, str]]] = {}
    for one in read.every:
        if one["kind"] == "single":
            kinds.setdefault(one["subject"], set()).add((one["status"], _reason(one)))
    for subject in sorted(kinds, key=lambda one: (-len(kinds[one]), one))[:_ASKED]:
        person = await week.operator.get(f"customers/{subject}")
        week.say(f"\nWhy? / 为什么？  {person['name']}  {subject}")
        mine = sorted((one for one in read.every if one["subject"] == subject), key=lambda one: one["at"])
        rows = [
            (
                f"{datetime.fromisoformat(one['at']).astimezone(CLOCK):%a %H:%M}",
                _sign(one["status"]),
                one["status"],
                f"{names.get(one['origin_id'], 'broadcast')} {one['node']}".strip(),
                books.because(read, one),
                one["id"],
            )
            for one in mine
        ]
        week.say(aligned(rows))


async def _flows(operator: Operator, names: dict[str, str]) -> str:
    rows = []
    for identity, name in names.items():
        seen = await operator.get(f"flows/{identity}/numbers")
        ended = [one for one in seen["items"] if one["status"] != "parked"]
        why = ", ".join(f"{one['count']} {one['reason']['zh'] if one['reason'] else one['status']}" for one in ended)
        rows.append((name, str(seen["entered"]), str(seen["parked"]), str(seen["ended"]), why))
    return aligned([("FLOW", "ENTERED", "INSIDE", "LEFT", "WHY"), *rows])


def _faults(faults: Faults) -> str:
    struck = [one for one in faults.active.values() if one.hits]
    rows = [(one.kind.value, one.path, str(one.code) if one.kind.value in ("refuse", "gateway") else "", str(one.hits))
            for one in struck]  # fmt: skip
    return aligned([("FAULT", "PATH", "CODE", "TIMES"), *rows])


def _counted(kinds: Iterable[tuple[str, str]]) -> str:
    counts = sorted(Counter(kinds).items(), key=lambda each: (each[0][0], -each[1]))
    return aligned(
        [(_sign(status), status, str(count), reason) for (status, reason), count in counts] or [("", "none")]
    )


def _sign(status: str) -> str:
    return "…" if status in _WAITS else "✓" if status == "ended" else mark(status)


def _reason(one: dict[str, Any]) -> str:
    return f"{one['reason']['zh']} / {one['reason']['en']}" if one["reason"] else ""
