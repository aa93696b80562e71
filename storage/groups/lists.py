"""Lists of customer groups, of those who are and were in them, and the labels that operators put on groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sop.groups import Parting, Stay
from storage import sight
from storage.customers import escape
from storage.engine.sql import Row, Statement, insert
from storage.groups import COLUMNS, Entry, entry, stay
from storage.scope import Scope
from storage.values import FOREVER, encode, from_ms, maybe_moment, new_id

_AMONG = "IN (SELECT value FROM {each}(CAST(:staff AS {json})))"
SEEN = f"""
    (CAST(:staff AS TEXT) IS NULL OR g.owner {_AMONG} OR EXISTS (
        SELECT 1 FROM group_members AS m WHERE m.corp_id = g.corp_id AND m.chat_id = g.chat_id
          AND m.left_at IS NULL AND m.kind = 'staff' AND m.member_id {_AMONG}))
"""
"""The condition that a group `g` is one that the members `:staff` own or are in (`storage.sight.name`)."""
_PAGE = Statement(f"""
    SELECT {", ".join(f"g.{name}" for name in COLUMNS)} FROM customer_groups AS g
    WHERE g.corp_id = :corp_id AND (g.created_at, g.chat_id) < (:at, :chat_id)
      AND (CAST(:words AS TEXT) = '' OR g.name LIKE :inside ESCAPE '!')
      AND (CAST(:owner AS TEXT) = '' OR g.owner = :owner) AND (CAST(:status AS TEXT) = '' OR g.status = :status)
      AND (CAST(:city AS TEXT) = '' OR g.city = :city)
      AND (CAST(:tag AS BIGINT) IS NULL OR EXISTS (
          SELECT 1 FROM group_bindings AS b
          WHERE b.corp_id = g.corp_id AND b.tag_id = :tag AND b.chat_id = g.chat_id))
      AND (CAST(:member AS TEXT) = '' OR EXISTS (
          SELECT 1 FROM group_members AS i WHERE i.corp_id = g.corp_id AND i.chat_id = g.chat_id
            AND i.member_id = :member AND i.left_at IS NULL))
      AND {SEEN}
    ORDER BY g.created_at DESC, g.chat_id DESC LIMIT :most
""")
_SEES = Statement(f"SELECT 1 FROM customer_groups AS g WHERE g.corp_id = :corp_id AND g.chat_id = :chat_id AND {SEEN}")
_MEMBERS = Statement("""
    SELECT member_id, kind, joined_at, name, scene, inviter, state, left_at, parting FROM group_members
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND (joined_at, member_id) < (:at, :member_id)
      AND (:everyone OR left_at IS NULL)
    ORDER BY joined_at DESC, member_id DESC LIMIT :most
""")
_OVERLAPS = Statement(f"""
    SELECT i.member_id, MAX(i.name) AS name, COUNT(*) AS count
    FROM group_members AS i JOIN customer_groups AS g ON g.corp_id = i.corp_id AND g.chat_id = i.chat_id
    WHERE i.corp_id = :corp_id AND i.left_at IS NULL AND i.kind = 'customer' AND i.member_id > :after AND {SEEN}
    GROUP BY i.member_id HAVING COUNT(*) >= :least ORDER BY i.member_id LIMIT :most
""")
_TAGS = Statement("SELECT id, name, created_at FROM group_tags WHERE corp_id = :corp_id ORDER BY name, id")
_ADD_TAG = insert("group_tags", ("id", "corp_id", "name", "created_at"))
_RENAME = Statement("UPDATE group_tags SET name = :name WHERE corp_id = :corp_id AND id = :id")
_DROP = Statement("DELETE FROM group_tags WHERE corp_id = :corp_id AND id = :id")
_STRIP = Statement("DELETE FROM group_bindings WHERE corp_id = :corp_id AND tag_id = :id")
_UNBIND = Statement("DELETE FROM group_bindings WHERE corp_id = :corp_id AND chat_id = :chat_id")
_BIND = insert("group_bindings", ("corp_id", "tag_id", "chat_id", "at"))
_BOUND = Statement("""
    SELECT b.chat_id, t.id, t.name, t.created_at FROM group_bindings AS b
    JOIN group_tags AS t ON t.corp_id = b.corp_id AND t.id = b.tag_id
    WHERE b.corp_id = :corp_id AND b.chat_id IN (SELECT value FROM {each}(CAST(:chat_ids AS {json})))
    ORDER BY t.name, t.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFilter:
    """Which groups; empty fields don't matter. `staff` bounds what is seen: groups they own or are in."""

    words: str = ""
    owner: str = ""
    status: str = ""
    city: str = ""
    tag: int | None = None
    member: str = ""
    staff: sight.Staff = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTag:
    """A label of ours on groups; WeCom knows nothing of it."""

    id: int
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStay(Stay):
    """A stay with its end, if it has ended."""

    left_at: datetime | None
    parting: Parting


class GroupLists:
    """The lists of a corp's groups."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def page(self, which: GroupFilter, *, limit: int, after: tuple[int, str] | None = None) -> tuple[Entry, ...]:
        """Groups, the newest first; `after` is the creation (ms) and chat id of the last one of the page before."""
        at, chat_id = after or (FOREVER, "")
        rows = await self._scope.fetch(
            _PAGE,
            at=at,
            chat_id=chat_id,
            words=which.words,
            inside=f"%{escape(which.words)}%",
            owner=which.owner,
            status=which.status,
            city=which.city,
            tag=which.tag,
            member=which.member,
            staff=sight.name(which.staff),
            most=limit,
        )
        return tuple(map(entry, rows))

    async def sees(self, chat_id: str, staff: sight.Staff) -> bool:
        """Whether these members own the group or are in it."""
        return bool(await self._scope.fetch(_SEES, chat_id=chat_id, staff=sight.name(staff)))

    async def members(
        self, chat_id: str, *, everyone: bool, limit: int, after: tuple[int, str] | None = None
    ) -> tuple[PastStay, ...]:
        """Who is in a group, or with `everyone` was; the last to come first."""
        at, member_id = after or (FOREVER, "")
        rows = await self._scope.fetch(
            _MEMBERS, chat_id=chat_id, at=at, member_id=member_id, everyone=everyone, most=limit
        )
        return tuple(map(_past, rows))

    async def overlaps(
        self, *, least: int, staff: sight.Staff, after: str = "", limit: int
    ) -> tuple[tuple[str, str, int], ...]:
        """Customers who are in at least so many of the groups that are seen: id, name, how many; by id."""
        rows = await self._scope.fetch(_OVERLAPS, least=least, staff=sight.name(staff), after=after, most=limit)
        return tuple((row["member_id"], row["name"], row["count"]) for row in rows)

    async def tags(self) -> tuple[GroupTag, ...]:
        """All labels, by name."""
        return tuple(map(_tag, await self._scope.fetch(_TAGS)))

    async def bound(self, chat_ids: Sequence[str]) -> dict[str, tuple[GroupTag, ...]]:
        """The labels of some groups."""
        found: dict[str, tuple[GroupTag, ...]] = {}
        for row in await self._scope.fetch(_BOUND, chat_ids=encode(list(chat_ids))):
            found[row["chat_id"]] = (*found.get(row["chat_id"], ()), _tag(row))
        return found

    def add_tag(self, name: str) -> GroupTag:
        """A new label; at commit a `Conflict` when there is one of this name."""
        tag = GroupTag(id=new_id(), name=name, created_at=self._scope.now)
        self._scope.write(_ADD_TAG, id=tag.id, name=name, created_at=self._scope.at)
        return tag

    def rename_tag(self, tag_id: int, name: str) -> None:
        """Call a label otherwise; at commit a `Conflict` when there is another of this name."""
        self._scope.write(_RENAME, id=tag_id, name=name)

    def drop_tag(self, tag_id: int) -> None:
        """Take a label from all groups and away."""
        self._scope.write(_STRIP, id=tag_id)
        self._scope.write(_DROP, id=tag_id)

    def bind(self, chat_id: str, tag_ids: Sequence[int]) -> None:
        """Make these the labels of a group, and no others."""
        self._scope.write(_UNBIND, chat_id=chat_id)
        for tag_id in dict.fromkeys(tag_ids):
            self._scope.write(_BIND, tag_id=tag_id, chat_id=chat_id, at=self._scope.at)


def _past(row: Row) -> PastStay:
    known = stay(row)
    values = {name: getattr(known, name) for name in Stay.__dataclass_fields__}
    return PastStay(**values, left_at=maybe_moment(row["left_at"]), parting=row["parting"])


def _tag(row: Row) -> GroupTag:
    return GroupTag(id=row["id"], name=row["name"], created_at=from_ms(row["created_at"]))
