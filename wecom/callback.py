"""From the body of a callback to a typed event: `unwrap` the envelope, open it, `parse` the plaintext."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from wecom.errors import BadEnvelope
from wecom.events.facts import EPOCH, ROUTES, Event, moment
from wecom.events.unknown import Unknown
from wecom.ids import CorpId
from wecom.tree import MAX_BODY, Node, read

__all__ = ["MAX_BODY", "Envelope", "parse", "unwrap"]

# What the platform sends every time (page 90930), read at a tenth of what reading any XML costs.
_USUAL = re.compile(
    rb"<xml><ToUserName><!\[CDATA\[([\w-]*)\]\]></ToUserName>\s*"
    rb"<Encrypt><!\[CDATA\[([A-Za-z0-9+/=]+)\]\]></Encrypt>\s*"
    rb"(?:<AgentID><!\[CDATA\[(\d*)\]\]></AgentID>\s*)?</xml>"
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A callback as it arrived. Only `encrypted` is signed: `to` and `agent` may choose a key, no more."""

    encrypted: str
    to: str = ""
    agent: str = ""


def unwrap(body: bytes) -> Envelope:
    """Read the envelope, XML or JSON, of at most MAX_BODY bytes; raises BadEnvelope."""
    usual = _USUAL.fullmatch(body) if len(body) <= MAX_BODY else None
    if usual:
        to, encrypted, agent = (found.decode() for found in usual.groups(b""))
        return Envelope(encrypted, to=to, agent=agent)
    node = read(body)
    found = [*node.get("Encrypt", ()), *node.get("encrypt", ())]
    if len(found) != 1 or not isinstance(found[0], str) or not found[0]:
        raise BadEnvelope("the envelope must hold exactly one ciphertext")
    return Envelope(
        found[0],
        to=_text(node, "ToUserName", "tousername"),
        agent=_text(node, "AgentID", "agentid"),
    )


def parse(plain: bytes, corp_id: CorpId) -> Event:
    """Return the event that a decrypted body tells, in XML or JSON; raises BadEnvelope and nothing else.

    Whatever is new to us, or lacks its essential id, is an Unknown. The corp is the caller's: the names
    in the body are not asked.
    """
    node = read(plain)
    at = _moment(node)
    route, event, change = _route(node)
    while route:
        recipe = ROUTES.get(route)
        if recipe is not None:
            made = recipe.make(node, corp_id=corp_id, at=at)
            if isinstance(made, Event):
                return made
            break
        route = route.rpartition("/")[0]
    return Unknown(corp_id=corp_id, at=at, event=event, change_type=change, fields=node)


def _route(node: Node) -> tuple[str, str, str]:
    """Return the route of a document with its Event (or MsgType) and ChangeType as the platform spelt them.

    Suites (page 92277) send InfoType in the place of Event, and no MsgType.
    """
    if "msgtype" in node:
        return _robot_route(node)
    event = _text(node, "Event", "InfoType")
    change = _text(node, "ChangeType")
    kind = _text(node, "MsgType") or "event"
    steps = ("event", event, change, _text(node, "UpdateDetail")) if kind.lower() == "event" else (kind,)
    return _join(steps), event or kind, change


def _robot_route(node: Node) -> tuple[str, str, str]:
    kind = _text(node, "msgtype")
    for event in node.get("event", ()):
        if not isinstance(event, str):
            name = _text(event, "eventtype")
            return _join(("robot", kind, name)), name, ""
    return _join(("robot", kind)), kind, ""


def _join(steps: Iterable[str]) -> str:
    return "/".join(filter(None, steps)).lower()


def _moment(node: Node) -> datetime:
    at = moment(_text(node, "CreateTime", "create_time", "TimeStamp"))
    return at if isinstance(at, datetime) else EPOCH


def _text(node: Node, *names: str) -> str:
    for name in names:
        for value in node.get(name, ()):
            if isinstance(value, str):
                return value.strip()
    return ""
