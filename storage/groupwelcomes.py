"""Group welcomes: what operators want newcomers of groups to be told, and what WeCom has of it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from sop import groupwelcomes
from sop.attachments import MATERIALS
from sop.errors import Invalid
from sop.events import GroupWelcomeChanged, Own
from sop.groupwelcomes import Draft
from sop.intents import Attachment
from sop.limits import Violation
from storage.mirrors import Mirror, Mirrored, Mirrors, common
from storage.scope import Scope
from storage.sql import Row, Statement
from storage.values import FOREVER, encode, new_id

_WANTED = tuple(field.name for field in fields(Draft))
_MIRROR = Mirror("group_welcomes", _WANTED, key="template_id")
_COUNT = Statement("SELECT COUNT(*) AS count FROM group_welcomes WHERE corp_id = :corp_id AND status <> 'deleted'")
_MATERIAL = Statement("SELECT kind FROM materials WHERE corp_id = :corp_id AND id = :id")
_attachment = msgspec.json.Decoder(Attachment | None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWelcome(Draft, Mirrored):
    """A group welcome with the id that WeCom gave it."""

    template_id: str = ""


class GroupWelcomes(Mirrors):
    """The group welcomes of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        super().__init__(scope, _MIRROR)
        self._announce = announce

    async def get(self, welcome_id: int) -> GroupWelcome | None:
        """One group welcome, deleted ones too."""
        row = await self._row(welcome_id)
        return _welcome(row) if row else None

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[GroupWelcome, ...]:
        """Group welcomes, newest first; `before` is the id of the last one of the page before."""
        return tuple(map(_welcome, await self._rows(before=before, most=most)))

    async def check(self, draft: Draft, *, fresh: bool = False) -> list[Violation]:
        """Everything that is wrong with one as written: limits, its material, and for a new one their number."""
        found = groupwelcomes.check(draft)
        if fresh:
            (row,) = await self._scope.fetch(_COUNT)
            if row["count"] >= groupwelcomes.MOST:
                most = groupwelcomes.MOST
                zh, en = f"最多 {most} 条，请先删除不用的", f"there may be {most} of them: delete one that is not used"
                found.append(Violation("name", zh, en))
        attachment = draft.attachment
        wanted = MATERIALS.get(attachment.kind) if attachment else None
        if attachment and wanted and attachment.material.isdigit():
            rows = await self._scope.fetch(_MATERIAL, id=int(attachment.material))
            if not rows or rows[0]["kind"] != wanted:
                zh, en = f"没有这个 {wanted} 素材", f"there is no such material of kind {wanted}"
                found.append(Violation("attachment.material", zh, en))
        return found

    def add(self, draft: Draft) -> GroupWelcome:
        """Want a new one; WeCom is told after the commit. Raises `Invalid`."""
        _check(draft)
        now = self._scope.now
        welcome = GroupWelcome(**_wanted(draft), id=new_id(), created_at=now, changed_at=now)
        self._insert(welcome, _stored(draft))
        self.converge(welcome.id, welcome.version)
        return welcome

    def change(self, welcome: GroupWelcome, draft: Draft) -> None:
        """Want it otherwise. Raises `Invalid`, and at commit `LostLease` if it is no longer this version."""
        _check(draft)
        self._update(welcome, _stored(draft))
        self.converge(welcome.id, welcome.version + 1)

    def retry(self, welcome: GroupWelcome) -> None:
        """Want the same once more, such as after a call of which nobody knows whether it was performed."""
        self.again(welcome)
        self.converge(welcome.id, welcome.version + 1)

    def retire(self, welcome: GroupWelcome) -> None:
        """Want it no more; its row stays."""
        self.remove(welcome)
        self.converge(welcome.id, welcome.version + 1)

    def converge(self, welcome_id: int, version: int) -> None:
        """Have WeCom brought in step, after the commit."""
        corp_id, now = self._scope.corp_id, self._scope.now
        self._announce(GroupWelcomeChanged(corp_id=corp_id, at=now, welcome_id=welcome_id, version=version))


def _check(draft: Draft) -> None:
    if found := groupwelcomes.check(draft):
        raise Invalid(found)


def _wanted(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WANTED}


def _stored(draft: Draft) -> dict[str, Any]:
    return {**_wanted(draft), "attachment": encode(draft.attachment)}


def _welcome(row: Row) -> GroupWelcome:
    values = {name: row[name] for name in (*_WANTED, "template_id")}
    values |= {"attachment": _attachment.decode(values["attachment"]), "notify": bool(values["notify"])}
    return GroupWelcome(**common(row), **values)
