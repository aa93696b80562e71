"""Decisions: why something was or was not done, written with what was done."""

from collections.abc import Mapping
from typing import Any

from storage.engine.sql import insert
from storage.scope import Scope
from storage.values import encode, new_id

_COLUMNS = {"external_user_id": "", "user_id": "", "rule": "", "version": 0, "intent_id": None}
_DECIDE = insert(
    "decisions",
    ("id", "corp_id", "event_id", "handler", "what", "verdict", "reason", "facts", "at", *_COLUMNS),
)


def decide(scope: Scope, what: str, verdict: str, reason: str, about: Mapping[str, Any]) -> None:
    """Note a decision; what `about` gives beside external_user_id, user_id, rule, version, intent_id are facts."""
    columns = _COLUMNS | {name: value for name, value in about.items() if name in _COLUMNS}
    facts = {name: value for name, value in about.items() if name not in _COLUMNS}
    scope.write(
        _DECIDE,
        id=new_id(),
        event_id=scope.event_id,
        handler=scope.handler,
        what=what,
        verdict=verdict,
        reason=reason,
        facts=encode(facts),
        at=scope.at,
        **columns,
    )
