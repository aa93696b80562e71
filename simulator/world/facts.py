"""What happened, in the words of a callback: the plaintext XML before it is sealed (page 92130)."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

Value = str | int | list[tuple[str, "Value"]]
"""Text, a number, or nested elements in their order."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that apps are told.

    `subject` is whom it is about: facts of one subject are delivered in order when lanes are many.
    """

    kind: str  # the MsgType: event, text
    fields: tuple[tuple[str, Value], ...]
    subject: str
    sender: str = "sys"
    bound: bool = False  # whether it names the AgentID, as what members do inside an app does

    def field(self, name: str) -> str:
        """Return a top-level field as text, empty when absent."""
        return next((str(value) for key, value in self.fields if key == name), "")

    def describe(self) -> str:
        """Return its name for transcripts: `change_external_contact/add_external_contact`, `text`."""
        names = [self.field("Event"), self.field("ChangeType")] if self.kind == "event" else [self.kind]
        return "/".join(name for name in names if name)


def event(name: str, *fields: tuple[str, Value], subject: str) -> Fact:
    """Make the fact of a system event."""
    return Fact("event", (("Event", name), *fields), subject)


def render(fact: Fact, *, corp_id: str, agent_id: int, at: float) -> bytes:
    """Return the plaintext XML of a fact for one app."""
    head: list[tuple[str, Value]] = [
        ("ToUserName", corp_id),
        ("FromUserName", fact.sender),
        ("CreateTime", int(at)),
        ("MsgType", fact.kind),
    ]
    tail: list[tuple[str, Value]] = [("AgentID", agent_id)] if fact.bound else []
    return _element("xml", [*head, *fact.fields, *tail]).encode()


def _element(name: str, value: Value) -> str:
    if isinstance(value, list):
        inner = "".join(_element(*one) for one in value)
    elif isinstance(value, int):
        inner = str(value)
    elif "]]>" in value:
        inner = escape(value)
    else:
        inner = f"<![CDATA[{value}]]>"
    return f"<{name}>{inner}</{name}>"
