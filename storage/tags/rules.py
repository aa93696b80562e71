"""Tag rules of a corp."""

from typing import Any

from sop.errors import Invalid
from sop.tags import rules as tagrules
from sop.tags.rules import Draft, Rule
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, new_id

_RULE = ("name", "tag_id", "condition", "expires_days", "enabled", "version")
_COLUMNS = ("id", *_RULE)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM tag_rules WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_ENABLED = Statement(f"{_SELECT} AND enabled ORDER BY id")
_PAGE = Statement(f"{_SELECT} AND id < :before ORDER BY id DESC LIMIT :limit")
_ADD = insert("tag_rules", ("corp_id", *_COLUMNS, "created_at", "changed_at"))
_CHANGE = Statement(f"""
    UPDATE tag_rules SET {", ".join(f"{name} = :{name}" for name in (*_RULE, "changed_at"))}
    WHERE corp_id = :corp_id AND id = :id AND version = :known
""")
_REMOVE = Statement("DELETE FROM tag_rules WHERE corp_id = :corp_id AND id = :id")
_MATTER = Statement("""
    SELECT 1 WHERE EXISTS (SELECT 1 FROM tag_rules WHERE corp_id = :corp_id)
        OR EXISTS (SELECT 1 FROM tag_owners WHERE corp_id = :corp_id AND owner >= 'rule:' AND owner < 'rule;')
""")


class TagRules:
    """The tag rules of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, rule_id: int) -> Rule | None:
        """One rule."""
        rows = await self._scope.fetch(_GET, id=rule_id)
        return _rule(rows[0]) if rows else None

    async def enabled(self) -> tuple[Rule, ...]:
        """The rules in force."""
        return await self._scope.read(_ENABLED, _rule)

    async def matter(self) -> bool:
        """Whether there is any rule, or a tag that one has set."""
        return bool(await self._scope.read(_MATTER, bool))

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Rule, ...]:
        """Rules, newest first; `before` is the id of the last one of the page before."""
        return tuple(_rule(row) for row in await self._scope.fetch(_PAGE, before=before, limit=most))

    def add(self, draft: Draft) -> Rule:
        """Store a new rule. Raises `Invalid`."""
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
        """Forget a rule; what it has set goes at the next round."""
        self._scope.write(_REMOVE, id=rule_id)


def _dress(draft: Draft, *, id: int, version: int) -> Rule:  # noqa: A002
    if found := tagrules.check(draft):
        raise Invalid(found)
    return Rule(
        id=id,
        version=version,
        name=draft.name,
        tag_id=draft.tag_id,
        condition=draft.condition,
        expires_days=draft.expires_days,
        enabled=draft.enabled,
    )


def _row(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in _COLUMNS} | {"condition": encode(rule.condition)}


def _rule(row: Row) -> Rule:
    values = {name: row[name] for name in _COLUMNS}
    return Rule(**values | {"condition": decode(row["condition"]), "enabled": bool(row["enabled"])})
