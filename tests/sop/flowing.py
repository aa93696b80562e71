"""What tests of the flow engine stand on: a flow from its document, somebody in it, and a sight of the world."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from sop.deliveries import Content
from sop.deliveries import Message as Wanted
from sop.flows import document
from sop.flows.engine import Sight, advance
from sop.flows.enrolments import Asked, Enrolment, Signal, Turn
from sop.policy import Send
from sop.slots import SHANGHAI

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def flow(nodes, *, start=None, **rest):
    """A flow whose nodes follow each other in the order they are given, unless they say otherwise."""
    names = list(nodes)
    whole = {
        name: {**({"next": names[number + 1]} if number + 1 < len(names) else {}), **node}
        for number, (name, node) in enumerate(nodes.items())
    }
    return document.parse({"name": "a flow", "start": start or names[0], "nodes": whole, **rest})


def wait(span, **rest):
    """A wait for a span."""
    return {"kind": "wait", "for": span, **rest}


def say(text="你好", **rest):
    """A message."""
    return {"kind": "message", "text": text, **rest}


@dataclass
class World:
    """What the engine is shown; `verdicts` are what the policy says, by the text of the message."""

    now: datetime = MONDAY
    zone: object = SHANGHAI
    true: list = field(default_factory=list)  # conditions that hold
    verdicts: dict = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)
    past: list[Signal] = field(default_factory=list)

    def sight(self, one):
        """What is seen of somebody."""

        def ask(node, visit, name):
            wanted = Wanted(
                kind="single",
                subject=one.subject,
                content=Content(text=node.text),
                origin="flow",
                origin_id=one.flow_id,
                node=name,
                effect=f"{one.id}:{name}:{visit}",
                due_at=self.now,
            )
            return Asked(wanted, self.verdicts.get(node.text, Send()), 1)

        def happened(wanted, since):
            return next((each for each in self.past if each.name == wanted.event and each.at >= since), None)

        return Sight(
            now=self.now,
            zone=self.zone,
            holds=lambda tree: tree in self.true,
            ask=ask,
            day=self.days.get,
            happened=happened,
        )

    def turn(self, flow, one) -> Turn:
        """One turn of somebody."""
        return advance(flow, one, self.sight(one))

    def run(self, flow, one, *, until: datetime) -> list[Turn]:
        """Turn after turn, each when it is due, until a moment or the end."""
        turns = []
        while one.status == "parked" and one.due_at <= until:
            self.now = max(self.now, one.due_at)
            turns.append(self.turn(flow, one))
            one = turns[-1].after
            assert len(turns) < 1000
        return turns


def enter(flow, *, at=MONDAY, subject="wm1", **rest):
    """Somebody who has just come in."""
    return Enrolment(
        id=1,
        flow_id=7,
        version=1,
        subject=subject,
        user_id="chen",
        node=flow.start,
        visits={flow.start: 1},
        entered_at=at,
        node_at=at,
        due_at=at,
        **rest,
    )


def woken(one, name, at, **data):
    """The same, woken by an event."""
    return replace(one, signal=Signal(name=name, at=at, data=data), due_at=at)


def said(turns):
    """The texts that were let through, in order."""
    return [each.message.content.text for turn in turns for each in turn.asked if isinstance(each.verdict, Send)]


def story(turns):
    """What happened, step by step."""
    return [(step.node, step.verdict, step.reason, step.port) for turn in turns for step in turn.steps]
