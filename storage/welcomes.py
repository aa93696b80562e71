"""Welcome rules, and everything about one add that its greeting needs, in one read where possible."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sop import greeting
from sop.attachments import MATERIALS
from sop.errors import Invalid
from sop.greeting import Draft, Rule, Scene, Slot
from sop.intents import Attachment
from sop.limits import Violation
from sop.slots import SHANGHAI
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, from_ms, new_id, to_ms

_WORDS = tuple(field.name for field in fields(Draft))
_COLUMNS = ("id", *_WORDS, "version", "created_at", "changed_at")
_SCENE = Statement(f"""
    SELECT s.name AS staff, s.departments, c.id AS channel_id, c.name AS channel, k.name AS customer,
           z.value AS zone, {", ".join(f"w.{name} AS w_{name}" for name in _COLUMNS)}
    FROM (SELECT CAST(:corp_id AS TEXT) AS corp_id) AS here
    LEFT JOIN staff AS s ON s.corp_id = here.corp_id AND s.user_id = :user_id
    LEFT JOIN channels AS c ON c.corp_id = here.corp_id AND c.state = :state
    LEFT JOIN customers AS k ON k.corp_id = here.corp_id AND k.external_user_id = :external_user_id
    LEFT JOIN settings AS z ON z.corp_id = here.corp_id AND z.name = 'zone'
    LEFT JOIN welcomes AS w ON w.enabled AND (
        (w.corp_id = here.corp_id AND w.scope_kind = 'channel' AND w.scope_id = CAST(c.id AS TEXT))
        OR (w.corp_id = here.corp_id AND w.scope_kind = 'staff' AND w.scope_id = :user_id)
        OR (w.corp_id = here.corp_id AND w.scope_kind IN ('department', 'corp')))
""")
_GREETED = Statement("""
    SELECT 1 FROM decisions WHERE corp_id = :corp_id AND external_user_id = :external_user_id
      AND user_id = :user_id AND what = 'welcome' AND verdict = 'sent' AND at >= :since LIMIT 1
""")
_GET = Statement(f"SELECT {', '.join(_COLUMNS)} FROM welcomes WHERE corp_id = :corp_id AND id = :id")
_PAGE = Statement(f"""
    SELECT {", ".join(_COLUMNS)} FROM welcomes WHERE corp_id = :corp_id AND id < :before
    ORDER BY id DESC LIMIT :limit
""")
_OF_CHANNEL = Statement(f"""
    SELECT {", ".join(_COLUMNS)} FROM welcomes
    WHERE corp_id = :corp_id AND scope_kind = 'channel' AND scope_id = :scope_id ORDER BY id
""")
_ADD = insert("welcomes", ("corp_id", *_COLUMNS))
_CHANGE = Statement(f"""
    UPDATE welcomes SET {", ".join(f"{name} = :{name}" for name in (*_WORDS, "version", "changed_at"))}
    WHERE corp_id = :corp_id AND id = :id AND version = :known
""")
_REMOVE = Statement("DELETE FROM welcomes WHERE corp_id = :corp_id AND id = :id")
_SCOPES = {
    "channel": Statement("SELECT 1 FROM channels WHERE corp_id = :corp_id AND CAST(id AS TEXT) = :id"),
    "staff": Statement("SELECT 1 FROM staff WHERE corp_id = :corp_id AND user_id = :id"),
    "department": Statement("SELECT 1 FROM departments WHERE corp_id = :corp_id AND CAST(id AS TEXT) = :id"),
}
_MATERIAL = Statement("SELECT kind FROM materials WHERE corp_id = :corp_id AND id = :id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Rule):
    """A rule with when it was written."""

    created_at: datetime
    changed_at: datetime


_attachments = msgspec.json.Decoder(tuple[Attachment, ...])
_slots = msgspec.json.Decoder(tuple[Slot, ...])


class Welcomes:
    """The welcome rules of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def scene(self, user_id: str, external_user_id: str, *, state: str) -> Scene:
        """What decides the greeting of an add; `state` names the channel, "" where there is none."""
        rows = await self._scope.fetch(_SCENE, user_id=user_id, external_user_id=external_user_id, state=state)
        first = rows[0]
        rules = tuple(Rule(**_values(row, "w_")) for row in rows if row["w_id"] is not None)
        own: list[int] = decode(first["departments"]) or []
        kinds = {rule.scope_kind for rule in rules}
        climbing = own and "department" in kinds and not kinds & {"channel", "staff"}
        return Scene(
            user_id=user_id,
            staff=first["staff"] or "",
            departments=await self._climb(own) if climbing else (),
            channel_id=first["channel_id"],
            channel=first["channel"] or "",
            customer=first["customer"] or "",
            zone=ZoneInfo(decode(first["zone"])) if first["zone"] else SHANGHAI,
            rules=rules,
        )

    async def greeted(self, user_id: str, external_user_id: str, *, since: datetime) -> bool:
        """Whether a welcome to this customer was sent since a moment."""
        rows = await self._scope.fetch(_GREETED, user_id=user_id, external_user_id=external_user_id, since=to_ms(since))
        return bool(rows)

    async def get(self, rule_id: int) -> Stored | None:
        """One rule."""
        rows = await self._scope.fetch(_GET, id=rule_id)
        return _stored(rows[0]) if rows else None

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Stored, ...]:
        """Rules, newest first; `before` is the id of the last one of the page before."""
        rows = await self._scope.fetch(_PAGE, before=before, limit=most)
        return tuple(_stored(row) for row in rows)

    async def of_channel(self, channel_id: int) -> tuple[Stored, ...]:
        """The rules of a channel, oldest first."""
        return tuple(_stored(row) for row in await self._scope.fetch(_OF_CHANNEL, scope_id=str(channel_id)))

    async def check(self, draft: Draft) -> list[Violation]:
        """Everything that is wrong with a rule, things it names that do not exist included."""
        found = greeting.check(draft)
        existing = _SCOPES.get(draft.scope_kind)
        if existing and draft.scope_id and not await self._scope.fetch(existing, id=draft.scope_id):
            found.append(Violation("scope.id", f"不存在：{draft.scope_id}", f"there is no {draft.scope_id}"))
        words = [("", draft.attachments)]
        words += [(f"slots.{number}.", slot.attachments) for number, slot in enumerate(draft.slots)]
        for prefix, attachments in words:
            found += await self._check_materials(prefix, attachments)
        return found

    def add(self, draft: Draft) -> Stored:
        """Store a new rule. Raises `Invalid`; `check` also finds what it names and does not exist."""
        rule = _dress(draft, id=new_id(), version=1, created_at=self._scope.now, changed_at=self._scope.now)
        self._scope.write(_ADD, **_row(rule), created_at=self._scope.at)
        return rule

    def change(self, rule: Stored, draft: Draft) -> Stored:
        """Replace a rule by its next version. Raises `Invalid`; at commit `LostLease` if it is no longer this one."""
        changed = _dress(
            draft, id=rule.id, version=rule.version + 1, created_at=rule.created_at, changed_at=self._scope.now
        )
        self._scope.unit.guard(_CHANGE, corp_id=self._scope.corp_id, known=rule.version, **_row(changed))
        return changed

    def remove(self, rule_id: int) -> None:
        """Forget a rule; decisions made by it stay."""
        self._scope.write(_REMOVE, id=rule_id)

    async def _climb(self, own: Sequence[int]) -> tuple[int, ...]:
        """Departments from the nearest to the root: the member's own first, none before one that lies below it."""
        named = {f"own{count}": number for count, number in enumerate(own)}
        rows = await self._scope.fetch(_climb(len(own)), **named)
        depths = dict.fromkeys(own, 0) | {row["id"]: row["depth"] for row in rows}
        return tuple(sorted(depths, key=depths.__getitem__))  # stable: of one floor, the member's main one first

    async def _check_materials(self, prefix: str, attachments: Sequence[Attachment]) -> list[Violation]:
        found = []
        for number, attachment in enumerate(attachments):
            wanted = MATERIALS.get(attachment.kind)
            if not wanted or not attachment.material.isdigit():
                continue
            rows = await self._scope.fetch(_MATERIAL, id=int(attachment.material))
            if not rows or rows[0]["kind"] != wanted:
                field = f"{prefix}attachments.{number}.material"
                found.append(Violation(field, f"没有这个 {wanted} 素材", f"there is no such material of kind {wanted}"))
        return found


@functools.cache
def _climb(count: int) -> Statement:
    """The departments above so many, with their greatest distance; a loop in the tree ends after 20 floors."""
    return Statement(f"""
        WITH RECURSIVE above (id, parent_id, depth) AS (
            SELECT id, parent_id, 0 FROM departments
            WHERE corp_id = :corp_id AND id IN ({", ".join(f":own{number}" for number in range(count))})
            UNION
            SELECT d.id, d.parent_id, above.depth + 1 FROM above
            JOIN departments AS d ON d.corp_id = :corp_id AND d.id = above.parent_id
            WHERE above.depth < 20)
        SELECT id, MAX(depth) AS depth FROM above GROUP BY id ORDER BY id
    """)


def _dress(draft: Draft, **known: Any) -> Stored:
    if found := greeting.check(draft):
        raise Invalid(found)
    return Stored(**{name: getattr(draft, name) for name in _WORDS}, **known)


def _row(rule: Stored) -> dict[str, Any]:
    values = {name: getattr(rule, name) for name in (*_WORDS, "id", "version")}
    return values | {
        "attachments": encode(rule.attachments),
        "slots": encode(rule.slots),
        "changed_at": to_ms(rule.changed_at),
    }


def _values(row: Row, prefix: str = "") -> dict[str, Any]:
    values = {name: row[prefix + name] for name in (*_WORDS, "id", "version")}
    return values | {
        "attachments": _attachments.decode(values["attachments"]),
        "slots": _slots.decode(values["slots"]),
        "enabled": bool(values["enabled"]),
    }


def _stored(row: Row) -> Stored:
    return Stored(**_values(row), created_at=from_ms(row["created_at"]), changed_at=from_ms(row["changed_at"]))
