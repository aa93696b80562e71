"""The end of the demo's week on the screen: what came of everything, why for some customers, and the checks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bot.cli.show import aligned, mark
from bot.demo import asking, books
from bot.demo.books import Check
from bot.demo.days import Week
from bot.demo.operator import Operator
from simulator import Kind

_STEPS = {
    "targeted": "targeted / 目标",
    "tasked": "in tasks / 已建任务",
    "confirmed": "confirmed / 员工已确认",
    "delivered": "delivered / 已送达",
    "replied": "replied / 已回复",
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
_KINDS = {"single": "customers / 客户", "group": "groups / 客户群"}
_FAULTS = {
    Kind.SILENCE: "calls performed and never answered / 已执行但永不应答",
    Kind.RESET_AFTER: "calls performed, then cut off / 已执行后断线",
    Kind.RESET_BEFORE: "calls cut off, not performed / 未执行即断线",
    Kind.GATEWAY: "calls answered 502 / 网关错误 502",
    Kind.REFUSE: "calls refused: 45009 too many, -1 busy / 被拒：频率超限、系统繁忙",
    Kind.TOKEN_DEATH: "access tokens that died early / 令牌提前失效",
    Kind.DUPLICATE: "callbacks delivered twice / 重复的回调",
    Kind.REORDER: "callbacks out of order / 乱序的回调",
}


async def report(week: Week) -> bool:
    """Print it all; whether every check holds."""
    operator, say = week.operator, week.say
    runs = await operator.list(f"broadcasts/{week.broadcast}/runs") if week.broadcast else []
    origins = [("flow", one) for one in week.campaign.flows.values()]
    read = await books.read(operator, [*origins, *(("broadcast", run["id"]) for run in runs)])
    names = {identity: name for name, identity in week.campaign.flows.items()}
    say("\nWhat went wrong on purpose / 注入的故障")
    say(_faults(week))
    say("\nFlows: entered = inside + left / 旅程：进入 = 在内 + 离开")
    say(await _flows(operator, names))
    say("\nMessages of flows and the broadcast / 旅程与群发的消息")
    say(_counted(read.every))
    for run in runs:
        say("\nBroadcast: how far it came / 群发漏斗")
        shown = await operator.get(f"broadcasts/{week.broadcast}/runs/{run['number']}")
        say("  " + " → ".join(f"{said} {shown['funnel'][name]}" for name, said in _STEPS.items()))
        say("  (WeCom tells of answers only by customers of links / 企业微信只回调获客链接客户的消息)")
    if week.moment:
        say("\nMoment / 朋友圈")
        shown = await operator.get(f"moments/{week.moment}")
        say("  " + ", ".join(f"{said} {shown['counts'][name]}" for name, said in _MOMENT.items()))
    await asking.show(week, read, names)
    return _judge(week, await books.compare(read, week))


def _judge(week: Week, checks: Sequence[Check]) -> bool:
    """The checks, each with how much was looked at and what is wrong."""
    week.say("\nChecked against WeCom's own books / 与企业微信的记录核对")
    signs = [mark("failed" if one.faults else "done") for one in checks]
    week.say(aligned([(sign, one.name, str(one.count)) for sign, one in zip(signs, checks, strict=True)]))
    for one in checks:
        for fault in one.faults:
            week.say(f"    {one.name}: {fault}")
    failed = sum(bool(one.faults) for one in checks)
    week.say(f"\n{failed} checks failed / 项核对未通过" if failed else "\nEvery check holds. 全部核对通过。")
    return not failed


async def _flows(operator: Operator, names: dict[str, str]) -> str:
    rows = []
    for identity, name in names.items():
        seen = await operator.get(f"flows/{identity}/numbers")
        ended = [one for one in seen["items"] if one["status"] != "parked"]
        why = ", ".join(f"{one['count']} {_reason(one) or one['status']}" for one in ended)
        rows.append((name, str(seen["entered"]), str(seen["parked"]), str(seen["ended"]), why))
    return aligned([("FLOW 旅程", "ENTERED 进入", "INSIDE 在内", "LEFT 离开", "WHY 原因"), *rows])


def _faults(week: Week) -> str:
    """By kind, with what it means; the other systems' own last."""
    hits = Counter[Kind]()
    for one in week.stage.wecom.simulator.faults.active.values():
        hits[one.kind] += one.hits
    rows = [(str(count), _FAULTS[kind]) for kind, count in hits.items() if count]
    shop, warehouse = week.webshop, week.warehouse
    rows += [
        (str(shop.repeated), "events that the shop told twice / 商城重复上报的事件"),
        (str(warehouse.refused), "webhooks refused by the warehouse: 503 / 仓库拒收的回调"),
        (str(warehouse.forgot), "webhooks taken, then cut off before the answer / 已收到但应答丢失的回调"),
    ]
    return aligned(rows)


def _counted(messages: Iterable[dict[str, Any]]) -> str:
    counts = Counter((one["status"], one["kind"], _reason(one)) for one in messages)
    rows = [
        (asking.sign(status), status, str(count), _KINDS[kind], reason)
        for (status, kind, reason), count in sorted(counts.items(), key=lambda each: (each[0][0], -each[1]))
    ]
    return aligned(rows) if rows else "  none / 无"


def _reason(one: dict[str, Any]) -> str:
    return f"{one['reason']['zh']} / {one['reason']['en']}" if one["reason"] else ""
