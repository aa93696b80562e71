"""What is wrong with a flow, found before it is published: each fault with its node and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sop import conditions, limits, texts
from sop.attachments import check_all
from sop.flows import graph
from sop.flows.document import ByHand, Entry, Flow, OnDate, OnEvent, OnGroups, OnSchedule
from sop.flows.nodes import Branch, Jump, Message, Moment, Split, Task, Wait, Welcome
from sop.flows.trees import trees, wheres
from sop.flows.welcomes import ADDED, openings
from sop.limits import Violation
from sop.moments.limits import check_shown
from sop.schedules import Schedule
from sop.schedules import check as check_schedule

MOST_NODES = 200
LONGEST = timedelta(days=730)
FOR_GROUPS = frozenset({"Message", "Task", "Wait", "Branch", "Split", "Jump", "Goal", "Exit", "Webhook", "Moment"})
VARIABLES = ("customer", "staff", "date")  # beside those of the event it began with: {event.order_id}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; who publishes is stopped by it, or only told."""

    node: str
    violation: Violation
    stops: bool = True


def check(flow: Flow) -> list[Fault]:
    """All faults of a flow as it stands by itself; what it names elsewhere is checked by who knows that."""
    return [
        *_check_whole(flow),
        *_check_entries(flow),
        *_check_ways(flow),
        *_check_nodes(flow),
        *_check_trees(flow),
        *_check_shape(flow),
    ]


def _check_whole(flow: Flow) -> Iterator[Fault]:
    for violation in limits.RULE_NAME.check("name", flow.name.strip()):
        yield Fault("", violation)
    if not flow.nodes or len(flow.nodes) > MOST_NODES:
        yield _fault("", "nodes", f"节点数为 1 到 {MOST_NODES}", f"a flow has 1 to {MOST_NODES} nodes")
    if flow.start not in flow.nodes:
        yield _fault("", "start", f"没有节点 {flow.start}，请改为已有节点", f"there is no node {flow.start}: name one")


def _check_entries(flow: Flow) -> Iterator[Fault]:
    if not flow.entries:
        yield _fault("", "entries", "没有入口，只能手动或通过 API 加入", "nobody comes in but by hand", stops=False)
    for number, entry in enumerate(flow.entries):
        field = f"entries.{number}"
        if isinstance(entry, OnSchedule | OnGroups) and (entry.once is None) == (entry.cron is None):
            yield _fault("", field, "请填写 once 或 cron 其中一项", "give either once or cron")
        if not isinstance(entry, ByHand) and (flow.subject == "group") != isinstance(entry, OnGroups):
            yield _fault("", field, "该入口不适用于这种对象", "this entry is for the other kind of subject")
        for schedule in _schedules(entry):
            yield from (Fault("", one) for one in check_schedule(schedule, field))


def _schedules(entry: Entry) -> list[Schedule]:
    if isinstance(entry, OnSchedule | OnGroups):
        return [schedule for schedule in (entry.once, entry.cron) if schedule is not None]
    return [entry.date] if isinstance(entry, OnDate) else []


def _check_ways(flow: Flow) -> Iterator[Fault]:
    """Every way leads somewhere, every node can be reached, and no circle is without a wait."""
    for name, node in flow.nodes.items():
        for port, to in node.ways():
            if to and to not in flow.nodes:
                yield _fault(
                    name,
                    f"nodes.{name}.{port}",
                    f"指向不存在的节点 {to}，请改为已有节点或留空结束",
                    f"leads to {to}, which is no node: name one, or leave it empty to end",
                )
    for name in sorted(flow.nodes.keys() - graph.reachable(flow)):
        yield _fault(
            name,
            f"nodes.{name}",
            "没有路径能走到该节点，请连接或删除",
            "nobody can come to this node: lead a way to it, or delete it",
            stops=False,
        )
    for name in graph.circles(flow):
        yield _fault(
            name,
            f"nodes.{name}",
            "这是没有等待的循环，请加入等待节点或使用 jump 限次",
            "a circle without a wait: put a wait into it, or go back by a jump",
        )


def _check_nodes(flow: Flow) -> Iterator[Fault]:
    for name, node in flow.nodes.items():
        field = f"nodes.{name}"
        if flow.subject == "group" and type(node).__name__ not in FOR_GROUPS:
            yield _fault(name, field, "群流程不支持这种节点", "flows of groups have no such node")
        match node:
            case Wait():
                yield from _check_wait(name, node)
            case Message() | Welcome() | Task():
                yield from _check_words(name, node)
            case Moment():
                yield from (Fault(name, one) for one in check_shown(field, node.text, node.attachments))
            case Branch():
                yield from _check_branch(name, node)
            case Split():
                yield from _check_split(name, node)
            case Jump() if node.most < 1:
                yield _fault(name, f"{field}.most", "跳转次数至少 1", "goes back at least once")


def _check_wait(name: str, node: Wait) -> Iterator[Fault]:
    field = f"nodes.{name}"
    kinds = (node.span, node.until, node.date, node.event, node.condition)
    if sum(kind is not None for kind in kinds) != 1:
        yield _fault(
            name,
            field,
            "等待恰好填写一项：for、until、date、event 或 condition",
            "a wait has exactly one of: for, until, date, event, condition",
        )
    for key, span in (("for", node.span), ("within", node.within)):
        if span is not None and not timedelta(0) < span <= LONGEST:
            yield _fault(name, f"{field}.{key}", "时长应大于 0 且不超过 730 天", "more than 0, at most 730 days")
    if node.listens and node.within is None:
        yield _fault(name, f"{field}.within", "请填写最长等待时间", "say how long at most")
    if node.timeout and not node.listens:
        yield _fault(name, f"{field}.timeout", "只有等待事件或条件才有超时", "only events and conditions time out")
    if node.until is not None and not set(node.until.weekdays) <= set(range(1, 8)):
        yield _fault(name, f"{field}.until", "星期用 1（周一）到 7（周日）表示", "weekdays are 1 (Monday) to 7")
    if node.date is not None:
        yield from (Fault(name, one) for one in check_schedule(node.date, f"{field}.date"))


def _check_words(name: str, node: Message | Welcome | Task) -> Iterator[Fault]:
    field = f"nodes.{name}.text"
    known = [each for each in sorted(texts.variables(node.text)) if not each.startswith("event.")]
    strange = [each for each in known if each not in VARIABLES]
    if strange:
        zh, en = f"没有变量 {{{strange[0]}}}", f"there is no variable {{{strange[0]}}}"
        listed = " ".join(f"{{{each}}}" for each in (*VARIABLES, "event.…"))
        yield _fault(name, field, f"{zh}，可用：{listed}", f"{en}; there are {listed}")
    limit = limits.TASK_TEXT if isinstance(node, Task) else limits.MESSAGE_TEXT
    yield from (Fault(name, one) for one in limit.check(field, node.text, reserve=texts.reserve(node.text)))
    if isinstance(node, Task):
        return
    if not node.text.strip() and not node.attachments:
        yield _fault(name, field, "文字和附件不能都为空", "text and attachments cannot both be empty")
    yield from (Fault(name, one) for one in check_all(f"nodes.{name}.", node.attachments))
    if isinstance(node, Message) and texts.variables(node.text) - {"staff", "date"}:
        yield _fault(
            name,
            field,
            "含客户变量的群发无法合并，每个客户都会成为员工的一项待确认任务",
            "with variables of the customer every customer is a task of its own for the member to confirm",
            stops=False,
        )


def _check_branch(name: str, node: Branch) -> Iterator[Fault]:
    names = [case.name for case in node.cases]
    if not names or len(set(names)) < len(names) or "" in names or "next" in names:
        yield _fault(
            name,
            f"nodes.{name}.cases",
            "至少一个分支，名称不能为空、重复或为 next",
            "at least one case, each with a name of its own that is not next",
        )
    for number, case in enumerate(node.cases):
        if any(case.condition == earlier.condition for earlier in node.cases[:number]):
            yield _fault(
                name,
                f"nodes.{name}.cases.{number}",
                f"分支 {case.name} 与前面的条件相同，永远走不到",
                f"the case {case.name} has the condition of an earlier one: nobody gets there",
                stops=False,
            )


def _check_split(name: str, node: Split) -> Iterator[Fault]:
    names = [arm.name for arm in node.arms]
    if len(set(names)) < len(names) or "" in names or len(names) < 2:  # noqa: PLR2004
        yield _fault(name, f"nodes.{name}.arms", "至少两组，名称各不相同", "at least two arms with different names")
    if any(arm.share < 0 for arm in node.arms) or not sum(arm.share for arm in node.arms):
        yield _fault(name, f"nodes.{name}.arms", "份额不能为负，且合计大于 0", "shares are 0 or more, and not all 0")
    if node.promoted and node.promoted not in names:
        yield _fault(name, f"nodes.{name}.promoted", f"没有分组 {node.promoted}", f"there is no arm {node.promoted}")


def _check_trees(flow: Flow) -> Iterator[Fault]:
    for name, field, tree in trees(flow):
        yield from (Fault(name, one) for one in conditions.check(tree, field, entry=True))
    for name, field, tree in wheres(flow):
        yield from (Fault(name, one) for one in conditions.check({"event": tree}, field, entry=True))


def _check_shape(flow: Flow) -> Iterator[Fault]:
    """A welcome is said at once or not at all; messages that the flow's own cap leaves no room for."""
    early, news = openings(flow), any(isinstance(one, OnEvent) and one.event == ADDED for one in flow.entries)
    for name, node in flow.nodes.items():
        if isinstance(node, Welcome) and name not in early:
            yield _fault(
                name,
                f"nodes.{name}",
                "欢迎语只在 20 秒内有效，只能是第一个节点，前面只可有分流",
                "a welcome is good for 20 seconds: make it the first node, with nothing but splits before it",
            )
        elif isinstance(node, Welcome) and not news:
            zh, en = "没有 added 入口，欢迎语不会发出", "without an entry by added nobody is greeted: add one"
            yield _fault(name, f"nodes.{name}", zh, en, stops=False)
    at_once = [name for name in flow.nodes if _messages_at_once(flow, name) > flow.cap.count > 0]
    for name in at_once:
        yield _fault(
            name,
            "cap.count",
            f"从该节点起连续发送的消息超过流程上限 {flow.cap.count}，多出的会被跳过或推迟",
            f"more messages follow at once than the flow's cap of {flow.cap.count}: the rest is skipped or delayed",
            stops=False,
        )


def _messages_at_once(flow: Flow, name: str) -> int:
    if not isinstance(flow.nodes[name], Message):
        return 0
    return sum(isinstance(flow.nodes[each], Message) for each in graph.at_once(flow, name))


def _fault(node: str, field: str, zh: str, en: str, *, stops: bool = True) -> Fault:
    return Fault(node, Violation(field, zh, en), stops)
