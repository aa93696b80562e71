"""What a flow names elsewhere is looked up before it is published: each that is not there is told at its node."""

import pytest

from sop.fields import Field
from sop.flows import document
from sop.policy import Cap, Policy
from storage.flows.checks import find_faults
from tests.handlers.desk import Desk

SAY = {"kind": "message", "text": "你好"}
TWO = {"a": {**SAY, "next": "b"}, "b": SAY}


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


def flow(nodes=None, **rest):
    nodes = {"a": SAY} if nodes is None else nodes
    return document.parse({"name": "流程", "entries": [{"kind": "list"}], "start": "a", "nodes": nodes, **rest})


def branch(tree):
    return {"a": {"kind": "branch", "cases": [{"name": "x", "if": tree}]}}


def image(material):
    return {"a": {**SAY, "attachments": [{"kind": "image", "material": material}]}}


@pytest.mark.parametrize(
    ("made", "field", "zh", "en"),
    [
        (flow({"a": {"kind": "tag", "add": ["t9"]}}), "nodes.a", "没有标签 t9，请改选", "choose another"),
        (flow(branch({"tag": ["t9"]})), "nodes.a.cases.0.if", "没有标签 t9", "no tag t9"),
        (flow(branch({"channel": ["99"]})), "nodes.a.cases.0.if", "没有渠道 99", "no channel 99"),
        (flow(branch({"segment": ["99"]})), "nodes.a.cases.0.if", "没有分群 99", "no segment 99"),
        (flow({"a": {"kind": "field", "name": "size", "value": 3}}), "nodes.a.name", "请先新建", "create it first"),
        (flow({"a": {"kind": "field", "name": "vip", "value": "x"}}), "nodes.a.value", "", ""),
        (flow({"a": {"kind": "webhook", "endpoint": 99}}), "nodes.a.endpoint", "请先新建", "create it first"),
        (flow(image("99")), "nodes.a.attachments.0.material", "没有这个", "no such material"),
        (flow(entries=[{"kind": "event", "event": "added", "channels": [99]}]), "entries.0.channels", "渠道 99",
         "channel 99"),
        (flow(entries=[{"kind": "segment", "segment": 99}]), "entries.0.segment", "分群 99", "segment 99"),
        (flow(exits={"segment": 99}), "exits.segment", "分群 99", "segment 99"),
    ],
)  # fmt: skip
async def test_what_is_not_there_stops_the_publishing(desk, made, field, zh, en):
    await desk.apply(lambda store: store.fields.define(Field(name="vip", kind="flag")))
    found = [each for each in await find_faults(desk.store(), made) if each.violation.field == field and each.stops]
    assert found
    assert zh in found[0].violation.message_zh
    assert en in found[0].violation.message_en
    assert found[0].violation.message_zh


@pytest.mark.parametrize("cap", [Cap(count=0, days=1), Cap(count=5, days=1)])
async def test_caps_that_leave_room_are_no_conflict(desk, cap):
    await desk.apply(lambda store: store.policy.put(Policy(caps=(cap,)), by="x"))
    assert await find_faults(desk.store(), flow(TWO, cap={"count": 2, "days": 1})) == []


async def test_caps_that_leave_no_room_are_told_with_what_to_do(desk):
    await desk.apply(lambda store: store.policy.put(Policy(caps=(Cap(count=1, days=1),)), by="x"))
    found = await find_faults(desk.store(), flow(TWO, cap={"count": 2, "days": 1}))
    assert [(each.node, each.violation.field, each.stops) for each in found] == [
        ("a", "nodes.a", False),
        ("", "cap", False),
    ]
    assert "put waits between them" in found[0].violation.message_en


async def test_a_material_that_has_expired_is_told(desk):
    await desk.sql(
        "INSERT INTO materials (id, corp_id, kind, filename, digest, size, media_id, expires_at, created_at, content)"
        " VALUES (5, 'ww1', 'image', 'x.png', 'd', 1, 'm', 1, 0, '')"
    )
    (fault,) = await find_faults(desk.store(), flow(image("5")))
    assert (fault.node, fault.stops) == ("a", False)
    assert "have it uploaded first" in fault.violation.message_en
