"""Relations one at a time or page by page over all of them, with the facts that conditions look at and their tags."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Select, select, tuple_

from sop.conditions import Facts, Needs, Relation
from sop.tags.owners import Owner
from storage import conditions, sight
from storage.engine.many import joined
from storage.engine.sql import Statement
from storage.schema.people import relations
from storage.scope import Scope
from storage.tags.bindings import owner
from storage.values import encode

_COUNT = Statement("SELECT COUNT(*) AS count FROM relations WHERE corp_id = :corp_id")
_OWNERS = joined(
    "t.*",
    "tag_owners AS t",
    on="t.corp_id = :corp_id AND t.external_user_id = k.external_user_id",
    external_user_id="TEXT",
)
_ALWAYS = Needs(relations=True, tags=True)
_NOTHING = Needs()


class Place(NamedTuple):
    """Where a relation stands in the order of all."""

    external_user_id: str = ""
    user_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A relation with its tags: `relation.tags` are on the customer, `owners` says who wants or wanted which."""

    facts: Facts  # with no other relation than this
    owners: dict[str, tuple[Owner, ...]] = field(default_factory=dict)

    @property
    def relation(self) -> Relation:
        """How the two stand."""
        return self.facts.relations[0]

    @property
    def place(self) -> Place:
        """Where it stands in the order of all."""
        return Place(self.facts.external_user_id, self.relation.user_id)


class FactBook:
    """The facts of a corp's relations; `needs` are those of the conditions that are to be judged."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def count(self) -> int:
        """How many relations there are, ended ones too."""
        (row,) = await self._scope.fetch(_COUNT)
        return int(row["count"])

    async def one(self, external_user_id: str, user_id: str, *, needs: Needs = _NOTHING) -> Known | None:
        """One relation."""
        return next(iter(await self._know([Place(external_user_id, user_id)], needs)), None)

    async def page(
        self, after: Place, *, most: int, staff: Collection[str] | None = None, needs: Needs = _NOTHING
    ) -> Sequence[Known]:
        """The relations that follow a place in the order of customer and member; with `staff` only these members'."""
        own = relations.c
        query = self._places().where(tuple_(own.external_user_id, own.user_id) > tuple_(*after))
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        return await self._know(await self._find(query.limit(most)), needs)

    async def of_customers(
        self, external_user_ids: Collection[str], *, staff: str = "", needs: Needs = _NOTHING
    ) -> Sequence[Known]:
        """The relations of some customers, or of one member with them."""
        own = relations.c
        query = self._places().where(own.external_user_id.in_(sorted(external_user_ids)))
        if staff:
            query = query.where(own.user_id == staff)
        return await self._know(await self._find(query), needs)

    def _places(self) -> Select[Any]:
        own = relations.c
        query = select(own.external_user_id, own.user_id).where(own.corp_id == self._scope.corp_id)
        return query.order_by(own.external_user_id, own.user_id)

    async def _find(self, query: Select[Any]) -> list[Place]:
        rows = await self._scope.database.fetch(Statement(query))
        return [Place(row["external_user_id"], row["user_id"]) for row in rows]

    async def _know(self, places: Sequence[Place], needs: Needs) -> list[Known]:
        if not places:
            return []
        facts = await conditions.facts(self._scope, needs | _ALWAYS, places, self._scope.now)
        owners: dict[Place, dict[str, tuple[Owner, ...]]] = {}
        people = sorted({place.external_user_id for place in places})
        for row in await self._scope.fetch(_OWNERS, keys=encode([(person,) for person in people])):
            of_tag = owners.setdefault(Place(row["external_user_id"], row["user_id"]), {})
            of_tag[row["tag_id"]] = (*of_tag.get(row["tag_id"], ()), owner(row))
        return [Known(facts=facts[place], owners=owners.get(place, {})) for place in places if facts[place].relations]
