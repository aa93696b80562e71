"""Group codes: what operators want, which groups each leads to, and what WeCom has of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sop.events import GroupCodeChanged
from sop.groups import codes as groupcodes
from sop.groups.codes import Draft, Room
from storage.engine.sql import Statement, insert
from storage.twins import Twin, Twins
from storage.values import encode, new_id

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


@dataclass(frozen=True, kw_only=True)
class GroupCode(Draft, Twin):
    """A group code; `shown` are the groups that it is to lead to now."""

    state: str
    shown: tuple[str, ...] = ()
    config_id: str = ""
    qr_code: str = ""


class GroupCodes(Twins[GroupCode, Draft]):
    """The group codes of a corp."""

    table = "join_ways"
    kind = GroupCode
    made = ("config_id", "qr_code", "state")
    more = ("shown",)
    changed = GroupCodeChanged
    rules = staticmethod(groupcodes.check)

    async def by_state(self, state: str) -> GroupCode | None:
        """The group code of a join, deleted ones too: their printed codes live on."""
        return next(iter(await self._scope.read(_BY_STATE, self._read, state=state)), None) if state else None

    async def some(self, code_ids: Sequence[int]) -> dict[int, GroupCode]:
        """These group codes, by id."""
        if not code_ids:
            return {}
        rows = await self._scope.fetch(_SOME, ids=encode([str(one) for one in code_ids]))
        return {code.id: code for code in map(self._read, rows)}

    async def of_group(self, chat_id: str) -> tuple[GroupCode, ...]:
        """The codes that lead or led into a group, or brought somebody there."""
        return tuple(map(self._read, await self._scope.fetch(_OF_GROUP, chat_id=chat_id)))

    async def rooms(self, chat_ids: Sequence[str]) -> dict[str, Room]:
        """How these groups stand, those that we know."""
        rows = await self._scope.fetch(_ROOMS, chat_ids=encode(list(chat_ids)))
        return {row["chat_id"]: Room(members=row["members"], alive=row["dismissed_at"] is None) for row in rows}

    def add(self, draft: Draft) -> GroupCode:
        """Want a new group code; WeCom is told after the commit. Raises `Invalid`."""
        row = new_id()
        code = self._add(row, draft, state=groupcodes.make_state(row))
        self._link(code.id, draft)
        return code

    def change(self, twin: GroupCode, draft: Draft) -> None:
        """Want a group code otherwise. Raises `Invalid`, and at commit `LostLease` if it is no longer this version."""
        super().change(twin, draft)
        self._scope.write(_UNLINK, code_id=twin.id)
        self._link(twin.id, draft)

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

    def _link(self, code_id: int, draft: Draft) -> None:
        for chat_id in (*draft.groups, *filter(None, (draft.spare,))):
            self._scope.write(_LINK, chat_id=chat_id, code_id=code_id)


_BY_STATE = Statement(f"{GroupCodes.select} AND state = :state")
_OF_GROUP = Statement(f"""
    {GroupCodes.select} AND status NOT IN ('deleting', 'deleted') AND id IN (
        SELECT code_id FROM join_way_groups WHERE corp_id = :corp_id AND chat_id = :chat_id
        UNION SELECT w.id FROM group_members AS m JOIN join_ways AS w ON w.corp_id = m.corp_id AND w.state = m.state
        WHERE m.corp_id = :corp_id AND m.chat_id = :chat_id AND m.state <> '')
    ORDER BY id
""")
_SOME = Statement(f"""
    {GroupCodes.select} AND CAST(id AS TEXT) IN (SELECT value FROM {{each}}(CAST(:ids AS {{json}})))
""")
