"""The corp's tag library as WeCom has it, and which tags are on whom, set by whom and why."""

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.scope import Scope
from storage.sql import Row, Statement, upsert
from storage.values import from_ms, to_ms

_NEWER = "excluded.changed_at >= {0}.changed_at"
_PUT_GROUP = upsert(
    "tag_groups", ("corp_id", "id"), ("name", "position", "deleted", "changed_at"), when=_NEWER.format("tag_groups")
)
_PUT_TAG = upsert(
    "tags", ("corp_id", "id"), ("group_id", "name", "position", "deleted", "changed_at"), when=_NEWER.format("tags")
)
_LIBRARY = Statement("""
    SELECT t.id, t.name, t.position, t.deleted, t.group_id, g.name AS group_name, g.position AS group_position
    FROM tags AS t JOIN tag_groups AS g ON g.corp_id = t.corp_id AND g.id = t.group_id
    WHERE t.corp_id = :corp_id AND NOT t.deleted AND NOT g.deleted
    ORDER BY g.position DESC, g.id, t.position DESC, t.id
""")
_BURY_GROUP = Statement(
    "UPDATE tag_groups SET deleted = TRUE, changed_at = :at WHERE corp_id = :corp_id AND id = :id AND NOT deleted"
)
_BURY_TAGS = Statement(
    "UPDATE tags SET deleted = TRUE, changed_at = :at WHERE corp_id = :corp_id AND group_id = :id AND NOT deleted"
)
_BURY_TAG = Statement(
    "UPDATE tags SET deleted = TRUE, changed_at = :at WHERE corp_id = :corp_id AND id = :id AND NOT deleted"
)
_STRIP_GROUP = Statement("""
    DELETE FROM bindings WHERE corp_id = :corp_id
      AND tag_id IN (SELECT id FROM tags WHERE corp_id = :corp_id AND group_id = :id)
""")
_STRIP_TAG = Statement("DELETE FROM bindings WHERE corp_id = :corp_id AND tag_id = :id")
_KEYS = ("corp_id", "external_user_id", "user_id", "tag_id")
_BIND = upsert("bindings", _KEYS, ("source", "rule", "event_id", "at"))
_UNBIND = Statement("""
    DELETE FROM bindings WHERE corp_id = :corp_id AND external_user_id = :external_user_id
      AND user_id = :user_id AND tag_id = :tag_id
""")
_BINDINGS = Statement("""
    SELECT b.tag_id, COALESCE(t.name, '') AS name, b.source, b.rule, b.event_id, b.at FROM bindings AS b
    LEFT JOIN tags AS t ON t.corp_id = b.corp_id AND t.id = b.tag_id
    WHERE b.corp_id = :corp_id AND b.external_user_id = :external_user_id AND b.user_id = :user_id
    ORDER BY b.at, b.tag_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; a larger position stands first."""

    id: str
    name: str
    group_id: str = ""
    position: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGroup:
    """A group with its tags in the order shown."""

    id: str
    name: str
    position: int = 0
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A tag on a customer for one member; `source` is rule, staff, import or api."""

    tag_id: str
    name: str = ""
    source: str
    rule: str = ""
    event_id: int | None = None
    at: datetime


class Tags:
    """The tags of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def library(self) -> tuple[TagGroup, ...]:
        """Everything that is not deleted, in the order shown."""
        groups: dict[str, TagGroup] = {}
        tags: dict[str, list[Tag]] = {}
        for row in await self._scope.fetch(_LIBRARY):
            group_id = row["group_id"]
            groups[group_id] = TagGroup(id=group_id, name=row["group_name"], position=row["group_position"])
            tags.setdefault(group_id, []).append(_tag(row))
        return tuple(
            TagGroup(id=group.id, name=group.name, position=group.position, tags=tuple(tags[group.id]))
            for group in groups.values()
        )

    async def find(self, tag_ids: Collection[str]) -> dict[str, Tag]:
        """Those of the tags that the library knows, deleted ones too, by id."""
        if not tag_ids:
            return {}
        names = {f"tag{number}": tag_id for number, tag_id in enumerate(tag_ids)}
        return {tag.id: tag for tag in await self._scope.read(_find(len(names)), _tag, **names)}

    def put(self, group: TagGroup, *, at: datetime) -> None:
        """Store a group and its tags as they were at a moment; what was stored later stays."""
        moment = to_ms(at)
        self._scope.write(
            _PUT_GROUP, id=group.id, name=group.name, position=group.position, deleted=False, changed_at=moment
        )
        for tag in group.tags:
            self._scope.write(
                _PUT_TAG,
                id=tag.id,
                group_id=group.id,
                name=tag.name,
                position=tag.position,
                deleted=False,
                changed_at=moment,
            )

    def bury(self, tag_id: str) -> None:
        """A tag was deleted, and is gone from every customer."""
        self._scope.write(_STRIP_TAG, id=tag_id)
        self._scope.write(_BURY_TAG, id=tag_id, at=self._scope.at)

    def bury_group(self, group_id: str) -> None:
        """A group was deleted with all its tags."""
        self._scope.write(_STRIP_GROUP, id=group_id)
        self._scope.write(_BURY_TAGS, id=group_id, at=self._scope.at)
        self._scope.write(_BURY_GROUP, id=group_id, at=self._scope.at)

    async def replace(self, library: Sequence[TagGroup], *, at: datetime) -> None:
        """Make the library what it was at a moment; writes only what differs."""
        known = {group.id: group for group in await self.library()}
        alive = {tag.id for group in library for tag in group.tags}
        for group in library:
            if group != known.get(group.id):
                self.put(group, at=at)
        for gone in known.keys() - {group.id for group in library}:
            self.bury_group(gone)
        for tag in (tag for group in known.values() for tag in group.tags):
            if tag.id not in alive:
                self.bury(tag.id)

    async def bindings(self, external_user_id: str, user_id: str) -> tuple[Binding, ...]:
        """The tags on a customer for one member, oldest first."""
        rows = await self._scope.fetch(_BINDINGS, external_user_id=external_user_id, user_id=user_id)
        return tuple(
            Binding(
                tag_id=row["tag_id"],
                name=row["name"],
                source=row["source"],
                rule=row["rule"],
                event_id=row["event_id"],
                at=from_ms(row["at"]),
            )
            for row in rows
        )

    def bind(self, external_user_id: str, user_id: str, *, bindings: Iterable[Binding]) -> None:
        """Tags are on a customer; who set one that was there already is overwritten."""
        for binding in bindings:
            self._scope.write(
                _BIND,
                external_user_id=external_user_id,
                user_id=user_id,
                tag_id=binding.tag_id,
                source=binding.source,
                rule=binding.rule,
                event_id=binding.event_id,
                at=to_ms(binding.at),
            )

    def unbind(self, external_user_id: str, user_id: str, *, tag_ids: Iterable[str]) -> None:
        """Tags are no longer on a customer."""
        for tag_id in tag_ids:
            self._scope.write(_UNBIND, external_user_id=external_user_id, user_id=user_id, tag_id=tag_id)


@functools.cache
def _find(count: int) -> Statement:
    ids = ", ".join(f":tag{number}" for number in range(count))
    return Statement(
        f"SELECT id, name, position, deleted, group_id FROM tags WHERE corp_id = :corp_id AND id IN ({ids})"
    )


def _tag(row: Row) -> Tag:
    return Tag(
        id=row["id"],
        name=row["name"],
        group_id=row["group_id"],
        position=row["position"],
        deleted=bool(row["deleted"]),
    )
