"""Follow-up rules, and how a member and a customer stand when one is due."""

from datetime import timedelta
from typing import Any

import msgspec

from sop import followups
from sop.errors import Invalid
from sop.followups import Action, Draft, Facts, Rule, Unless
from sop.relations import Status
from storage.engine.sql import Row, Statement, insert
from storage.relations import Relations
from storage.scope import Scope
from storage.tags import Tags
from storage.values import FOREVER, encode, new_id

_RULE = ("name", "after_seconds", "channels", "unless", "action", "enabled", "version")
_COLUMNS = ("id", *_RULE)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM followups WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_ENABLED = Statement(f"{_SELECT} AND enabled ORDER BY id")
_PAGE = Statement(f"{_SELECT} AND id < :before ORDER BY id DESC LIMIT :limit")
_NAMING = Statement(f"{_SELECT} AND channels LIKE :pattern ORDER BY id")
_ADD = insert("followups", ("corp_id", *_COLUMNS, "created_at", "changed_at"))
_CHANGE = Statement(f"""
    UPDATE followups SET {", ".join(f"{name} = :{name}" for name in (*_RULE, "changed_at"))}
    WHERE corp_id = :corp_id AND id = :id AND version = :known
""")
_REMOVE = Statement("DELETE FROM followups WHERE corp_id = :corp_id AND id = :id")
_channels = msgspec.json.Decoder(tuple[int, ...])
_unless = msgspec.json.Decoder(Unless)
_action = msgspec.json.Decoder(Action)


class Followups:
    """The follow-ups of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, rule_id: int) -> Rule | None:
        """One rule."""
        rows = await self._scope.fetch(_GET, id=rule_id)
        return _rule(rows[0]) if rows else None

    async def enabled(self) -> tuple[Rule, ...]:
        """The rules in force."""
        return tuple(_rule(row) for row in await self._scope.fetch(_ENABLED))

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Rule, ...]:
        """Rules, newest first; `before` is the id of the last one of the page before."""
        return tuple(_rule(row) for row in await self._scope.fetch(_PAGE, before=before, limit=most))

    async def of_channel(self, channel_id: int) -> tuple[Rule, ...]:
        """The rules that name a channel, oldest first; not those that are for everyone."""
        found = [_rule(row) for row in await self._scope.fetch(_NAMING, pattern=f"%{channel_id}%")]
        return tuple(rule for rule in found if channel_id in rule.channels)

    async def facts(self, user_id: str, external_user_id: str) -> Facts:
        """What a due follow-up is judged on."""
        relation = await Relations(self._scope).find(external_user_id, user_id)
        bindings = await Tags(self._scope).bindings(external_user_id, user_id)
        return Facts(
            active=relation is not None and relation.status is Status.ACTIVE,
            added_at=relation.added_at if relation else None,
            replied_at=relation.replied_at if relation else None,
            tags=frozenset(binding.tag_id for binding in bindings),
        )

    def add(self, draft: Draft) -> Rule:
        """Store a new rule; it is about customers added from now on. Raises `Invalid`."""
        rule = _dress(draft, id=new_id(), version=1)
        self._scope.write(_ADD, **_row(rule), created_at=self._scope.at, changed_at=self._scope.at)
        return rule

    def change(self, rule: Rule, draft: Draft) -> Rule:
        """Replace a rule by its next version. Raises `Invalid`; at commit `LostLease` if it is no longer this one."""
        changed = _dress(draft, id=rule.id, version=rule.version + 1)
        self._scope.unit.guard(
            _CHANGE, corp_id=self._scope.corp_id, known=rule.version, changed_at=self._scope.at, **_row(changed)
        )
        return changed

    def remove(self, rule_id: int) -> None:
        """Forget a rule; what is waiting by it comes to nothing."""
        self._scope.write(_REMOVE, id=rule_id)


def _dress(draft: Draft, *, id: int, version: int) -> Rule:  # noqa: A002
    if found := followups.check(draft):
        raise Invalid(found)
    return Rule(
        id=id,
        version=version,
        name=draft.name,
        after=draft.after,
        channels=draft.channels,
        unless=draft.unless,
        action=draft.action,
        enabled=draft.enabled,
    )


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "after_seconds": int(rule.after.total_seconds()),
        "channels": encode(rule.channels),
        "unless": encode(rule.unless),
        "action": encode(rule.action),
        "enabled": rule.enabled,
        "version": rule.version,
    }


def _rule(row: Row) -> Rule:
    return Rule(
        id=row["id"],
        name=row["name"],
        after=timedelta(seconds=row["after_seconds"]),
        channels=_channels.decode(row["channels"]),
        unless=_unless.decode(row["unless"]),
        action=_action.decode(row["action"]),
        enabled=bool(row["enabled"]),
        version=row["version"],
    )
