"""Which tags are on whom, and who wants them there.

A row of `bindings` says that a tag is on a customer for one member, and who is shown as its source; rows of
`tag_owners` say who wants it there. Whoever writes bindings in bulk fills corp_id, external_user_id, user_id, tag_id,
source (sync, staff, import …), rule (empty), event_id and at, and no owner: a binding without owners is owned by its
own source.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from sop.tags.owners import BY_HAND, Owner, name, strongest
from storage import sight
from storage.engine.sql import Row, Statement, upsert
from storage.schema.people import bindings
from storage.scope import Scope
from storage.values import decode, encode, from_ms, maybe_moment, maybe_ms, to_ms

_HAND = ", ".join(f"'{source}'" for source in BY_HAND)
_KEYS = ("corp_id", "external_user_id", "user_id", "tag_id")
# What was set by hand stays shown as such, whoever else wants it too.
_BIND = upsert(
    "bindings",
    _KEYS,
    ("source", "rule", "event_id", "at"),
    when=f"excluded.source IN ({_HAND}) OR bindings.source NOT IN ({_HAND})",
)
# What is bound without an owner is owned by its source, before another owner comes.
_KEEP_OWNER = Statement("""
    INSERT INTO tag_owners (corp_id, external_user_id, user_id, tag_id, owner, source, status, event_id, at)
    SELECT b.corp_id, b.external_user_id, b.user_id, b.tag_id, b.source, b.source, 'held', b.event_id, b.at
    FROM bindings AS b
    WHERE b.corp_id = :corp_id AND b.external_user_id = :external_user_id AND b.user_id = :user_id
      AND b.tag_id = :tag_id AND b.rule = '' AND NOT EXISTS (
        SELECT 1 FROM tag_owners AS o
        WHERE o.corp_id = b.corp_id AND o.external_user_id = b.external_user_id AND o.user_id = b.user_id
          AND o.tag_id = b.tag_id AND o.status = 'held')
    ON CONFLICT (corp_id, external_user_id, user_id, tag_id, owner) DO UPDATE SET status = 'held'
""")
_OWNER = ("source", "status", "version", "evidence", "event_id", "at", "expires_at")
_OWN = upsert("tag_owners", (*_KEYS, "owner"), _OWNER)
_ONE = "corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id"
_UNBIND = Statement(f"DELETE FROM bindings WHERE {_ONE} AND tag_id = :tag_id")
_DISOWN = Statement(f"DELETE FROM tag_owners WHERE {_ONE} AND tag_id = :tag_id AND status = 'held'")
_SUPPRESS = Statement(f"""
    UPDATE tag_owners SET status = 'suppressed', at = :at, expires_at = NULL
    WHERE {_ONE} AND tag_id = :tag_id AND status = 'held' AND owner >= 'rule:' AND owner < 'rule;'
""")
_FORGET = Statement(f"DELETE FROM tag_owners WHERE {_ONE} AND tag_id = :tag_id AND owner = :owner")
_SHOW = Statement(f"""
    UPDATE bindings SET source = :source, rule = :rule, event_id = :event_id, at = :at WHERE {_ONE} AND tag_id = :tag_id
""")
_READ_AT = Statement(f"UPDATE relations SET tags_at = :at WHERE {_ONE} AND tags_at < :at")
_BINDINGS = Statement(f"""
    SELECT b.tag_id, COALESCE(t.name, '') AS name, b.source, b.rule, b.event_id, b.at FROM bindings AS b
    LEFT JOIN tags AS t ON t.corp_id = b.corp_id AND t.id = b.tag_id
    WHERE b.{_ONE.replace("AND ", "AND b.")} ORDER BY b.at, b.tag_id
""")
OWNER_COLUMNS = f"tag_id, owner, {', '.join(_OWNER)}"
_OWNERS = Statement(f"SELECT {OWNER_COLUMNS} FROM tag_owners WHERE {_ONE} ORDER BY at, owner")
_OPEN_MARKS = Statement("""
    SELECT COUNT(*) AS count FROM intents WHERE open AND corp_id = :corp_id AND kind = 'mark_tags'
""")
_LAST_READ = Statement(f"SELECT tags_at FROM relations WHERE {_ONE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A tag on a customer for one member; `source` is staff, import, api, sync, channel or rule."""

    tag_id: str
    name: str = ""
    source: str
    rule: str = ""
    event_id: int | None = None
    at: datetime
    evidence: Mapping[str, Any] = field(default_factory=dict)  # why, as its owner will have it
    expires_at: datetime | None = None

    @property
    def owner(self) -> Owner:
        """Who wants it, as far as the binding itself says."""
        owner, _, version = name(self.rule, self.source)
        return Owner(
            owner=owner,
            source=self.source,
            version=version,
            evidence=self.evidence,
            event_id=self.event_id,
            at=self.at,
            expires_at=self.expires_at,
        )


Owners = dict[str, tuple[Owner, ...]]
"""Who wants or wanted what, by tag."""


class Bindings:
    """The tags on the customers of a corp."""

    _scope: Scope

    async def bindings(self, external_user_id: str, user_id: str) -> tuple[Binding, ...]:
        """The tags on a customer for one member, oldest first, with the evidence and the end of the shown owner."""
        rows = await self._scope.fetch(_BINDINGS, external_user_id=external_user_id, user_id=user_id)
        owners = await self.owners(external_user_id, user_id) if rows else {}
        return tuple(_show(binding(row), strongest(owners.get(row["tag_id"], ()))) for row in rows)

    async def owners(self, external_user_id: str, user_id: str) -> Owners:
        """Who wants, or wanted, which tags on a customer for one member."""
        found: Owners = {}
        for row in await self._scope.fetch(_OWNERS, external_user_id=external_user_id, user_id=user_id):
            found[row["tag_id"]] = (*found.get(row["tag_id"], ()), owner(row))
        return found

    async def read_at(self, external_user_id: str, user_id: str) -> datetime:
        """When the tags of a relation were last read at WeCom."""
        rows = await self._scope.fetch(_LAST_READ, external_user_id=external_user_id, user_id=user_id)
        return from_ms(rows[0]["tags_at"] if rows else 0)

    async def open_marks(self) -> int:
        """How many marks of the corp wait to be carried to WeCom."""
        (row,) = await self._scope.fetch(_OPEN_MARKS)
        return int(row["count"])

    async def counts(self, staff: Collection[str] | None = None) -> dict[str, int]:
        """How many relations carry each tag; with `staff` those of these members."""
        own = bindings.c
        query = select(own.tag_id, func.count().label("count")).where(own.corp_id == self._scope.corp_id)
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        rows = await self._scope.database.fetch(Statement(query.group_by(own.tag_id)))
        return {row["tag_id"]: row["count"] for row in rows}

    def bind(self, external_user_id: str, user_id: str, *, bindings: Iterable[Binding]) -> None:
        """Tags are on a customer, and somebody wants them there; who wanted them before still does."""
        for each in bindings:
            place = _place(external_user_id, user_id, each.tag_id)
            self._scope.write(_KEEP_OWNER, **place)
            self._scope.write(
                _BIND, **place, source=each.source, rule=each.rule, event_id=each.event_id, at=to_ms(each.at)
            )
            self.own(external_user_id, user_id, tag_id=each.tag_id, owner=each.owner)

    def own(self, external_user_id: str, user_id: str, *, tag_id: str, owner: Owner) -> None:
        """Note how an owner stands to a tag, whether or not it is on the customer."""
        values = {column: getattr(owner, column) for column in ("owner", "source", "status", "version", "event_id")}
        self._scope.write(
            _OWN,
            **_place(external_user_id, user_id, tag_id),
            **values,
            evidence=encode(owner.evidence),
            at=to_ms(owner.at),
            expires_at=maybe_ms(owner.expires_at),
        )

    def forget_owner(self, external_user_id: str, user_id: str, *, tag_id: str, owner: str) -> None:
        """Somebody no longer wants a tag."""
        self._scope.write(_FORGET, **_place(external_user_id, user_id, tag_id), owner=owner)

    def show(self, external_user_id: str, user_id: str, *, tag_id: str, owner: Owner) -> None:
        """Let a binding be shown as this owner's."""
        rule = f"{owner.owner}@{owner.version}" if ":" in owner.owner else ""
        self._scope.write(
            _SHOW,
            **_place(external_user_id, user_id, tag_id),
            source=owner.source,
            rule=rule,
            event_id=owner.event_id,
            at=to_ms(owner.at),
        )

    def unbind(self, external_user_id: str, user_id: str, *, tag_ids: Iterable[str], by_hand: bool = False) -> None:
        """Tags are no longer on a customer; `by_hand`: rules that wanted them leave this customer alone."""
        for tag_id in tag_ids:
            place = _place(external_user_id, user_id, tag_id)
            self._scope.write(_KEEP_OWNER, **place)
            self._scope.write(_UNBIND, **place)
            if by_hand:
                self._scope.write(_SUPPRESS, **place, at=self._scope.at)
            self._scope.write(_DISOWN, **place)

    def note_reading(self, external_user_id: str, user_id: str, *, at: datetime) -> None:
        """The tags of a relation were read at WeCom: what was done before is part of what was read."""
        self._scope.write(_READ_AT, external_user_id=external_user_id, user_id=user_id, at=to_ms(at))


def _show(bound: Binding, shown: Owner | None) -> Binding:
    return replace(bound, evidence=shown.evidence, expires_at=shown.expires_at) if shown else bound


def binding(row: Row) -> Binding:
    """A binding of its row."""
    names = ("tag_id", "name", "source", "rule", "event_id")
    return Binding(**{each: row[each] for each in names}, at=from_ms(row["at"]))


def owner(row: Row) -> Owner:
    """An owner of its row."""
    names = ("owner", "source", "status", "version", "event_id")
    return Owner(
        **{each: row[each] for each in names},
        evidence=decode(row["evidence"]),
        at=from_ms(row["at"]),
        expires_at=maybe_moment(row["expires_at"]),
    )


def _place(external_user_id: str, user_id: str, tag_id: str) -> dict[str, str]:
    return {"external_user_id": external_user_id, "user_id": user_id, "tag_id": tag_id}
