"""Every fault of a flow is found before publishing, at its node, and says in both languages what to do."""

from pathlib import Path

import pytest

from sop.flows import document, files
from sop.flows.lint import check

SAY = {"kind": "message", "text": "你好"}
VIP = {"tag": ["t1"]}
LINK = {"kind": "link", "title": "t"}


def flow(nodes=None, **rest):
    nodes = {"a": SAY} if nodes is None else nodes
    return document.parse({"name": "流程", "entries": [{"kind": "list"}], "start": "a", "nodes": nodes, **rest})


def one(**node):
    return {"nodes": {"a": node}}


def wait(**what):
    return one(kind="wait", **what)


def entry(**what):
    return {"entries": [what]}


CIRCLE = {"a": {"kind": "tag", "next": "b"}, "b": {"kind": "goal", "next": "a"}}
LATE = {"a": {"kind": "wait", "for": "P1D", "next": "b"}, "b": {"kind": "welcome", "text": "欢迎"}}
BEHIND = {"a": {"kind": "tag", "add": ["t"], "next": "b"}, "b": {"kind": "welcome", "text": "欢迎"}}
TWICE = [{"name": "x", "if": VIP}, {"name": "y", "if": VIP}]
ARM, BRM = {"name": "x"}, {"name": "y"}

# What is wrong, the node and the field it is told at, a word of what to do in each language, whether it stops.
STOPPING = [
    ({"name": ""}, "", "name", "名称", "name"),
    ({"name": "长" * 200}, "", "name", "名称", "name"),
    ({"nodes": {}}, "", "nodes", "节点数为", "1 to 200 nodes"),
    ({"nodes": {f"n{n}": SAY for n in range(201)}}, "", "nodes", "节点数为", "1 to 200 nodes"),
    ({"start": "x"}, "", "start", "改为已有节点", "name one"),
    (entry(kind="schedule"), "", "entries.0", "once 或 cron", "either once or cron"),
    (entry(kind="schedule", once={"at": "2026-01-01T09:00:00"}, cron={"expression": "0 9 * * *"}), "", "entries.0",
     "其中一项", "either once or cron"),
    (entry(kind="schedule", cron={"expression": "0 99 * * *"}), "", "entries.0", "小时", "hour"),
    (entry(kind="date", date={"field": "", "at": "09:00:00"}), "", "entries.0", "日期字段", "date's field"),
    (entry(kind="groups", cron={"expression": "0 9 * * *"}), "", "entries.0", "不适用", "other kind"),
    ({"subject": "group", **entry(kind="event", event="added")}, "", "entries.0", "不适用", "other kind"),
    (one(**SAY, next="x"), "a", "nodes.a.next", "改为已有节点或留空", "leave it empty"),
    (one(kind="jump", to="x"), "a", "nodes.a.again", "改为已有节点", "name one"),
    ({"nodes": CIRCLE}, "a", "nodes.a", "加入等待节点", "put a wait"),
    ({"nodes": CIRCLE}, "b", "nodes.b", "加入等待节点", "put a wait"),
    ({"subject": "group", **one(kind="tag", add=["t"])}, "a", "nodes.a", "群流程", "flows of groups"),
    (wait(), "a", "nodes.a", "恰好填写一项", "exactly one"),
    (wait(**{"for": "P1D", "until": {"at": "09:00:00"}}), "a", "nodes.a", "恰好填写一项", "exactly one"),
    (wait(**{"for": "PT0S"}), "a", "nodes.a.for", "大于 0", "more than 0"),
    (wait(**{"for": "P731D"}), "a", "nodes.a.for", "730", "730"),
    (wait(event={"event": "paid"}, within="P731D"), "a", "nodes.a.within", "730", "730"),
    (wait(event={"event": "paid"}), "a", "nodes.a.within", "最长等待", "how long"),
    (wait(condition=VIP), "a", "nodes.a.within", "最长等待", "how long"),
    (wait(**{"for": "P1D", "timeout": "a"}), "a", "nodes.a.timeout", "才有超时", "time out"),
    (wait(until={"at": "09:00:00", "weekdays": [0]}), "a", "nodes.a.until", "1（周一）", "1 (Monday)"),
    (wait(date={"field": "", "at": "09:00:00"}), "a", "nodes.a.date", "日期字段", "date's field"),
    (one(kind="message", text="{nick}"), "a", "nodes.a.text", "可用：", "there are"),
    (one(kind="task", name="x", text="{nick}"), "a", "nodes.a.text", "可用：", "there are"),
    (one(kind="message", text="字" * 1400), "a", "nodes.a.text", "字节", "bytes"),
    (one(kind="welcome", text="字" * 1400), "a", "nodes.a.text", "字节", "bytes"),
    (one(kind="task", name="x", text="字" * 3000), "a", "nodes.a.text", "", ""),
    (one(kind="message", text=" "), "a", "nodes.a.text", "不能都为空", "cannot both be empty"),
    (one(**SAY, attachments=[LINK]), "a", "nodes.a.attachments", "", ""),
    (one(kind="moment"), "a", "nodes.a", "", ""),
    (one(kind="branch", cases=[]), "a", "nodes.a.cases", "至少一个分支", "at least one case"),
    (one(kind="branch", cases=[{"name": "next", "if": VIP}]), "a", "nodes.a.cases", "为 next", "not next"),
    (one(kind="split", arms=[ARM]), "a", "nodes.a.arms", "至少两组", "at least two"),
    (one(kind="split", arms=[ARM, ARM]), "a", "nodes.a.arms", "各不相同", "different names"),
    (one(kind="split", arms=[{**ARM, "share": 0}, {**BRM, "share": 0}]), "a", "nodes.a.arms", "份额", "shares"),
    (one(kind="split", arms=[ARM, BRM], promoted="z"), "a", "nodes.a.promoted", "没有分组 z", "no arm z"),
    (one(kind="jump", to="a", most=0), "a", "nodes.a.most", "至少 1", "at least once"),
    (one(kind="branch", cases=[{"name": "x", "if": {"moon": 1}}]), "a", "nodes.a.cases.0.if", "", ""),
    (entry(kind="event", event="added", **{"if": {"moon": 1}}), "", "entries.0.if", "", ""),
    (entry(kind="event", event="paid", where={"sum": {"above": 3}}), "", "entries.0.where", "least", "least"),
    ({"goal": {"event": "paid", "where": {"sum": 3}}}, "", "goal.where", "least", "least"),
    (wait(event={"event": "paid", "where": {"sum": 3}}, within="P1D"), "a", "nodes.a.event.where", "least", "least"),
    ({"nodes": LATE}, "b", "nodes.b", "第一个节点", "the first node"),
    ({"nodes": BEHIND}, "b", "nodes.b", "第一个节点", "the first node"),
]  # fmt: skip
TELLING = [
    ({"entries": []}, "", "entries", "手动", "by hand"),
    ({"nodes": {"a": SAY, "b": SAY}}, "b", "nodes.b", "连接或删除", "delete it"),
    (one(kind="message", text="{customer}你好"), "a", "nodes.a.text", "无法合并", "a task of its own"),
    (one(kind="welcome", text="欢迎"), "a", "nodes.a", "没有 added 入口", "nobody is greeted"),
    (one(kind="branch", cases=TWICE), "a", "nodes.a.cases.1", "永远走不到", "nobody gets there"),
    ({"cap": {"count": 1, "days": 7}, "nodes": {"a": {**SAY, "next": "b"}, "b": SAY}}, "a", "cap.count", "流程上限",
     "the flow's cap"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "node", "field", "zh", "en", "stops"),
    [*((*each, True) for each in STOPPING), *((*each, False) for each in TELLING)],
)
def test_a_fault_is_found_at_its_node_and_says_what_to_do(wrong, node, field, zh, en, stops):
    found = [each for each in check(flow(**wrong)) if each.node == node and each.violation.field.startswith(field)]
    assert any(
        each.stops is stops and zh in each.violation.message_zh and en in each.violation.message_en
        for each in found
        if each.violation.message_zh and each.violation.message_en != each.violation.message_zh
    ), check(flow(**wrong))


def test_a_welcome_may_differ_by_the_arm_of_a_split():
    arms = [{"name": "x", "next": "b"}, {"name": "y", "next": "c"}]
    hello = {"kind": "welcome", "text": "欢迎"}
    nodes = {"a": {"kind": "split", "arms": arms}, "b": hello, "c": hello}
    assert check(flow(nodes, **entry(kind="event", event="added"))) == []


def test_the_first_flow_of_the_documentation_has_no_faults():
    page = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
    assert check(files.read(page.partition("```yaml\n")[2].partition("```")[0], ".yaml")) == []


def test_a_flow_without_faults_has_none():
    assert check(flow()) == []
