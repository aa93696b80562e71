"""What steps want done beside messages: tasks, tags, fields, moments, webhooks, goals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from handlers.flows import posts
from handlers.flows.sights import Ground
from sop import fields
from sop.fields import Change as FieldChange
from sop.fields import Field
from sop.flows.document import Flow
from sop.flows.enrolments import GOAL, Act, Enrolment, Turn, effect
from sop.flows.nodes import Change, Goal, Moment, Split, Tag, Task, Webhook
from sop.intents import MarkTags
from sop.intents.webhooks import CallWebhook
from sop.reasons import define
from sop.tasks import Give
from storage.flows import turns
from storage.store import Store
from storage.tags.marking import mark

NOBODY = define("flow_nobody", "没有可以执行的员工", "There is no member who could do it")


@dataclass(slots=True)
class _Wanted:
    """What a batch wants, to be written at once."""

    ground: Ground
    tasks: list[Give] = field(default_factory=list)
    moments: posts.Posts = field(default_factory=posts.Posts)
    changes: list[FieldChange] = field(default_factory=list)


async def perform(store: Store, taken: Sequence[Turn], flows: Iterable[Flow], ground: Ground) -> None:
    """Want everything that a batch of turns of one flow has come to; who was made to leave needs no task any more."""
    wanted, fields = _Wanted(ground), await _fields(store, taken)
    for turn in taken:
        for act in turn.acts:
            await _perform(store, turn.after, act, wanted=wanted, fields=fields)
    left: dict[str, list[int]] = {}
    for turn in taken:
        if turn.before.leaving:
            left.setdefault(turn.before.leaving, []).append(turn.before.id)
    for reason, enrolments in left.items():
        await store.tasks.cancel_of(enrolments, reason)
    store.tasks.give_all(wanted.tasks)
    if wanted.changes:
        cause = f"flow:{taken[0].before.flow_id}:{store.scope.event_id}"
        for change, reason in await store.fields.put(wanted.changes, cause=cause):
            about = {"external_user_id": change.external_user_id, "rule": f"flow:{taken[0].before.flow_id}"}
            store.decide("field", "skipped", reason, field=change.name, **about)
    await wanted.moments.perform(store)
    _reach(store, taken, flows, ground=ground)


async def _perform(store: Store, one: Enrolment, act: Act, *, wanted: _Wanted, fields: Mapping[str, Field]) -> None:
    match act.node:
        case Task() as node:
            for to in await _takers(store, one, node):
                wanted.tasks.append(_give(wanted.ground, one, act, to=to))
        case Tag() as node:
            await _mark(store, one, act, node=node)
        case Moment() as node:
            wanted.moments.add(one, act.name, node)
        case Webhook() as node:
            store.intend(_call(store, one, act, node=node))
        case Change() as node if node.name in fields:
            wanted.changes.append(_change(one, node, fields[node.name]))


async def _takers(store: Store, one: Enrolment, node: Task) -> Sequence[str]:
    """Who is to do it: the member, or the lead; where there is nobody, the reason is noted."""
    takers = await store.staff.leads(one.user_id) if node.to == "lead" else (one.user_id,)
    found = [taker for taker in takers if taker]
    if not found:
        _note(store, one, "task", NOBODY)
    return found[:1]


def _give(ground: Ground, one: Enrolment, act: Act, *, to: str) -> Give:
    node = cast(Task, act.node)
    return Give(
        user_id=to,
        external_user_id=one.subject if ground.kind == "single" else "",
        what="flow",
        title=node.name,
        text=ground.fill(node.text, one),
        effect=effect(one, act.name, act.visit),
        due_at=ground.now + node.due,
        escalate_after=node.escalate,
        origin="flow",
        origin_id=one.flow_id,
        node=act.name,
        enrolment_id=one.id,
    )


async def _mark(store: Store, one: Enrolment, act: Act, *, node: Tag) -> None:
    if not one.user_id:
        _note(store, one, "tag", NOBODY)
        return
    marking = MarkTags(
        user_id=one.user_id,
        external_user_id=one.subject,
        add=node.add,
        remove=node.remove,
        rule=f"flow:{one.flow_id}@{one.version}",
        cause=effect(one, act.name, act.visit),
    )
    await mark(store, marking)


def _call(store: Store, one: Enrolment, act: Act, *, node: Webhook) -> CallWebhook:
    return CallWebhook(
        webhook_id=node.endpoint,
        event=node.name,
        external_user_id=one.subject,
        user_id=one.user_id,
        data={**node.data, "flow_id": str(one.flow_id), "node": act.name, "context": dict(one.context)},
        at=store.now,
        cause=effect(one, act.name, act.visit),
    )


def _change(one: Enrolment, node: Change, known: Field) -> FieldChange:
    if node.plus is not None:
        return FieldChange(external_user_id=one.subject, name=node.name, add=node.plus)
    value = None if node.value is None else fields.read(known, node.value)[0]
    return FieldChange(external_user_id=one.subject, name=node.name, value=value)


async def _fields(store: Store, taken: Sequence[Turn]) -> Mapping[str, Field]:
    changes = any(isinstance(act.node, Change) for turn in taken for act in turn.acts)
    return await store.fields.all() if changes else {}


def _reach(store: Store, taken: Sequence[Turn], flows: Iterable[Flow], *, ground: Ground) -> None:
    """Whoever has reached the goal counts for the arms they were in, and it is in their history."""
    reached = [
        turn.after
        for turn in taken
        if turn.after.reason == GOAL or any(isinstance(act.node, Goal) for act in turn.acts)
    ]
    for one in reached if ground.kind == "single" else ():
        about = {"effect": f"goal:{one.id}", "flow_id": str(one.flow_id)}
        store.history.append("goal_reached", one.subject, user_id=one.user_id, at=store.now, **about)
    splits = {name for flow in flows for name, node in flow.nodes.items() if isinstance(node, Split)}
    if reached:
        turns.convert(store.scope, reached[0].flow_id, sorted(splits), [one.subject for one in reached])


def _note(store: Store, one: Enrolment, what: str, reason: str) -> None:
    store.decide(
        what,
        "skipped",
        reason,
        external_user_id=one.subject,
        user_id=one.user_id,
        rule=f"flow:{one.flow_id}",
        version=one.version,
    )
