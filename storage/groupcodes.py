"""Group codes: what operators want, which groups each leads to, and what WeCom has of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sop import groupcodes
from sop.errors import Invalid
from sop.events import GroupCodeChanged, Own
from sop.groupcodes import Draft, Room
from storage.mirrors import Mirror, Mirrored, Mirrors, common
from storage.scope import Scope
from storage.sql import Row, Statement, insert
from storage.values import FOREVER, decode, encode, new_id

_WANTED = tuple(field.name for field in fields(Draft))
_MIRROR = Mirror("join_ways", _WANTED, key="config_id", more=("state", "shown", "qr_code"))
_BY_STATE = Statement(f"{_MIRROR.select} AND state = :state")
_OF_GROUP = Statement(f"""
    {_MIRROR.select} AND status NOT IN ('deleting', 'deleted') AND id IN (
        SELECT code_id FROM join_way_groups WHERE corp_id = :corp_id AND chat_id = :chat_id
        UNION SELECT w.id FROM group_members AS m JOIN join_ways AS w ON w.corp_id = m.corp_id AND w.state = m.state
        WHERE m.corp_id = :corp_id AND m.chat_id = :chat_id AND m.state <> '')
    ORDER BY id
""")
_SOME = Statement(f"""
    {_MIRROR.select} AND CAST(id AS TEXT) IN (SELECT value FROM {{each}}(CAST(:ids AS {{json}})))
""")
_ROOMS = Statement("""
    SELECT chat_id, members, dismissed_at FROM customer_groups
    WHERE corp_id = :corp_id AND chat_id IN (SELECT value FROM {each}(CAST(:chat_ids AS {json})))
""")
_LEAD = Statement("""
    UPDATE join_ways SET shown = :shown, groups = :groups, version = :following,
        status = CASE WHEN status IN ('deleting', 'deleted') THEN status ELSE 'pending' END, reason = ''
    WHERE corp_id = :corp_id AND id = :id AND version = :version
""")
_PICTURE = Statement("UPDATE join_ways SET qr_code = :qr_code WHERE corp_id = :corp_id AND id = :id")
_LINK = insert("join_way_groups", ("corp_id", "chat_id", "code_id"), unless="corp_id, chat_id, code_id")
_UNLINK = Statement("DELETE FROM join_way_groups WHERE corp_id = :corp_id AND code_id = :code_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCode(Draft, Mirrored):
    """A group code; `shown` are the groups that it is to lead to now."""

    state: str
    shown: tuple[str, ...] = ()
    config_id: str = ""
    qr_code: str = ""


class GroupCodes(Mirrors):
    """The group codes of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        super().__init__(scope, _MIRROR)
        self._announce = announce

    async def get(self, code_id: int) -> GroupCode | None:
        """One group code, deleted ones too."""
        row = await self._row(code_id)
        return _code(row) if row else None

    async def by_state(self, state: str) -> GroupCode | None:
        """The group code of a join, deleted ones too: their printed codes live on."""
        return next((_code(row) for row in await self._scope.fetch(_BY_STATE, state=state)), None) if state else None

    async def some(self, code_ids: Sequence[int]) -> dict[int, GroupCode]:
        """These group codes, by id."""
        if not code_ids:
            return {}
        rows = await self._scope.fetch(_SOME, ids=encode([str(one) for one in code_ids]))
        return {row["id"]: _code(row) for row in rows}

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[GroupCode, ...]:
        """Group codes, newest first; `before` is the id of the last one of the page before."""
        return tuple(map(_code, await self._rows(before=before, most=most)))

    async def of_group(self, chat_id: str) -> tuple[GroupCode, ...]:
        """The codes that lead or led into a group, or brought somebody there."""
        return tuple(map(_code, await self._scope.fetch(_OF_GROUP, chat_id=chat_id)))

    async def rooms(self, chat_ids: Sequence[str]) -> dict[str, Room]:
        """How these groups stand, those that we know."""
        rows = await self._scope.fetch(_ROOMS, chat_ids=encode(list(chat_ids)))
        return {row["chat_id"]: Room(members=row["members"], alive=row["dismissed_at"] is None) for row in rows}

    def add(self, draft: Draft) -> GroupCode:
        """Want a new group code; WeCom is told after the commit. Raises `Invalid`."""
        _check(draft)
        identity, now = new_id(), self._scope.now
        state = groupcodes.make_state(identity)
        code = GroupCode(**_wanted(draft), id=identity, state=state, created_at=now, changed_at=now)
        self._insert(code, {**_stored(draft), "state": code.state, "shown": encode(()), "qr_code": ""})
        self._link(identity, draft)
        self.converge(identity, code.version)
        return code

    def change(self, code: GroupCode, draft: Draft) -> None:
        """Want a group code otherwise. Raises `Invalid`, and at commit `LostLease` if it is no longer this version."""
        _check(draft)
        self._update(code, _stored(draft))
        self._scope.write(_UNLINK, code_id=code.id)
        self._link(code.id, draft)
        self.converge(code.id, code.version + 1)

    def retry(self, code: GroupCode) -> None:
        """Want the same once more, such as after a call of which nobody knows whether it was performed."""
        self.again(code)
        self.converge(code.id, code.version + 1)

    def retire(self, code: GroupCode) -> None:
        """Want a group code no more; who still joins by it is recognised."""
        self.remove(code)
        self.converge(code.id, code.version + 1)

    def lead(self, code: GroupCode, shown: Sequence[str], *, groups: Sequence[str]) -> GroupCode:
        """Have a code lead to these groups; the next version of it."""
        following = code.version + 1
        self._scope.unit.guard(
            _LEAD,
            corp_id=self._scope.corp_id,
            id=code.id,
            version=code.version,
            following=following,
            shown=encode(list(shown)),
            groups=encode(list(groups)),
        )
        for chat_id in groups:
            self._scope.write(_LINK, chat_id=chat_id, code_id=code.id)
        status = code.status if code.ended else "pending"
        return replace(code, shown=tuple(shown), groups=tuple(groups), version=following, status=status)

    def picture(self, code_id: int, qr_code: str) -> None:
        """Store the address of a code's picture."""
        self._scope.write(_PICTURE, id=code_id, qr_code=qr_code)

    def converge(self, code_id: int, version: int) -> None:
        """Have WeCom brought in step, after the commit."""
        corp_id, now = self._scope.corp_id, self._scope.now
        self._announce(GroupCodeChanged(corp_id=corp_id, at=now, code_id=code_id, version=version))

    def _link(self, code_id: int, draft: Draft) -> None:
        for chat_id in (*draft.groups, *filter(None, (draft.spare,))):
            self._scope.write(_LINK, chat_id=chat_id, code_id=code_id)


def _check(draft: Draft) -> None:
    if found := groupcodes.check(draft):
        raise Invalid(found)


def _wanted(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WANTED}


def _stored(draft: Draft) -> dict[str, Any]:
    return {**_wanted(draft), "groups": encode(draft.groups)}


def _code(row: Row) -> GroupCode:
    values = {name: row[name] for name in (*_WANTED, "state", "config_id", "qr_code")}
    values |= {"groups": tuple(decode(values["groups"])), "auto_create": bool(values["auto_create"])}
    return GroupCode(**common(row), **values, shown=tuple(decode(row["shown"])))
