"""Who looks after whom: a row per customer and member, folded from the facts between them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop.relations import Deed, Fact, Standing, Status, fold
from storage import history
from storage.customers import escape
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import decode, from_ms, maybe_moment, maybe_ms, to_ms

_COLUMNS = (
    "external_user_id, user_id, status, remark, description, add_way, state, channel_id, adds, "
    "first_added_at, added_at, ended_at, replied_at, changed_at"
)
_FACTS = Statement("""
    SELECT what, at, facts, '' AS state, NULL AS channel_id FROM history
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id
      AND what IN ('half_added', 'found', 'added', 'returned', 'replied', 'lost', 'removed', 'moved')
    UNION ALL
    SELECT 'found', found_at, '{}', state, channel_id FROM relations
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id
      AND found_at IS NOT NULL
""")
# What WeCom told about the origin of this very add is kept where its event was silent.
_STAND = Statement("""
    INSERT INTO relations (corp_id, external_user_id, user_id, status, adds, state, channel_id,
                           first_added_at, added_at, ended_at, replied_at, changed_at)
    VALUES (:corp_id, :external_user_id, :user_id, :status, :adds, :state, :channel_id,
            :first_added_at, :added_at, :ended_at, :replied_at, :changed_at)
    ON CONFLICT (corp_id, external_user_id, user_id) DO UPDATE
    SET status = excluded.status, adds = excluded.adds, first_added_at = excluded.first_added_at,
        added_at = excluded.added_at, ended_at = excluded.ended_at, replied_at = excluded.replied_at,
        changed_at = excluded.changed_at,
        state = CASE WHEN excluded.state = '' AND excluded.added_at = relations.added_at
                     THEN relations.state ELSE excluded.state END,
        channel_id = CASE WHEN excluded.channel_id IS NULL AND excluded.added_at = relations.added_at
                          THEN relations.channel_id ELSE excluded.channel_id END
""")
_DESCRIBE = Statement("""
    INSERT INTO relations (corp_id, external_user_id, user_id, status, adds, first_added_at, added_at, changed_at,
                           found_at, told_at, seen_at, remark, description, add_way, state, channel_id)
    VALUES (:corp_id, :external_user_id, :user_id, 'active', 1, :added_at, :added_at, :added_at,
            :found_at, :at, :at, :remark, :description, :add_way, :state, :channel_id)
    ON CONFLICT (corp_id, external_user_id, user_id) DO UPDATE
    SET remark = excluded.remark, description = excluded.description, add_way = excluded.add_way,
        state = CASE WHEN excluded.state = '' THEN relations.state ELSE excluded.state END,
        channel_id = COALESCE(excluded.channel_id, relations.channel_id),
        told_at = excluded.told_at, seen_at = excluded.seen_at
    WHERE excluded.told_at >= relations.told_at
""")
_RENAME = Statement("""
    UPDATE relations SET remark = :remark, told_at = CASE WHEN told_at < :at THEN :at ELSE told_at END
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id
""")
_NOTE = Statement("""
    UPDATE relations SET description = :description
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id
""")
_FIND = Statement(f"""
    SELECT {_COLUMNS} FROM relations
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id
""")
_OF_CUSTOMER = Statement(f"""
    SELECT {_COLUMNS} FROM relations
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id ORDER BY added_at, user_id
""")
_SEARCH = Statement(f"""
    SELECT {", ".join("r." + column.strip() for column in _COLUMNS.split(","))}, c.name
    FROM relations AS r
    LEFT JOIN customers AS c ON c.corp_id = r.corp_id AND c.external_user_id = r.external_user_id
    WHERE r.corp_id = :corp_id AND r.user_id = :user_id
      AND (lower(c.name) LIKE lower(:inside) ESCAPE '!' OR lower(r.remark) LIKE lower(:inside) ESCAPE '!')
    ORDER BY CASE WHEN lower(c.name) LIKE lower(:ahead) ESCAPE '!' OR lower(r.remark) LIKE lower(:ahead) ESCAPE '!'
                  THEN 0 ELSE 1 END, r.added_at DESC, r.external_user_id
    LIMIT :most
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How one member follows one customer. Page 92114 explains `add_way`."""

    external_user_id: str
    user_id: str
    status: Status
    remark: str = ""
    description: str = ""
    add_way: int = 0
    state: str = ""
    channel_id: int | None = None
    adds: int
    first_added_at: datetime
    added_at: datetime
    ended_at: datetime | None = None
    replied_at: datetime | None = None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a fact made of a relation, and whether it was `fresh`: not told before."""

    standing: Standing
    fresh: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A relation found by the customer's name or remark."""

    relation: Relation
    name: str


class Relations:
    """The relations of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def record(self, external_user_id: str, user_id: str, *, fact: Fact, **details: Any) -> Recorded:
        """Write a fact into the history and the relation as it stands with it; told again, it changes nothing.

        Facts of one relation must be recorded one after another, as events of one customer are.
        """
        known = await self.facts(external_user_id, user_id)
        deed = Deed.ADDED if fact.deed is Deed.RETURNED else fact.deed
        fresh = all((past.deed, past.at) != (deed, fact.at) for past in known)
        standing = fold([*known, fact])
        returned = deed is Deed.ADDED and standing.adds > 1 and standing.added_at == fact.at
        history.History(self._scope).append(
            Deed.RETURNED if returned else deed,
            external_user_id,
            user_id=user_id,
            at=fact.at,
            effect=history.name(deed, external_user_id, user_id=user_id, at=fact.at),
            **_origin(fact),
            **details,
        )
        self._stand(external_user_id, user_id, standing)
        return Recorded(standing, fresh)

    async def facts(self, external_user_id: str, user_id: str) -> tuple[Fact, ...]:
        """All that is known to have happened between the two, in no order."""
        rows = await self._scope.fetch(_FACTS, external_user_id=external_user_id, user_id=user_id)
        return tuple(_fact(row) for row in rows)

    def _stand(self, external_user_id: str, user_id: str, standing: Standing) -> None:
        self._scope.write(
            _STAND,
            external_user_id=external_user_id,
            user_id=user_id,
            status=standing.status.value,
            adds=standing.adds,
            state=standing.state,
            channel_id=standing.channel_id,
            first_added_at=to_ms(standing.first_added_at),
            added_at=to_ms(standing.added_at),
            ended_at=maybe_ms(standing.ended_at),
            replied_at=maybe_ms(standing.replied_at),
            changed_at=to_ms(standing.changed_at),
        )

    def describe(self, relation: Relation, *, found: bool = False, at: datetime | None = None) -> None:
        """Store remark, description, add_way and origin as WeCom told them, by default now, unless newer is stored.

        How the relation stands is left alone. One that was unknown begins as an active one at `added_at`; `found` says
        that no event told of it.
        """
        self._scope.write(
            _DESCRIBE,
            external_user_id=relation.external_user_id,
            user_id=relation.user_id,
            added_at=to_ms(relation.added_at),
            found_at=to_ms(relation.added_at) if found else None,
            at=to_ms(at or self._scope.now),
            remark=relation.remark,
            description=relation.description,
            add_way=relation.add_way,
            state=relation.state,
            channel_id=relation.channel_id,
        )

    def rename(self, external_user_id: str, user_id: str, *, remark: str) -> None:
        """Store the remark that we have set at WeCom."""
        self._scope.write(_RENAME, external_user_id=external_user_id, user_id=user_id, remark=remark, at=self._scope.at)

    def note(self, external_user_id: str, user_id: str, *, description: str) -> None:
        """Store the description that we have set at WeCom."""
        self._scope.write(_NOTE, external_user_id=external_user_id, user_id=user_id, description=description)

    async def find(self, external_user_id: str, user_id: str) -> Relation | None:
        """One relation, ended ones too."""
        found = await self._scope.read(_FIND, _relation, external_user_id=external_user_id, user_id=user_id)
        return found[0] if found else None

    async def of_customer(self, external_user_id: str) -> tuple[Relation, ...]:
        """Everyone who follows or followed a customer, in the order they came."""
        rows = await self._scope.fetch(_OF_CUSTOMER, external_user_id=external_user_id)
        return tuple(_relation(row) for row in rows)

    async def search(self, user_id: str, words: str, *, most: int = 20) -> tuple[Match, ...]:
        """A member's own customers whose name or remark contains `words`; prefixes first, then the newest."""
        literal = escape(words)
        rows = await self._scope.fetch(_SEARCH, user_id=user_id, inside=f"%{literal}%", ahead=f"{literal}%", most=most)
        return tuple(Match(_relation(row), row["name"] or "") for row in rows)


def _origin(fact: Fact) -> dict[str, Any]:
    origin = {"state": fact.state, "channel_id": fact.channel_id}
    return {name: value for name, value in origin.items() if value}


def _fact(row: Row) -> Fact:
    facts = decode(row["facts"])
    deed = Deed(row["what"])
    return Fact(
        deed=Deed.ADDED if deed is Deed.RETURNED else deed,
        at=from_ms(row["at"]),
        state=facts.get("state", row["state"]),
        channel_id=facts.get("channel_id", row["channel_id"]),
    )


def _relation(row: Row) -> Relation:
    return Relation(
        external_user_id=row["external_user_id"],
        user_id=row["user_id"],
        status=Status(row["status"]),
        remark=row["remark"],
        description=row["description"],
        add_way=row["add_way"],
        state=row["state"],
        channel_id=row["channel_id"],
        adds=row["adds"],
        first_added_at=from_ms(row["first_added_at"]),
        added_at=from_ms(row["added_at"]),
        ended_at=maybe_moment(row["ended_at"]),
        replied_at=maybe_moment(row["replied_at"]),
        changed_at=from_ms(row["changed_at"]),
    )
