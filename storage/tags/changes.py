"""What operators change in the tag library: shown as pending until WeCom has taken it, with why if it has not."""

from datetime import datetime
from typing import Any

from sop.tags import INTERNAL, NEW, Draft, Edit
from storage.engine.sql import Statement, insert
from storage.scope import Scope
from storage.tags.library import Tag, TagGroup
from storage.values import encode, new_id, to_ms

_COLUMNS = ("corp_id", "id", "name", "position", "kind", "status", "asked", "changed_at")
_ADD_GROUP = insert("tag_groups", _COLUMNS)
_ADD_TAG = insert("tags", (*_COLUMNS, "group_id"))
_TABLES = {False: "tags", True: "tag_groups"}
_WANT = {
    group: Statement(f"""
        UPDATE {table} SET status = :status, asked = :change, wanted = :wanted, code = 0, reason = ''
        WHERE corp_id = :corp_id AND id = :id AND NOT deleted
    """)
    for group, table in _TABLES.items()
}
_EDITED = {
    group: Statement(f"""
        UPDATE {table} SET name = COALESCE(CAST(:name AS TEXT), name),
            position = COALESCE(CAST(:position AS BIGINT), position), changed_at = :at
        WHERE corp_id = :corp_id AND id = :id AND changed_at <= :at
    """)
    for group, table in _TABLES.items()
}
_SETTLED = tuple(
    Statement(f"""
        UPDATE {table} SET status = 'live', asked = 0, wanted = '{{}}', code = 0, reason = ''
        WHERE corp_id = :corp_id AND asked = :change
    """)
    for table in _TABLES.values()
)
_REFUSED = tuple(
    Statement(f"""
        UPDATE {table} SET status = 'refused', asked = 0, code = :code, reason = :reason
        WHERE corp_id = :corp_id AND asked = :change
    """)
    for table in _TABLES.values()
)
_MADE = tuple(
    Statement(f"DELETE FROM {table} WHERE corp_id = :corp_id AND asked = :change AND id LIKE 'new:%'")
    for table in _TABLES.values()
)
_FORGET = Statement("DELETE FROM tags WHERE corp_id = :corp_id AND id = :id AND id LIKE 'new:%'")


class Changes:
    """The changes of a corp's library."""

    _scope: Scope

    def add(self, draft: Draft) -> tuple[TagGroup, int]:
        """Want new tags: the group with them, and the number of the change. Internal ones are there at once."""
        internal = draft.kind == "internal"
        change = 0 if internal else new_id()
        mark, status = (INTERNAL, "live") if internal else (NEW, "pending")
        group_id = draft.group_id or f"{mark}{new_id()}"
        state: dict[str, Any] = {"kind": draft.kind, "status": status}
        if not draft.group_id:
            self._insert(_ADD_GROUP, group_id, draft.group_name, draft.position, state=state, asked=change)
        tags = tuple(
            Tag(id=f"{mark}{new_id()}", name=tag.name, group_id=group_id, position=tag.position, **state)
            for tag in draft.tags
        )
        for tag in tags:
            row = {**state, "group_id": group_id}
            self._insert(_ADD_TAG, tag.id, tag.name, tag.position, state=row, asked=change)
        return TagGroup(id=group_id, name=draft.group_name, position=draft.position, tags=tags, **state), change

    def edit(self, identity: str, edit: Edit, *, group: bool) -> int:
        """Want another name or position; the number of the change, 0 for an internal one, which is done."""
        if identity.startswith(INTERNAL):
            self.edited(identity, edit, group=group, at=self._scope.now)
            return 0
        return self._want(identity, "pending", group=group, wanted=edit)

    def remove(self, identity: str, *, group: bool) -> int:
        """Want a tag or a group deleted; the number of the change."""
        return self._want(identity, "deleting", group=group)

    def forget(self, tag_id: str) -> None:
        """Want a tag no longer that WeCom refused to make."""
        self._scope.write(_FORGET, id=tag_id)

    def made(self, change: int) -> None:
        """WeCom has made the tags of a change: what stood for them goes."""
        self._each(_MADE, change=change)

    def edited(self, identity: str, edit: Edit, *, group: bool, at: datetime) -> None:
        """WeCom has taken a name and a position at a moment; what was stored later stays."""
        self._scope.write(_EDITED[group], id=identity, name=edit.name, position=edit.position, at=to_ms(at))

    def settled(self, change: int) -> None:
        """A change is done, and no newer one of the same thing is on its way."""
        self._each(_SETTLED, change=change)

    def refuse(self, change: int, *, code: int, reason: str) -> None:
        """WeCom has not taken a change: the tag says so, with what is there still in force."""
        self._each(_REFUSED, change=change, code=code, reason=reason)

    def _want(self, identity: str, status: str, *, group: bool, wanted: Edit | None = None) -> int:
        change = new_id()
        self._scope.write(
            _WANT[group], id=identity, status=status, change=change, wanted=encode(wanted) if wanted else "{}"
        )
        return change

    def _insert(
        self, statement: Statement, identity: str, name: str, position: int, *, state: dict[str, Any], asked: int
    ) -> None:
        values = {"id": identity, "name": name, "position": position, "asked": asked, **state}
        self._scope.write(statement, **values, changed_at=self._scope.at)

    def _each(self, statements: tuple[Statement, ...], **values: Any) -> None:
        for statement in statements:
            self._scope.write(statement, **values)
