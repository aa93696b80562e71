"""Whole pages of customers, as WeCom tells them: read by their keys in one, written in one, counted on both sides.

What is new is written here; what stands otherwise than it is held is left to the lane of its customer. A page never
overwrites what was told later, and never changes how a relation stands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.engine.many import bulk, joined
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import encode, to_ms
from wecom.customers import Contact

Pair = tuple[str, str]
"""Of a customer and a member."""

_PEOPLE = joined(
    "c.external_user_id, c.name, c.avatar, c.type, c.gender, c.unionid, c.corp_name, c.changed_at",
    "customers AS c",
    on="c.corp_id = :corp_id AND c.external_user_id = k.external_user_id",
    external_user_id="TEXT",
)
_PAIRS = joined(
    "r.external_user_id, r.user_id, r.status, r.remark, r.description, r.add_way, r.state, r.added_at, r.changed_at, "
    "r.told_at, r.tags_at",
    "relations AS r",
    on="r.corp_id = :corp_id AND r.external_user_id = k.external_user_id AND r.user_id = k.user_id",
    external_user_id="TEXT",
    user_id="TEXT",
)
_TAGGED = joined(
    "b.external_user_id, b.user_id, b.tag_id",
    "bindings AS b",
    on="b.corp_id = :corp_id AND b.external_user_id = k.external_user_id AND b.user_id = k.user_id",
    external_user_id="TEXT",
    user_id="TEXT",
)
_MEET = bulk(
    """
    INSERT INTO customers (corp_id, external_user_id, name, avatar, type, gender, unionid, corp_name, created_at,
                           changed_at)
    SELECT CAST(:corp_id AS TEXT), r.external_user_id, r.name, r.avatar, r.type, r.gender, r.unionid, r.corp_name,
           CAST(:at AS BIGINT), CAST(:at AS BIGINT)
    FROM {rows} AS r WHERE TRUE
    ON CONFLICT (corp_id, external_user_id) DO UPDATE
    SET name = excluded.name, avatar = excluded.avatar, type = excluded.type, gender = excluded.gender,
        unionid = excluded.unionid, corp_name = excluded.corp_name, changed_at = excluded.changed_at
    WHERE excluded.changed_at >= customers.changed_at
    """,
    external_user_id="TEXT", name="TEXT", avatar="TEXT", type="BIGINT", gender="BIGINT", unionid="TEXT",
    corp_name="TEXT",
)  # fmt: skip
_RELATE = bulk(
    """
    INSERT INTO relations (corp_id, external_user_id, user_id, status, adds, first_added_at, added_at, changed_at,
                           found_at, told_at, seen_at, tags_at, remark, description, add_way, state, channel_id)
    SELECT CAST(:corp_id AS TEXT), r.external_user_id, r.user_id, 'active', 1, r.added_at, r.added_at, r.added_at,
           r.added_at, CAST(:at AS BIGINT), CAST(:at AS BIGINT), CAST(:at AS BIGINT), r.remark, r.description,
           r.add_way, r.state,
           CASE WHEN r.state = '' THEN NULL ELSE (
               SELECT c.id FROM channels AS c WHERE c.corp_id = CAST(:corp_id AS TEXT) AND c.state = r.state
           ) END
    FROM {rows} AS r WHERE TRUE
    ON CONFLICT (corp_id, external_user_id, user_id) DO UPDATE
    SET remark = excluded.remark, description = excluded.description, add_way = excluded.add_way,
        state = CASE WHEN excluded.state = '' THEN relations.state ELSE excluded.state END,
        channel_id = COALESCE(excluded.channel_id, relations.channel_id),
        told_at = excluded.told_at, seen_at = excluded.seen_at
    WHERE excluded.told_at >= relations.told_at
    """,
    external_user_id="TEXT", user_id="TEXT", added_at="BIGINT", remark="TEXT", description="TEXT", add_way="BIGINT",
    state="TEXT",
)  # fmt: skip
_SEE = bulk(
    """
    UPDATE relations SET seen_at = :at
    FROM {rows} AS r
    WHERE relations.corp_id = :corp_id AND relations.external_user_id = r.external_user_id
      AND relations.user_id = r.user_id AND relations.seen_at < :at
    """,
    external_user_id="TEXT",
    user_id="TEXT",
)
_BIND = bulk(
    """
    INSERT INTO bindings (corp_id, external_user_id, user_id, tag_id, source, event_id, at)
    SELECT CAST(:corp_id AS TEXT), r.external_user_id, r.user_id, r.tag_id, 'sync', CAST(:event_id AS BIGINT),
           CAST(:at AS BIGINT)
    FROM {rows} AS r WHERE TRUE
    ON CONFLICT (corp_id, external_user_id, user_id, tag_id) DO NOTHING
    """,
    external_user_id="TEXT",
    user_id="TEXT",
    tag_id="TEXT",
)
_SIZES = Statement(
    "SELECT user_id, COUNT(*) AS count FROM relations WHERE corp_id = :corp_id GROUP BY user_id", patient=True
)
_ANY = Statement("SELECT 1 FROM relations WHERE corp_id = :corp_id LIMIT 1")
_OF_MEMBER = Statement(
    """
    SELECT external_user_id, status, changed_at, told_at, seen_at FROM relations
    WHERE corp_id = :corp_id AND user_id = :user_id
    """,
    patient=True,
    by_keys=True,
)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of the pairs of a page: rows of customers and relations, and the tags of each pair."""

    people: Mapping[str, Row]
    pairs: Mapping[Pair, Row]
    tags: Mapping[Pair, frozenset[str]]


class Scans:
    """Customers of a corp by the page."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def held(self, pairs: Collection[Pair]) -> Held:
        """What is known of these pairs."""
        people = await self._scope.fetch(_PEOPLE, keys=encode(sorted({pair[:1] for pair in pairs})))
        rows = await self._scope.fetch(_PAIRS, keys=encode(sorted(pairs))) if people else ()
        found: dict[Pair, Row] = {(row["external_user_id"], row["user_id"]): row for row in rows}
        tags: dict[Pair, set[str]] = {}
        for row in await self._scope.fetch(_TAGGED, keys=encode(sorted(found))) if found else ():
            tags.setdefault((row["external_user_id"], row["user_id"]), set()).add(row["tag_id"])
        return Held(
            {row["external_user_id"]: row for row in people},
            found,
            {pair: frozenset(names) for pair, names in tags.items()},
        )

    def meet(self, contacts: Iterable[Contact]) -> None:
        """Store who these customers are, unless something newer is stored."""
        people = {each.customer.external_user_id: each.customer for each in contacts}
        if people:
            told = [
                people[name] for name in sorted(people)
            ]  # in one order, so that two writers never wait for each other
            self._scope.write(
                _MEET,
                at=self._scope.at,
                external_user_id=[each.external_user_id for each in told],
                name=[each.name for each in told],
                avatar=[each.avatar for each in told],
                type=[each.kind for each in told],
                gender=[each.gender for each in told],
                unionid=[each.union_id for each in told],
                corp_name=[each.corp_name for each in told],
            )

    def relate(self, contacts: Sequence[Contact]) -> None:
        """Store the relations of a page: new ones as they stand at WeCom, of known ones what members noted."""
        if contacts:
            follows = [each.follow for each in contacts]
            self._scope.write(
                _RELATE,
                at=self._scope.at,
                external_user_id=[each.customer.external_user_id for each in contacts],
                user_id=[each.user_id for each in follows],
                added_at=[to_ms(each.added_at) for each in follows],
                remark=[each.remark for each in follows],
                description=[each.description for each in follows],
                add_way=[each.add_way for each in follows],
                state=[each.state for each in follows],
            )

    def see(self, pairs: Sequence[Pair]) -> None:
        """Note that a page has shown these relations."""
        if pairs:
            self._scope.write(
                _SEE,
                at=self._scope.at,
                external_user_id=[external for external, _ in pairs],
                user_id=[member for _, member in pairs],
            )

    def bind(self, contacts: Iterable[Contact]) -> None:
        """Store the tags of relations that are new."""
        rows = [
            (each.customer.external_user_id, each.follow.user_id, tag)
            for each in contacts
            for tag in each.follow.tag_ids
        ]
        if rows:
            external, member, tags = zip(*rows, strict=True)
            self._scope.write(
                _BIND,
                at=self._scope.at,
                event_id=self._scope.event_id,
                external_user_id=external,
                user_id=member,
                tag_id=tags,
            )

    async def sizes(self) -> dict[str, int]:
        """How many relations each member has or had, as far as it is known."""
        return {row["user_id"]: row["count"] for row in await self._scope.fetch(_SIZES)}

    async def any(self) -> bool:
        """Whether any relation is known."""
        return bool(await self._scope.fetch(_ANY))

    async def of_member(self, user_id: str) -> dict[str, Row]:
        """The relations of a member by customer, ended ones too: status, changed_at, told_at, seen_at."""
        return {row["external_user_id"]: row for row in await self._scope.fetch(_OF_MEMBER, user_id=user_id)}


def newer(row: Row, asked: datetime) -> bool:
    """Whether something was told of a relation after a reading was asked for."""
    return bool(row["told_at"] > to_ms(asked))
