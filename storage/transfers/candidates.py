"""Who could be handed over: a member's customers by filter, or groups, with what stands for or against each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, select, tuple_

from sop.transfers import MISSED, UNDECIDED, WINDOW, State
from sop.transfers.takers import Candidate, Taker
from storage.engine.sql import Row, Statement
from storage.schema.groups import customer_groups, group_bindings
from storage.schema.people import bindings, relations
from storage.schema.transfers import transfer_rows, unassigned
from storage.scope import Scope
from storage.settings import Settings
from storage.values import to_ms

Condition = ColumnElement[bool]
CAPACITY = "transfers.capacity"  # setting: the most customers a member may have, by user id
_PAGE = 500
_LEARNT = timedelta(days=7)  # so long a taker whom WeCom called full is taken for full


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which of a member's customers (or groups); what is empty does not matter. `subjects` names them one by one."""

    statuses: tuple[str, ...] = ("active",)
    tags: tuple[str, ...] = ()  # any of these; of groups, their labels
    channels: tuple[int, ...] = ()
    since: datetime | None = None  # added, or founded
    until: datetime | None = None
    subjects: tuple[str, ...] = ()
    source_id: int | None = None  # the misses of this transfer


class Giving(Protocol):
    """Whose, and of which kind: a draft or a stored transfer."""

    @property
    def what(self) -> str:
        """Customers or groups."""

    @property
    def handover(self) -> str:
        """Who gives."""

    @property
    def resigned(self) -> bool:
        """Whether the giver has left."""

    @property
    def takers(self) -> tuple[Taker, ...]:
        """To whom."""


class Candidates:
    """The customers of a corp's members, as far as they may be handed over."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def turn(
        self, draft: Giving, which: Which, *, takers: Collection[str], cursor: str = ""
    ) -> tuple[list[Candidate], str | None]:
        """The next few hundred customers, judged, and the cursor of those after them, None when there are none.

        Of who has left, those that are nobody's; else those in one of the statuses. Whoever is named one by one
        comes, related or not.
        """
        if which.subjects:
            start = int(cursor or 0)
            subjects = sorted(set(which.subjects))[start : start + _PAGE]
            chosen = replace(which, subjects=tuple(subjects))
            related = {subject for _, subject in await self._page(draft, chosen)}
            following = str(start + _PAGE) if start + _PAGE < len(set(which.subjects)) else None
        else:
            rows = await self._page(draft, which, cursor=cursor)
            subjects = [subject for _, subject in rows]
            related = set(subjects)
            following = ":".join(map(str, rows[-1])) if len(rows) == _PAGE else None
        judged = await self._judge(subjects, takers=takers, source_id=which.source_id)
        return [replace(one, related=one.subject in related) for one in judged], following

    async def _page(self, draft: Giving, which: Which, *, cursor: str = "") -> list[tuple[int, str]]:
        customers = self._of_who_left if draft.resigned else self._of_member
        query = (self._groups if draft.what == "groups" else customers)(draft.handover, which)
        if cursor:
            at, _, subject = cursor.partition(":")
            query = query.where(tuple_(*query.selected_columns) > tuple_(int(at), subject))
        return [(row["at"], row["subject"]) for row in await self._fetch(query.limit(_PAGE))]

    async def _judge(
        self, subjects: Sequence[str], *, takers: Collection[str], source_id: int | None = None
    ) -> list[Candidate]:
        found = {subject: Candidate(subject=subject) for subject in subjects}
        since = to_ms(self._scope.now - WINDOW)
        own = transfer_rows.c
        rows = await self._fetch(
            select(own.subject, own.transfer_id, own.taker, own.resigned, own.state, own.ended_at).where(
                own.corp_id == self._scope.corp_id, own.subject.in_(subjects)
            )
        )
        for row in rows:
            one = found[row["subject"]]
            moved = row["state"] == State.DONE and not row["resigned"] and row["ended_at"] > since
            missed = row["state"] in MISSED and source_id is not None
            found[one.subject] = replace(
                one,
                waiting=one.waiting or row["state"] in UNDECIDED,
                moves=one.moves + moved,
                tried=one.tried | {row["taker"]} if missed else one.tried,
            )
        for row in await self._fetch(_followers(self._scope.corp_id, subjects, takers)):
            one = found[row["subject"]]
            found[one.subject] = replace(one, known=one.known | {row["user_id"]})
        return list(found.values())

    async def takers(self, draft: Giving, *, apart_from: int = 0) -> list[Taker]:
        """The takers with how many more each can take: as given, else as set, else by what WeCom said lately.

        The setting `transfers.capacity` is of customers in all; who comes by the transfer `apart_from` is not counted.
        """
        if draft.what == "groups":
            return list(draft.takers)
        limits = await Settings(self._scope).get(CAPACITY, dict[str, int]())
        full = await self._full([taker.user_id for taker in draft.takers])
        made = []
        for taker in draft.takers:
            room = taker.capacity
            if room is None and taker.user_id in limits:
                room = max(0, limits[taker.user_id] - await self._load(taker.user_id, apart_from))
            if room is None and taker.user_id in full:
                room = 0
            made.append(replace(taker, capacity=room))
        return made

    async def _full(self, takers: Sequence[str]) -> set[str]:
        own = transfer_rows.c
        query = (
            select(own.taker)
            .distinct()
            .where(
                own.corp_id == self._scope.corp_id,
                own.taker.in_(takers),
                own.state == literal_column("'limit'"),  # as its index is written
                own.ended_at > to_ms(self._scope.now - _LEARNT),
            )
        )
        return {row["taker"] for row in await self._fetch(query)}

    async def _load(self, taker: str, apart_from: int) -> int:
        """How many customers a member has, or is getting."""
        bound, coming = relations.c, transfer_rows.c
        own = select(func.count().label("count")).where(
            bound.corp_id == self._scope.corp_id, bound.user_id == taker, bound.status == "active"
        )
        more = select(func.count().label("count")).where(
            coming.corp_id == self._scope.corp_id,
            coming.taker == taker,
            coming.state.in_([*UNDECIDED]),
            coming.transfer_id != apart_from,
        )
        return sum([(await self._fetch(query))[0]["count"] for query in (own, more)])

    def _of_member(self, handover: str, which: Which) -> Select[Any]:
        own = relations.c
        conditions = [own.corp_id == self._scope.corp_id, own.user_id == handover, *_narrow(which)]
        if which.statuses:
            conditions.append(own.status.in_(which.statuses))
        if which.subjects:
            conditions.append(own.external_user_id.in_(which.subjects))
        if which.source_id is not None:
            conditions.append(_missed(own.external_user_id, which.source_id))
        at, subject = own.added_at.label("at"), own.external_user_id.label("subject")
        return select(at, subject).where(*conditions).order_by(own.added_at, own.external_user_id)

    def _groups(self, handover: str, which: Which) -> Select[Any]:
        """The groups that a member owns, whether or not they have left: by label, founding, names and misses."""
        own, label = customer_groups.c, group_bindings.c
        conditions = [own.corp_id == self._scope.corp_id, own.owner == handover, own.status != "dismissed"]
        if which.tags:
            same = and_(label.corp_id == own.corp_id, label.chat_id == own.chat_id)
            conditions.append(exists().where(same, label.tag_id.in_(map(int, which.tags))))
        if which.since is not None:
            conditions.append(own.created_at >= to_ms(which.since))
        if which.until is not None:
            conditions.append(own.created_at < to_ms(which.until))
        if which.subjects:
            conditions.append(own.chat_id.in_(which.subjects))
        if which.source_id is not None:
            conditions.append(_missed(own.chat_id, which.source_id))
        at, subject = own.created_at.label("at"), own.chat_id.label("subject")
        return select(at, subject).where(*conditions).order_by(own.created_at, own.chat_id)

    def _of_who_left(self, handover: str, which: Which) -> Select[Any]:
        own, bound = unassigned.c, relations.c
        conditions = [own.corp_id == self._scope.corp_id, own.handover == handover]
        if which.source_id is None:
            conditions.append(own.placed_at.is_(None))
        if narrow := _narrow(which):
            same = and_(bound.corp_id == own.corp_id, bound.external_user_id == own.external_user_id)
            conditions.append(exists().where(same, bound.user_id == handover, *narrow))
        if which.subjects:
            conditions.append(own.external_user_id.in_(which.subjects))
        if which.source_id is not None:
            conditions.append(_missed(own.external_user_id, which.source_id))
        at, subject = own.left_at.label("at"), own.external_user_id.label("subject")
        return select(at, subject).where(*conditions).order_by(own.left_at, own.external_user_id)

    async def _fetch(self, query: Select[Any]) -> Sequence[Row]:
        return await self._scope.database.fetch(Statement(query))


def _narrow(which: Which) -> list[Condition]:
    """What a filter says of a relation."""
    own = relations.c
    found: list[Condition] = []
    if which.channels:
        found.append(own.channel_id.in_(which.channels))
    if which.since is not None:
        found.append(own.added_at >= to_ms(which.since))
    if which.until is not None:
        found.append(own.added_at < to_ms(which.until))
    if which.tags:
        tag = bindings.c
        same = and_(tag.corp_id == own.corp_id, tag.external_user_id == own.external_user_id)
        found.append(exists().where(same, tag.user_id == own.user_id, tag.tag_id.in_(which.tags)))
    return found


def _missed(subject: Any, source_id: int) -> Condition:
    own = transfer_rows.c
    return exists().where(
        own.transfer_id == source_id, own.subject == subject, own.state.in_([state.value for state in MISSED])
    )


def _followers(corp_id: str, subjects: Sequence[str], users: Collection[str]) -> Select[Any]:
    own = relations.c
    return select(own.external_user_id.label("subject"), own.user_id).where(
        own.corp_id == corp_id,
        own.external_user_id.in_(subjects),
        own.user_id.in_(users),
        own.status.in_(["active", "half"]),
    )
