"""What is shown of events, intents and facts: ids and reasons, never codes, texts or contact data."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec

from console.api.roles import Permission, Principal
from sop import events as own
from sop import intents
from wecom import callback
from wecom.events import REGISTRY
from wecom.ids import CorpId

# What an operator needs to follow a case, by the names of the fields; all else stays inside.
_PLAIN = frozenset(
    {
        "added_at", "add", "agent_id", "at", "by_transfer", "cause", "change", "change_type", "channel_id",
        "chat_id", "code", "config_id", "count", "department_id", "departments", "detail", "error_code",
        "event", "event_key", "external_user_id", "field", "flow_id", "group_id", "handover", "id", "intent_id",
        "intent_kind", "job_id", "job_type", "lane", "last_version", "link_id", "main_department", "material_id",
        "members", "moment_id", "msg_id", "new_user_id", "outcome", "owner", "parent_id", "reason", "reasons", "remove",
        "robot_id", "round", "row", "rule", "safety", "scene", "skip_verify", "source", "state", "status",
        "strategy_id", "tag_id", "tag_type", "taken_at", "taker", "tags", "task_id", "transfer_id", "user_id", "users",
        "version", "what",
    }
)  # fmt: skip
_IDS = frozenset(
    {"channel_id", "event_id", "flow_id", "intent_id", "material_id", "moment_id", "transfer_id", "row"}
)  # ours: strings in JSON
_SECRET = frozenset({"welcome_code", "text", "content", "body", "response_code", "token", "secret"})


def event(kind: str, corp_id: str, body: str) -> dict[str, Any]:
    """What an event says; nothing where this program does not know its kind."""
    base = kind.partition(":")[0]
    if base in own.OWN:
        return _plain(own.load(base, body))
    return _plain(callback.parse(body.encode(), CorpId(corp_id))) if base in REGISTRY else {}


def intent(kind: str, body: str) -> dict[str, Any]:
    """What an intent says; nothing where this program does not know its kind."""
    return _plain(intents.load(kind, body)) if kind in intents.INTENTS else {}


def facts(values: Mapping[str, Any], principal: Principal) -> dict[str, Any]:
    """What a decision or a piece of history was made of, as this caller may see it."""
    shown = _tidy({key: value for key, value in values.items() if key not in _SECRET})
    if principal.may(Permission.SEE_PEOPLE):
        return shown
    return {key: value for key, value in shown.items() if key in _PLAIN or not isinstance(value, str | list | dict)}


def _plain(value: Any) -> dict[str, Any]:
    """The fields of a fact or an intent that are in the list."""
    shown = {field.name: getattr(value, field.name) for field in fields(value) if field.name in _PLAIN}
    document: dict[str, Any] = msgspec.to_builtins(shown)
    return _tidy(document)


def _tidy(document: dict[str, Any]) -> dict[str, Any]:
    """Without a welcome code (WeCom's error codes are numbers), and our ids as strings."""
    return {
        key: str(value) if key in _IDS and value is not None else value
        for key, value in document.items()
        if not (key == "code" and isinstance(value, str))
    }
