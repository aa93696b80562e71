"""What tests of flows do again and again: publish one, let events be heard, let a batch take its turns."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from handlers.flows.entries import hear
from handlers.flows.turns import take
from sop.events import FlowDue, Happened
from sop.flows import document
from storage.engine.sql import Statement
from storage.values import decode
from tests.handlers.desk import START, Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDED = {"kind": "event", "event": "added", "again": "always"}
_DELIVERIES = Statement("""
    SELECT d.subject, d.user_id, d.status, d.reason, d.node, d.ordinal, c.body FROM deliveries AS d
    JOIN contents AS c ON c.id = d.content_id WHERE d.corp_id = :corp_id ORDER BY d.id
""")
_INSIDE = Statement("""
    SELECT subject, user_id, status, node, visit, reason, due_at, version FROM enrolments
    WHERE corp_id = :corp_id ORDER BY id
""")
_STEPS = Statement("SELECT node, visit, verdict, reason FROM flow_steps ORDER BY at, enrolment_id, node, visit")


def draft(nodes: dict[str, Any], **rest: Any) -> document.Flow:
    """A flow whose nodes follow each other in the order they are given, unless they say otherwise."""
    names = list(nodes)
    following = dict(pairwise(names))
    whole = {name: {"next": following.get(name, ""), **node} for name, node in nodes.items()}
    return document.parse({"name": "a flow", "entries": [ADDED], "start": names[0], "nodes": whole, **rest})


async def publish(desk: Desk, flow: document.Flow, *, mode: str = "follow") -> int:
    """Publish a flow, or the next version of the one of its name; its id."""
    store = desk.store()
    sheet = await store.flows.named(flow.name)
    if sheet is None:
        sheet = store.flows.add(flow)
    else:
        store.flows.edit(sheet, flow)
    await store.commit()
    store = desk.store()
    sheet = await store.flows.get(sheet.id)
    store.flows.publish(sheet, mode=mode, by="test")
    await store.commit()
    return sheet.id


async def happen(desk: Desk, name: str, customer: str = "wm1", user_id: str = "chen", **data: Any) -> None:
    """Something happens to a customer, and flows are told."""
    await desk.apply(
        lambda store: store.history.append(name, customer, user_id=user_id, at=desk.now, effect="", **data)
    )
    fact = Happened(
        corp_id="ww1", at=desk.now, name=name, external_user_id=customer, user_id=user_id,
        effect=f"{name}:{customer}:{desk.now.timestamp()}", data=data,
    )  # fmt: skip
    await desk.run(hear, fact)


async def turn(desk: Desk, flow_id: int, *, after: timedelta | None = None) -> None:
    """Let those who are due take their turns, so long after the start."""
    if after is not None:
        desk.now = START + after
    await desk.run(take, FlowDue(corp_id="ww1", at=desk.now, flow_id=flow_id))


async def messages(desk: Desk) -> list[tuple[str, str, str]]:
    """The deliveries: to whom, what, and how they stand or why not."""
    rows = await desk.store().scope.fetch(_DELIVERIES)
    return [(row["subject"], decode(row["body"])["text"], row["reason"] or row["status"]) for row in rows]


async def inside(desk: Desk) -> list[dict[str, Any]]:
    """The enrolments as they are."""
    return [dict(row) for row in await desk.store().scope.fetch(_INSIDE)]


async def steps(desk: Desk) -> list[tuple[str, int, str, str]]:
    """All steps that were taken."""
    return [tuple(row) for row in await desk.store().scope.fetch(_STEPS)]
