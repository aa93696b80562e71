"""What conditions look at: how members and customers stand, one relation at a time or page by page over all of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, and_, func, select, tuple_

from sop.relations import Status
from sop.tags.conditions import Facts
from sop.tags.owners import Owner
from storage import sight
from storage.engine.sql import Row, Statement
from storage.schema.groups import group_members
from storage.schema.people import bindings, departments, relations, staff
from storage.schema.tags import tag_owners
from storage.scope import Scope
from storage.tags.bindings import owner
from storage.values import decode, from_ms, maybe_moment

T = TypeVar("T")
_COUNT = Statement("SELECT COUNT(*) AS count FROM relations WHERE corp_id = :corp_id")


class Place(NamedTuple):
    """Where a relation stands in the order of all."""

    external_user_id: str = ""
    user_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A relation with its tags: `facts.tags` are on the customer, `owners` says who wants or wanted which."""

    facts: Facts
    owners: dict[str, tuple[Owner, ...]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Where it stands in the order of all."""
        return Place(self.facts.external_user_id, self.facts.user_id)


class FactBook:
    """The facts of a corp's relations."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def count(self) -> int:
        """How many relations there are, ended ones too."""
        (row,) = await self._scope.fetch(_COUNT)
        return int(row["count"])

    async def one(self, external_user_id: str, user_id: str) -> Known | None:
        """One relation."""
        own = relations.c
        query = self._relations().where(own.external_user_id == external_user_id, own.user_id == user_id)
        return next(iter(await self._know(query)), None)

    async def page(self, after: Place, *, most: int, staff: Collection[str] | None = None) -> Sequence[Known]:
        """The relations that follow a place in the order of customer and member; with `staff` only these members'."""
        own = relations.c
        query = self._relations().where(tuple_(own.external_user_id, own.user_id) > tuple_(*after))
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        return await self._know(query.order_by(own.external_user_id, own.user_id).limit(most))

    async def of_customers(self, external_user_ids: Collection[str], *, staff: str = "") -> Sequence[Known]:
        """The relations of some customers, or of one member with them."""
        own = relations.c
        query = self._relations().where(own.external_user_id.in_(sorted(external_user_ids)))
        if staff:
            query = query.where(own.user_id == staff)
        return await self._know(query.order_by(own.external_user_id, own.user_id))

    def _relations(self) -> Select[Any]:
        return select(relations).where(relations.c.corp_id == self._scope.corp_id)

    async def _know(self, query: Select[Any]) -> list[Known]:
        rows = await self._fetch(query)
        people = sorted({row["external_user_id"] for row in rows})
        members = sorted({row["user_id"] for row in rows})
        if not rows:
            return []
        bound = _gather(await self._tags(bindings, people), lambda row: row["tag_id"])
        owned = _gather(await self._tags(tag_owners, people), lambda row: (row["tag_id"], owner(row)))
        groups = {row["member_id"]: row["count"] for row in await self._groups(people)}
        floors = await self._departments(members)
        known = []
        for row in rows:
            place = Place(row["external_user_id"], row["user_id"])
            facts = _facts(
                row,
                departments=floors.get(place.user_id, frozenset()),
                groups=groups.get(place.external_user_id, 0),
                tags=frozenset(bound.get(place, ())),
            )
            owners: dict[str, tuple[Owner, ...]] = {}
            for tag_id, each in owned.get(place, ()):
                owners[tag_id] = (*owners.get(tag_id, ()), each)
            known.append(Known(facts=facts, owners=owners))
        return known

    async def _tags(self, table: Any, people: Sequence[str]) -> Sequence[Row]:
        own = table.c
        return await self._fetch(
            select(table).where(own.corp_id == self._scope.corp_id, own.external_user_id.in_(people))
        )

    async def _groups(self, people: Sequence[str]) -> Sequence[Row]:
        own = group_members.c
        inside = and_(own.corp_id == self._scope.corp_id, own.left_at.is_(None), own.member_id.in_(people))
        query = select(own.member_id, func.count().label("count")).where(inside).group_by(own.member_id)
        return await self._fetch(query)

    async def _departments(self, members: Sequence[str]) -> dict[str, frozenset[int]]:
        """The departments of members, with all above them."""
        corp_id = self._scope.corp_id
        tree = select(departments.c.id, departments.c.parent_id).where(departments.c.corp_id == corp_id)
        above = {row["id"]: row["parent_id"] for row in await self._fetch(tree)}
        own = staff.c
        query = select(own.user_id, own.departments).where(own.corp_id == corp_id, own.user_id.in_(members))
        rows = await self._fetch(query)
        return {row["user_id"]: frozenset(_climb(decode(row["departments"]), above)) for row in rows}

    async def _fetch(self, query: Select[Any]) -> Sequence[Row]:
        return await self._scope.database.fetch(Statement(query))


def _gather(rows: Iterable[Row], make: Callable[[Row], T]) -> dict[Place, list[T]]:
    found: dict[Place, list[T]] = {}
    for row in rows:
        found.setdefault(Place(row["external_user_id"], row["user_id"]), []).append(make(row))
    return found


def _climb(floor: Iterable[int], above: Mapping[int, int]) -> set[int]:
    seen: set[int] = set()
    waiting = list(floor)
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += [above[number]] if number in above else []
    return seen - {0}


def _facts(row: Row, *, departments: frozenset[int], groups: int, tags: frozenset[str]) -> Facts:
    return Facts(
        external_user_id=row["external_user_id"],
        user_id=row["user_id"],
        status=Status(row["status"]),
        add_way=row["add_way"],
        state=row["state"],
        channel_id=row["channel_id"],
        adds=row["adds"],
        added_at=from_ms(row["added_at"]),
        replied_at=maybe_moment(row["replied_at"]),
        departments=departments,
        groups=groups,
        tags=tags,
    )
