"""The story of an event or an intent: what was decided, for which reason, on which facts, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.cli.codes import Exit
from bot.cli.runtime import say
from bot.cli.show import aligned, duration, facts, mark, moment, plain
from sop.reasons import explain
from storage.inspect import Decision, DecisionFilter, Inspect, IntentFilter, SeenEvent, SeenIntent
from storage.reactions import Reaction

_ALL = 500  # more than one event ever causes


@dataclass(frozen=True, slots=True)
class EventStory:
    """An event with all it caused, the oldest first."""

    event: SeenEvent
    reactions: Sequence[Reaction]
    decisions: Sequence[Decision]
    intents: Sequence[SeenIntent]


@dataclass(frozen=True, slots=True)
class IntentStory:
    """An intent with the decisions about it and the event behind it."""

    intent: SeenIntent
    decisions: Sequence[Decision]
    event: SeenEvent | None


async def of_event(inspect: Inspect, identity: int) -> EventStory | None:
    """Collect the story of an event, if there is one."""
    event = await inspect.event(identity)
    if event is None:
        return None
    decisions = await inspect.decisions(DecisionFilter(caused_by=identity), limit=_ALL)
    intents = await inspect.intents(IntentFilter(event_id=identity), limit=_ALL)
    return EventStory(event, await inspect.reactions(identity), decisions[::-1], intents[::-1])


async def of_intent(inspect: Inspect, identity: int) -> IntentStory | None:
    """Collect the story of an intent, if there is one."""
    intent = await inspect.intent(identity)
    if intent is None:
        return None
    decisions = await inspect.decisions(DecisionFilter(intent_id=identity), limit=_ALL)
    return IntentStory(intent, decisions[::-1], await inspect.event(intent.event_id) if intent.event_id else None)


def missing(what: str, identity: int) -> int:
    """Say that there is nothing of that id."""
    say(f"there is no {what} {identity} / 没有这个编号")
    return Exit.NOT_FOUND


def document(story: EventStory | IntentStory, *, body: bool) -> dict[str, Any]:
    """A story as JSON values."""
    decisions = [plain(each) | {"sentence": explain(each.reason)._asdict()} for each in story.decisions]
    if isinstance(story, IntentStory):
        event = story.event and plain(story.event)
        return plain(story.intent, body=body) | {"decisions": decisions, "event": event}
    return plain(story.event, body=body) | {
        "state": story.event.state,
        "reactions": [plain(each) for each in story.reactions],
        "decisions": decisions,
        "intents": [plain(each, body=body) for each in story.intents],
    }


def tell_event(story: EventStory, zone: tzinfo) -> str:
    """A story as people read it, from cause to effect."""
    event = story.event
    after = {"received": event.received_at, "closed": event.closed_at}
    times = "".join(f", {word} {_after(at - event.occurred_at)}" for word, at in after.items() if at)
    head = [
        ("state", f"{mark(event.state)} {event.state}, {_tries(event.attempt)}"),
        ("subject", event.lane.partition("/")[2]),
        ("from", f"{event.origin} of corp {event.corp_id}, app {event.app}"),
        ("happened", f"{moment(event.occurred_at, zone)}{times}"),
        ("deadline", f"{moment(event.deadline_at, zone)} ({_after(event.deadline_at - event.occurred_at)})"),
    ]
    return "\n".join((
        f"Event {event.id}  {event.kind}",
        aligned(head),
        *_section("Handlers", [aligned(_reactions(story))] if story.reactions else []),
        *_section("Why", [_decision(each) for each in story.decisions]),
        *_section("Intents", [aligned([_intent(each) for each in story.intents])] if story.intents else []),
    ))  # fmt: skip


def tell_intent(story: IntentStory, zone: tzinfo) -> str:
    """A story as people read it, from what was wanted back to its cause."""
    intent, event = story.intent, story.event
    ended = f", {intent.status} after {duration(intent.finished_at - intent.created_at)}" if intent.finished_at else ""
    head = [
        ("state", f"{mark(intent.status)} {intent.status}, {_tries(intent.attempt)}{_doubt(intent)}"),
        ("answer", _answer(intent)),
        ("effect", intent.effect),
        ("by", f"{intent.handler or 'the API'}, of corp {intent.corp_id}, app {intent.app}"),
        ("wanted", f"{moment(intent.created_at, zone)}{ended}"),
        ("deadline", f"{moment(intent.deadline_at, zone)} ({_after(intent.deadline_at - intent.created_at)})"),
    ]
    if intent.result:
        head.append(("result", facts(intent.result)))
    cause = [f"  {event.id}  {event.kind}  {moment(event.occurred_at, zone)}"] if event else []
    return "\n".join((
        f"Intent {intent.id}  {intent.kind}",
        aligned(head),
        *_section("Why", [_decision(each) for each in story.decisions]),
        *_section("Caused by event", cause),
    ))  # fmt: skip


def _section(title: str, parts: Sequence[str]) -> tuple[str, ...]:
    return ("", title, *(parts or ("  none / 无",)))


def _reactions(story: EventStory) -> list[tuple[str, ...]]:
    begun = story.event.received_at
    return [
        (mark(each.status), each.handler, each.status, _tries(each.attempt), _after(each.at - begun), each.reason)
        for each in story.reactions
    ]


def _decision(decision: Decision) -> str:
    zh, en = explain(decision.reason)
    rule = decision.rule and f"rule {decision.rule}" + (f" version {decision.version}" if decision.version else "")
    about = (
        rule,
        decision.external_user_id and f"customer {decision.external_user_id}",
        decision.user_id and f"staff {decision.user_id}",
        decision.handler and f"by {decision.handler}",
        f"intent {decision.intent_id}" if decision.intent_id else "",
    )
    lines = [
        f"  {mark(decision.verdict)} {decision.what} {decision.verdict}: {zh} / {en}",
        f"      {', '.join(filter(None, about))}",
        f"      {facts(decision.facts)}",
    ]
    return "\n".join(line for line in lines if line.strip())


def _intent(intent: SeenIntent) -> tuple[str, ...]:
    took = duration(intent.finished_at - intent.created_at) if intent.finished_at else ""
    answer = _answer(intent) if intent.code else intent.reason
    return mark(intent.status), str(intent.id), intent.kind, intent.status, _tries(intent.attempt), took, answer


def _answer(intent: SeenIntent) -> str:
    return " ".join(filter(None, (str(intent.code) if intent.code else "", intent.reason))) or (
        "ok" if intent.status == "done" else "none / 无"
    )


def _tries(attempt: int) -> str:
    return f"{attempt} {'try' if attempt == 1 else 'tries'}"


def _after(length: Any) -> str:
    text = duration(length)
    return text if text.startswith("-") else f"+{text}"


def _doubt(intent: SeenIntent) -> str:
    return "; an attempt may have been performed unseen / 某次尝试结果未知" if intent.doubtful else ""
