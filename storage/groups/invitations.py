"""Invitations into groups: the rules by which a welcome offers one, and the customers with a tag who are not in yet."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sop.errors import Invalid
from sop.groups import invitations
from sop.groups.invitations import Draft, Rule
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, from_ms, new_id

_WANTED = tuple(field.name for field in fields(Draft))
_LISTS = ("codes", "channels", "tags")
_COLUMNS = ("id", *_WANTED, "version", "created_at", "changed_at")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM group_invitations WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_ENABLED = Statement(f"{_SELECT} AND enabled ORDER BY id")
_PAGE = Statement(f"{_SELECT} AND id < :before ORDER BY id DESC LIMIT :most")
_ADD = insert("group_invitations", ("corp_id", *_COLUMNS))
_CHANGE = Statement(f"""
    UPDATE group_invitations SET {", ".join(f"{name} = :{name}" for name in _WANTED)},
        version = version + 1, changed_at = :changed_at
    WHERE corp_id = :corp_id AND id = :id AND version = :version
""")
_REMOVE = Statement("DELETE FROM group_invitations WHERE corp_id = :corp_id AND id = :id")
# Whom a member looks after, who carries a tag, and who is in none of the groups.
_WHO = """
    FROM bindings AS b JOIN relations AS r
        ON r.corp_id = b.corp_id AND r.external_user_id = b.external_user_id AND r.user_id = b.user_id
    WHERE b.corp_id = :corp_id AND b.tag_id IN (SELECT value FROM {each}(CAST(:tags AS {json}))) AND r.status = 'active'
      AND NOT EXISTS (
          SELECT 1 FROM group_members AS m
          WHERE m.corp_id = b.corp_id AND m.member_id = b.external_user_id AND m.left_at IS NULL
            AND m.chat_id IN (SELECT value FROM {each}(CAST(:groups AS {json}))))
"""
_TAGGED = Statement(f"""
    SELECT DISTINCT b.user_id, b.external_user_id {_WHO} AND (b.user_id, b.external_user_id) > (:user_id, :customer)
    ORDER BY b.user_id, b.external_user_id LIMIT :most
""")
_COUNT = Statement(f"SELECT COUNT(*) AS count FROM (SELECT DISTINCT b.user_id, b.external_user_id {_WHO}) AS found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Rule):
    """A rule with when it was written."""

    created_at: datetime
    changed_at: datetime


class Invitations:
    """The invitations of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, invitation_id: int) -> Invitation | None:
        """One rule."""
        return next((_invitation(row) for row in await self._scope.fetch(_GET, id=invitation_id)), None)

    async def enabled(self) -> tuple[Invitation, ...]:
        """The rules in force, the oldest first."""
        return await self._scope.read(_ENABLED, _invitation)

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Invitation, ...]:
        """Rules, newest first; `before` is the id of the last one of the page before."""
        return tuple(map(_invitation, await self._scope.fetch(_PAGE, before=before, most=most)))

    def add(self, draft: Draft) -> Invitation:
        """Store a new rule. Raises `Invalid`."""
        values, now = _check(draft), self._scope.now
        rule = Invitation(**_plain(draft), id=new_id(), version=1, created_at=now, changed_at=now)
        moments = {"created_at": self._scope.at, "changed_at": self._scope.at}
        self._scope.write(_ADD, **values, id=rule.id, version=rule.version, **moments)
        return rule

    def change(self, rule: Invitation, draft: Draft) -> None:
        """Replace a rule by its next version. Raises `Invalid`; at commit `LostLease` if it is no longer this one."""
        values: dict[str, Any] = _check(draft)
        about: dict[str, Any] = {"corp_id": self._scope.corp_id, "id": rule.id, "version": rule.version}
        self._scope.unit.guard(_CHANGE, **values, **about, changed_at=self._scope.at)

    def remove(self, invitation_id: int) -> None:
        """Forget a rule."""
        self._scope.write(_REMOVE, id=invitation_id)

    async def tagged(
        self, tags: Sequence[str], *, groups: Sequence[str], after: tuple[str, str], most: int
    ) -> tuple[tuple[str, str], ...]:
        """Members with customers who carry one of the tags and are in none of the groups; by member, then customer."""
        about = {"tags": encode(list(tags)), "groups": encode(list(groups))}
        rows = await self._scope.fetch(_TAGGED, **about, user_id=after[0], customer=after[1], most=most)
        return tuple((row["user_id"], row["external_user_id"]) for row in rows)

    async def count_tagged(self, tags: Sequence[str], *, groups: Sequence[str]) -> int:
        """How many of these there are."""
        (row,) = await self._scope.fetch(_COUNT, tags=encode(list(tags)), groups=encode(list(groups)))
        return int(row["count"])


def _check(draft: Draft) -> dict[str, Any]:
    if found := invitations.check(draft):
        raise Invalid(found)
    plain = _plain(draft)
    return {name: encode(value) if name in _LISTS else value for name, value in plain.items()}


def _plain(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WANTED}


def _invitation(row: Row) -> Invitation:
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    values |= {name: tuple(decode(values[name])) for name in _LISTS}
    values |= {name: bool(values[name]) for name in ("by_city", "enabled")}
    return Invitation(**values | {name: from_ms(values[name]) for name in ("created_at", "changed_at")})
