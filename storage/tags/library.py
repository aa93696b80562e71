"""The corp's tag library: what WeCom has, kept in step by what it tells, and internal tags that only we have."""

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sop.tags import NEW, Kind
from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope
from storage.values import to_ms

_GROUP = ("name", "position", "kind", "strategy_id", "deleted", "changed_at")
_TAG = ("group_id", "name", "position", "kind", "deleted", "changed_at")
PUT_GROUP = upsert("tag_groups", ("corp_id", "id"), _GROUP, when="excluded.changed_at >= tag_groups.changed_at")
PUT_TAG = upsert("tags", ("corp_id", "id"), _TAG, when="excluded.changed_at >= tags.changed_at")
_LIBRARY = Statement("""
    SELECT t.id, t.name, t.position, t.deleted, t.group_id, t.kind, t.status, t.code, t.reason,
           g.name AS group_name, g.position AS group_position, g.strategy_id, g.status AS group_status,
           g.code AS group_code, g.reason AS group_reason
    FROM tags AS t JOIN tag_groups AS g ON g.corp_id = t.corp_id AND g.id = t.group_id
    WHERE t.corp_id = :corp_id AND NOT t.deleted AND NOT g.deleted
    ORDER BY g.position DESC, g.id, t.position DESC, t.id
""")
_GROUPS = Statement("SELECT id, name, kind FROM tag_groups WHERE corp_id = :corp_id AND NOT deleted")
_COUNT = Statement("""
    SELECT COUNT(*) AS count FROM tags
    WHERE corp_id = :corp_id AND NOT deleted AND kind <> 'internal' AND NOT (id LIKE 'new:%' AND status = 'refused')
""")
# An id that was deleted never comes back, so that a row of it is made even where none was known.
_BURY_TAG = Statement("""
    INSERT INTO tags (corp_id, id, deleted, changed_at) VALUES (:corp_id, :id, TRUE, :at)
    ON CONFLICT (corp_id, id) DO UPDATE SET deleted = TRUE, changed_at = excluded.changed_at WHERE NOT tags.deleted
""")
_BURY_GROUP = Statement("""
    INSERT INTO tag_groups (corp_id, id, deleted, changed_at) VALUES (:corp_id, :id, TRUE, :at)
    ON CONFLICT (corp_id, id) DO UPDATE SET deleted = TRUE, changed_at = excluded.changed_at
    WHERE NOT tag_groups.deleted
""")
_BURY_TAGS = Statement(
    "UPDATE tags SET deleted = TRUE, changed_at = :at WHERE corp_id = :corp_id AND group_id = :id AND NOT deleted"
)
# What a reading did not find is gone, unless it came later than the reading began.
_MISS_TAG = Statement("""
    UPDATE tags SET deleted = TRUE, changed_at = :at
    WHERE corp_id = :corp_id AND id = :id AND NOT deleted AND changed_at <= :at
""")
_EMPTY_GROUP = Statement("""
    UPDATE tag_groups SET deleted = TRUE, changed_at = :at
    WHERE corp_id = :corp_id AND id = :id AND NOT deleted AND changed_at <= :at AND NOT EXISTS (
        SELECT 1 FROM tags AS t WHERE t.corp_id = tag_groups.corp_id AND t.group_id = tag_groups.id AND NOT t.deleted)
""")
_STRIP = tuple(
    Statement(f"""
        DELETE FROM {table} WHERE corp_id = :corp_id
          AND tag_id IN (SELECT id FROM tags WHERE corp_id = :corp_id AND {which} AND deleted)
    """)
    for table in ("bindings", "tag_owners")
    for which in ("id = :id", "group_id = :id")
)
_STRIP_TAG, _STRIP_GROUP = (_STRIP[0], _STRIP[2]), (_STRIP[1], _STRIP[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; a larger position stands first.

    `kind` is corp, strategy (of a rule group, to be changed at WeCom only) or internal (not at WeCom at all). `status`
    is live, pending or deleting while a change is on its way, or refused, with WeCom's `code` and words.
    """

    id: str
    name: str
    group_id: str = ""
    position: int = 0
    deleted: bool = False
    kind: Kind = "corp"
    status: str = "live"
    code: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGroup:
    """A group with its tags in the order shown."""

    id: str
    name: str
    position: int = 0
    tags: tuple[Tag, ...] = ()
    kind: Kind = "corp"
    strategy_id: int = 0
    status: str = "live"
    code: int = 0
    reason: str = ""


class Library:
    """The tag library of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def library(self, *, wanted: bool = False) -> tuple[TagGroup, ...]:
        """Everything that is not deleted, in the order shown; with `wanted` also what WeCom has not made yet."""
        groups: dict[str, TagGroup] = {}
        tags: dict[str, list[Tag]] = {}
        for row in await self._scope.fetch(_LIBRARY):
            if wanted or not row["id"].startswith(NEW):
                groups.setdefault(row["group_id"], _group(row))
                tags.setdefault(row["group_id"], []).append(_tag(row))
        return tuple(replace(group, tags=tuple(tags[group.id])) for group in groups.values())

    async def find(self, tag_ids: Collection[str]) -> dict[str, Tag]:
        """Those of the tags that the library knows, deleted ones too, by id."""
        if not tag_ids:
            return {}
        names = {f"tag{number}": tag_id for number, tag_id in enumerate(tag_ids)}
        return {tag.id: tag for tag in await self._scope.read(_find(len(names)), _tag, **names)}

    async def count(self) -> int:
        """How many of the 10,000 tags that a corp can have are used or on their way."""
        (row,) = await self._scope.fetch(_COUNT)
        return int(row["count"])

    def put(self, group: TagGroup, *, at: datetime) -> None:
        """Store a group and its tags as they were at a moment; what was stored later stays."""
        moment = to_ms(at)
        self._scope.write(
            PUT_GROUP,
            id=group.id,
            name=group.name,
            position=group.position,
            kind=group.kind,
            strategy_id=group.strategy_id,
            deleted=False,
            changed_at=moment,
        )
        for tag in group.tags:
            self._scope.write(
                PUT_TAG,
                id=tag.id,
                group_id=group.id,
                name=tag.name,
                position=tag.position,
                kind=group.kind,
                deleted=False,
                changed_at=moment,
            )

    def bury(self, tag_id: str) -> None:
        """A tag was deleted, and is gone from every customer."""
        self._scope.write(_BURY_TAG, id=tag_id, at=self._scope.at)
        self._strip(_STRIP_TAG, tag_id)

    def bury_group(self, group_id: str) -> None:
        """A group was deleted with all its tags."""
        self._scope.write(_BURY_TAGS, id=group_id, at=self._scope.at)
        self._scope.write(_BURY_GROUP, id=group_id, at=self._scope.at)
        self._strip(_STRIP_GROUP, group_id)

    def empty(self, group_id: str) -> None:
        """A tag of the group was deleted: the group goes with its last one."""
        self._scope.write(_EMPTY_GROUP, id=group_id, at=self._scope.at)

    async def replace(
        self, library: Sequence[TagGroup], *, at: datetime, kind: Kind = "corp", group_id: str = ""
    ) -> None:
        """Make the tags of a kind, or of one group, what they were when a reading began; writes only what differs."""
        known = {each.id: each for each in await self.library() if each.kind == kind and group_id in ("", each.id)}
        alive = {tag.id for group in library for tag in group.tags}
        for group in library:
            if group != known.get(group.id):
                self.put(group, at=at)
        for group in known.values():
            missed = [tag for tag in group.tags if tag.id not in alive]
            for tag in missed:
                self._scope.write(_MISS_TAG, id=tag.id, at=to_ms(at))
                self._strip(_STRIP_TAG, tag.id)
            if missed:
                self._scope.write(_EMPTY_GROUP, id=group.id, at=to_ms(at))

    async def named(self, name: str, *, kind: Kind) -> str:
        """The id of the group of that name, empty if there is none (or only a wanted one)."""
        for row in await self._scope.fetch(_GROUPS):
            if row["name"] == name and row["kind"] == kind and not row["id"].startswith(NEW):
                return str(row["id"])
        return ""

    def _strip(self, statements: Sequence[Statement], identity: str) -> None:
        for statement in statements:
            self._scope.write(statement, id=identity)


@functools.cache
def _find(count: int) -> Statement:
    ids = ", ".join(f":tag{number}" for number in range(count))
    return Statement(f"""
        SELECT id, name, position, deleted, group_id, kind, status, code, reason FROM tags
        WHERE corp_id = :corp_id AND id IN ({ids})
    """)


def _tag(row: Row) -> Tag:
    names = ("id", "name", "group_id", "position", "kind", "status", "code", "reason")
    return Tag(**{name: row[name] for name in names}, deleted=bool(row["deleted"]))


def _group(row: Row) -> TagGroup:
    state = {name: row[f"group_{name}"] for name in ("id", "name", "position", "status", "code", "reason")}
    return TagGroup(**state, kind=row["kind"], strategy_id=row["strategy_id"])
