"""Lists of people, page by page in an order that never changes under the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_

from sop.staff import Member
from storage import sight
from storage.customers import Customer, escape
from storage.engine.sql import Row, Statement
from storage.schema.people import bindings, customers, relations, staff
from storage.scope import Scope
from storage.values import decode, from_ms, maybe_moment, to_ms

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers; what is empty or None does not matter. All but `words` and `tag` speak of one relation."""

    words: str = ""  # in the name or a remark
    staff: sight.Staff = None
    channel_id: int | None = None
    status: str = ""
    tag: str = ""
    since: datetime | None = None  # added, at the latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Who follows a listed customer, in short."""

    external_user_id: str
    user_id: str
    status: str
    remark: str
    channel_id: int | None
    added_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFilter:
    """Which members; what is empty or None does not matter."""

    words: str = ""  # in the name or the user id
    department: int | None = None  # theirs, not one below
    active: bool | None = None
    only: sight.Staff = None


class Listing:
    """The lists of a corp. `staff` of a filter also bounds what is seen: remarks and tags of others don't match."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def customers(
        self, which: CustomerFilter, *, limit: int, after: tuple[int, str] | None = None
    ) -> list[tuple[Customer, int]]:
        """A page, the newest first; each with the stored moment that its place in the order is made of."""
        own = customers.c
        query = (
            select(customers)
            .where(own.corp_id == self._scope.corp_id, *_customer_conditions(which))
            .order_by(own.created_at.desc(), own.external_user_id.desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(own.created_at, own.external_user_id) < tuple_(*after))
        return [(_customer(row), row["created_at"]) for row in await self._fetch(query)]

    async def bonds(self, external_user_ids: Sequence[str], *, staff: sight.Staff = None) -> list[Bond]:
        """Who follows or followed these customers."""
        own = relations.c
        query = (
            select(relations)
            .where(own.corp_id == self._scope.corp_id, own.external_user_id.in_(external_user_ids))
            .order_by(own.added_at, own.user_id)
        )
        if staff is not None:
            query = query.where(sight.among(own.user_id, staff))
        return [_bond(row) for row in await self._fetch(query)] if external_user_ids else []

    async def staff(self, which: StaffFilter, *, limit: int, after: str = "") -> list[Member]:
        """A page of members by user id."""
        own = staff.c
        query = select(staff).where(own.corp_id == self._scope.corp_id, own.user_id > after)
        if which.words:
            pattern = f"%{escape(which.words)}%"
            query = query.where(or_(own.name.ilike(pattern, escape="!"), own.user_id.ilike(pattern, escape="!")))
        if which.department is not None:
            query = query.where(sight.holds(own.departments, which.department))
        if which.active is not None:
            query = query.where(own.active == which.active)
        if which.only is not None:
            query = query.where(sight.among(own.user_id, which.only))
        return [_member(row) for row in await self._fetch(query.order_by(own.user_id).limit(limit))]

    async def follows(self, user_id: str) -> int:
        """How many customers a member has now."""
        own = relations.c
        query = select(func.count().label("count")).where(
            own.corp_id == self._scope.corp_id, own.user_id == user_id, own.status == "active"
        )
        (row,) = await self._fetch(query)
        count: int = row["count"]
        return count

    async def _fetch(self, query: Select[Any]) -> Sequence[Row]:
        return await self._scope.database.fetch(Statement(query))


def _customer_conditions(which: CustomerFilter) -> list[Condition]:
    related = _relation_conditions(which)
    found: list[Condition] = [exists().where(*_same_person(relations), *related)] if related else []
    if which.tag:
        carrying = [*_same_person(bindings), bindings.c.tag_id == which.tag]
        if which.staff is not None:
            carrying.append(sight.among(bindings.c.user_id, which.staff))
        found.append(exists().where(*carrying))
    if which.words:
        pattern = f"%{escape(which.words)}%"
        remarked = [*_same_person(relations), relations.c.remark.ilike(pattern, escape="!")]
        if which.staff is not None:
            remarked.append(sight.among(relations.c.user_id, which.staff))
        found.append(or_(customers.c.name.ilike(pattern, escape="!"), exists().where(*remarked)))
    return found


def _relation_conditions(which: CustomerFilter) -> list[Condition]:
    own = relations.c
    found = []
    if which.staff is not None:
        found.append(sight.among(own.user_id, which.staff))
    if which.channel_id is not None:
        found.append(own.channel_id == which.channel_id)
    if which.status:
        found.append(own.status == which.status)
    if which.since is not None:
        found.append(own.added_at >= to_ms(which.since))
    return found


def _same_person(table: Any) -> tuple[Condition, Condition]:
    return (
        table.c.corp_id == customers.c.corp_id,
        table.c.external_user_id == customers.c.external_user_id,
    )


def _customer(row: Row) -> Customer:
    names = ("external_user_id", "name", "avatar", "type", "gender", "unionid", "corp_name")
    return Customer(
        **{name: row[name] for name in names},
        created_at=from_ms(row["created_at"]),
        changed_at=from_ms(row["changed_at"]),
    )


def _bond(row: Row) -> Bond:
    return Bond(
        external_user_id=row["external_user_id"],
        user_id=row["user_id"],
        status=row["status"],
        remark=row["remark"],
        channel_id=row["channel_id"],
        added_at=from_ms(row["added_at"]),
        ended_at=maybe_moment(row["ended_at"]),
    )


def _member(row: Row) -> Member:
    return Member(
        user_id=row["user_id"],
        name=row["name"],
        departments=tuple(decode(row["departments"])),
        leads=tuple(decode(row["leads"])),
        leader=row["leader"],
        active=bool(row["active"]),
        contactable=bool(row["contactable"]),
    )
