"""What a template is: a document whose texts stand in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sop.flows import document
from sop.flows.document import Flow

Language = Literal["zh", "en"]


class Say(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Template:
    """A flow to begin with; `what` says what it is for."""

    name: Say
    what: Say
    body: Mapping[str, Any]

    def flow(self, language: Language) -> Flow:
        """The flow in one of the languages."""
        plain = {"name": self.name, "note": self.what, **self.body}
        return document.parse(_speak(plain, language))


def _speak(value: Any, language: Language) -> Any:
    if isinstance(value, Say):
        return value.zh if language == "zh" else value.en
    if isinstance(value, Mapping):
        return {name: _speak(each, language) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_speak(each, language) for each in value]
    return value


def chain(*nodes: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Nodes that follow each other, unless they say otherwise, from the first one on."""
    names = [name for name, _ in nodes]
    following = {name: after for name, after in zip(names, [*names[1:], ""], strict=True) if after}
    return {
        "start": names[0],
        "nodes": {name: {**({"next": following[name]} if name in following else {}), **node} for name, node in nodes},
    }


def message(zh: str, en: str, **more: Any) -> dict[str, Any]:
    """A message."""
    return {"kind": "message", "text": Say(zh, en), **more}


def task(name: Say, text: Say, **more: Any) -> dict[str, Any]:
    """Something for the member to do."""
    return {"kind": "task", "name": name, "text": text, **more}


def wait(span: str, **more: Any) -> dict[str, Any]:
    """A wait for a span of time."""
    return {"kind": "wait", "for": span, **more}


def morning(days: int, at: str = "10:00:00", **more: Any) -> dict[str, Any]:
    """A wait for a time on the clock, so many days on."""
    return {"kind": "wait", "until": {"at": at, "days": days}, **more}


def hear(event: str, within: str, **more: Any) -> dict[str, Any]:
    """A wait for an event."""
    same = more.pop("same", None)
    return {"kind": "wait", "event": {"event": event, **({"same": same} if same else {})}, "within": within, **more}


def on(event: str, **more: Any) -> dict[str, Any]:
    """An entry by an event."""
    return {"kind": "event", "event": event, **more}


def daily(expression: str, condition: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An entry of everybody of whom a condition holds, by a cron expression."""
    return {"kind": "schedule", "cron": {"expression": expression}, "if": condition, **more}
