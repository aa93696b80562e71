"""What a batch of one flow may look at: read for all of them at once, and only as far as their next steps need it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sop import conditions, greeting, texts
from sop.conditions import Facts, Needs, Test
from sop.deliveries import Content, Kind
from sop.deliveries import Message as Wanted
from sop.flows import graph
from sop.flows.document import Flow
from sop.flows.engine import Sight
from sop.flows.enrolments import Asked, Enrolment, Signal, effect
from sop.flows.nodes import Message, Node, Occurrence, Tree, Wait
from sop.flows.trees import trees
from sop.policy import Asking, Past, Policy, Send, Standing, judge
from storage.conditions import facts
from storage.store import Store

Placed = tuple[Flow, Enrolment]
ADDED = "added_at"  # a date that every relation has
_EPOCH = date(1970, 1, 1)


@dataclass(slots=True, kw_only=True)
class _Wants:
    """What the next steps of a batch need to know."""

    needs: Needs = field(default_factory=Needs)
    messages: bool = False
    clocks: bool = False
    variables: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Ground:
    """What was read for a batch; a message that one of them gets counts for the next."""

    flow_id: int
    kind: Kind
    now: datetime
    zone: ZoneInfo
    policy: Policy
    facts: Mapping[tuple[str, str], Facts]
    standings: Mapping[tuple[str, str], Standing]
    zones: Mapping[str, ZoneInfo]  # of those who live by other clocks than the corp's
    customers: Mapping[str, str]  # names
    staff: Mapping[str, str]
    tests: dict[int, Test] = field(default_factory=dict)
    planned: defaultdict[str, list[Past]] = field(default_factory=lambda: defaultdict(list))

    def sight(self, flow: Flow, enrolment: Enrolment) -> Sight:
        """What the engine sees of one of them."""
        known = self.facts.get((enrolment.subject, enrolment.user_id))
        seen = replace(known or Facts(external_user_id=enrolment.subject), event=enrolment.context)
        return Sight(
            now=self.now,
            zone=self.zones.get(enrolment.subject, self.zone),
            holds=lambda tree: self._test(tree)(seen, self.now),
            ask=lambda node, visit, name: self._ask(flow, enrolment, node, visit=visit, name=name),
            day=lambda name: _day(seen, name),
            happened=lambda wanted, since: self._happened(seen, wanted, since, context=enrolment.context),
        )

    def _test(self, tree: Tree) -> Test:
        """A condition is compiled once for a batch: the trees of a loaded flow stay where they are."""
        found = self.tests.get(id(tree))
        if found is None:
            found = self.tests[id(tree)] = conditions.compile(tree)
        return found

    def _ask(self, flow: Flow, enrolment: Enrolment, node: Message, *, visit: int, name: str) -> Asked:
        sender = enrolment.user_id if node.sender == "member" or self.kind == "group" else ""
        topic = node.topic or flow.topic
        wanted = Wanted(
            kind=self.kind,
            subject=enrolment.subject,
            user_id=sender,
            content=Content(text=self.fill(node.text, enrolment), attachments=node.attachments),
            origin="flow",
            origin_id=self.flow_id,
            node=name,
            version=enrolment.version,
            enrolment_id=enrolment.id,
            topic=topic,
            transactional=node.transactional,
            effect=effect(enrolment, name, visit),
            due_at=self.now,
        )
        asking = Asking(
            kind=self.kind,
            origin="flow",
            origin_id=self.flow_id,
            topic=topic,
            transactional=node.transactional,
            cap=flow.cap,
        )
        standing = self._standing(enrolment, sender if self.kind == "single" else "")
        verdict = judge(asking, standing, self.policy, self.now)
        if isinstance(verdict, Send):
            counts = not node.transactional
            self.planned[enrolment.subject].append(Past(self.now, "flow", self.flow_id, counts))
        return Asked(wanted, verdict, standing.ordinal + 1)

    def _standing(self, enrolment: Enrolment, sender: str) -> Standing:
        found = self.standings.get((enrolment.subject, sender)) or Standing()
        more = self.planned.get(enrolment.subject)
        if not more:
            return found
        return replace(found, past=(*found.past, *more), ordinal=found.ordinal + len(more))

    def fill(self, text: str, enrolment: Enrolment) -> str:
        """A text with what it says of the customer, the member and the event filled in."""
        if "{" not in text:
            return text
        values = {f"event.{name}": str(value) for name, value in enrolment.context.items()}
        values["customer"] = texts.clean(self.customers.get(enrolment.subject, "")) or greeting.SOMEBODY
        values["staff"] = texts.clean(self.staff.get(enrolment.user_id, ""))
        values["date"] = f"{self.now.astimezone(self.zone):%Y-%m-%d}"
        return greeting.render(text, values)

    def _happened(
        self, seen: Facts, wanted: Occurrence, since: datetime, *, context: Mapping[str, Any]
    ) -> Signal | None:
        for deed in sorted(seen.deeds.get(wanted.event, ()), key=lambda one: one.at):
            if deed.at >= since and means(wanted, deed.data, context, self.now):
                return Signal(name=wanted.event, at=deed.at, data=deed.data)
        return None


async def look(store: Store, flow_id: int, placed: Sequence[Placed]) -> Ground:
    """Read what a batch needs, in a few statements for all of them."""
    now, wants = store.now, _want(placed)
    people = [(one.subject, one.user_id) for _, one in placed]
    kind: Kind = "group" if placed[0][0].subject == "group" else "single"
    known = await facts(store.scope, wants.needs, people, now) if kind == "single" and wants.needs != Needs() else {}
    policy = await store.policy.current()
    asked = {(one.subject, sender) for _, one in placed for sender in (("",) if kind == "group" else (one.user_id, ""))}
    return Ground(
        flow_id=flow_id,
        kind=kind,
        now=now,
        zone=policy.zone,
        policy=policy,
        facts=known,
        standings=await store.policy.standings(kind, asked, policy) if wants.messages else {},
        zones=await store.policy.consents.zones(one for one, _ in people) if wants.clocks else {},
        customers=await store.customers.names({one for one, _ in people}) if "customer" in wants.variables else {},
        staff=await store.staff.names({one for _, one in people}) if "staff" in wants.variables else {},
    )


def matches(where: Tree, data: Mapping[str, Any], now: datetime) -> bool:
    """Whether the data of an event is as an entry or a wait wants it."""
    return not where or conditions.compile({"event": where})(Facts(external_user_id="", event=data), now)


def means(wanted: Occurrence, data: Mapping[str, Any], context: Mapping[str, Any], now: datetime) -> bool:
    """Whether an event is what is waited for by somebody who began with this context."""
    return all(data.get(name) == context.get(name) for name in wanted.same) and matches(wanted.where, data, now)


def _want(placed: Sequence[Placed]) -> _Wants:
    """Gather what can be come to at once from where each of them is."""
    wants = _Wants()
    places: dict[tuple[int, str], tuple[Flow, datetime]] = {}
    for flow, one in placed:
        key = one.version, one.node
        since = min(one.node_at, one.due_at)
        places[key] = (flow, min(since, places[key][1]) if key in places else since)
    for (_, name), (flow, since) in places.items():
        near = graph.in_one_turn(flow, name)
        wants.needs |= conditions.needs(*(tree for node, _, tree in trees(flow) if node in near))
        for node in (flow.nodes[each] for each in near):
            _want_for(wants, node, since)
    return wants


def _want_for(wants: _Wants, node: Node, since: datetime) -> None:
    if isinstance(node, Message):
        wants.messages = True
    wants.variables |= texts.variables(getattr(node, "text", ""))
    wants.clocks |= isinstance(node, Wait) and (node.until is not None or node.date is not None)
    if isinstance(node, Wait) and node.event is not None:
        wants.needs |= Needs(events={node.event.event: conditions.Past(since=since, data=True)})
    if isinstance(node, Wait) and node.date is not None:
        named = node.date.field
        wants.needs |= Needs(relations=True) if named == ADDED else Needs(fields=frozenset({named}))


def _day(seen: Facts, name: str) -> date | None:
    if name == ADDED:
        return max((one.added_at.astimezone(seen.zone).date() for one in seen.relations), default=None)
    value = seen.fields.get(name)
    return None if value is None or value.number is None else _EPOCH + timedelta(days=int(value.number))
