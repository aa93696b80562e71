"""What happened between customers and members of staff: each fact once, never changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop.events import Happened
from storage.engine.many import Kind, bulk
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, from_ms, new_id, to_ms

_APPEND = insert(
    "history",
    ("id", "corp_id", "external_user_id", "user_id", "what", "effect", "facts", "event_id", "at", "channel_id"),
    unless="corp_id, effect",
)
_INSIST = """
    INSERT INTO history (id, corp_id, external_user_id, user_id, what, effect, facts, event_id, at)
    SELECT r.id, CAST(:corp_id AS TEXT), r.external_user_id, r.user_id, r.what, r.effect, r.facts,
           CAST(:event_id AS BIGINT), r.at
    FROM {rows} AS r WHERE TRUE
"""
_FACT: Mapping[str, Kind] = {
    "id": "BIGINT", "external_user_id": "TEXT", "user_id": "TEXT", "what": "TEXT", "effect": "TEXT", "facts": "TEXT",
    "at": "BIGINT",
}  # fmt: skip
_INSIST_ALL = bulk(_INSIST, **_FACT)
_EXTEND = bulk(f"{_INSIST} ON CONFLICT (corp_id, effect) DO NOTHING", **_FACT)
_TIMELINE = Statement("""
    SELECT id, external_user_id, user_id, what, facts, event_id, at FROM history
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND (at, id) < (:at, :id)
    ORDER BY at DESC, id DESC LIMIT :most
""")
_TALLY = Statement("""
    SELECT COUNT(DISTINCT CASE WHEN what IN ('added', 'returned', 'half_added') THEN external_user_id END) AS added,
           COUNT(DISTINCT CASE WHEN what = 'lost' THEN external_user_id END) AS lost,
           COUNT(DISTINCT CASE WHEN what = 'removed' THEN external_user_id END) AS removed
    FROM history WHERE corp_id = :corp_id AND user_id = :user_id AND at >= :since
      AND what IN ('added', 'returned', 'half_added', 'lost', 'removed')
""")
_NEWCOMERS = Statement("""
    SELECT user_id, COUNT(DISTINCT external_user_id) AS count FROM history
    WHERE corp_id = :corp_id AND user_id IN (SELECT value FROM {each}(CAST(:users AS {json})))
      AND what IN ('added', 'returned', 'half_added') AND at >= :since AND at < :until
    GROUP BY user_id
""")
_MOMENTS = Statement("""
    SELECT at FROM history
    WHERE corp_id = :corp_id AND user_id = :user_id AND what = :what AND at >= :since AND at <= :until ORDER BY at
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact; what `facts` holds depends on `what`."""

    id: int
    external_user_id: str
    user_id: str
    what: str
    facts: Mapping[str, Any]
    event_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact that is to be written; `effect` names it, `facts` are plain values."""

    what: str
    external_user_id: str
    user_id: str = ""
    effect: str
    facts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many different customers came to, left, or were removed by a member."""

    added: int
    lost: int
    removed: int


class History:
    """The facts of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def append(
        self, what: str, external_user_id: str, *, user_id: str, at: datetime, effect: str = "", **facts: Any
    ) -> None:
        """Write a fact, unless one of the same `effect` (by default: what, who and when) is there."""
        effect = effect or name(what, external_user_id, user_id=user_id, at=at)
        self._tell(
            Fact(what=what, external_user_id=external_user_id, user_id=user_id, effect=effect, facts=facts, at=at)
        )
        self._scope.write(
            _APPEND,
            id=new_id(),
            external_user_id=external_user_id,
            user_id=user_id,
            what=what,
            effect=effect,
            facts=encode(facts),
            event_id=self._scope.event_id,
            at=to_ms(at),
            channel_id=facts.get("channel_id"),
        )

    def extend(self, facts: Sequence[Fact], *, new: bool = False, told: bool = True) -> None:
        """Write many facts, unless they are there; with `new` it is a `Conflict` at commit if one of them is.

        Flows hear of them, unless `told` is False: for what is only written down late.
        """
        if not facts:
            return
        # In one order, so that two writers never wait for each other.
        facts = sorted(facts, key=lambda fact: fact.effect)
        for fact in facts if told else ():
            self._tell(fact)
        self._scope.write(
            _INSIST_ALL if new else _EXTEND,
            event_id=self._scope.event_id,
            id=[new_id() for _ in facts],
            external_user_id=[fact.external_user_id for fact in facts],
            user_id=[fact.user_id for fact in facts],
            what=[fact.what for fact in facts],
            effect=[fact.effect for fact in facts],
            facts=[encode(fact.facts) for fact in facts],
            at=[to_ms(fact.at) for fact in facts],
        )

    def _tell(self, fact: Fact) -> None:
        """Flows may wait for what happens to a customer; see `Store.hear`."""
        if fact.external_user_id:
            self._scope.happened.append(
                Happened(
                    corp_id=self._scope.corp_id,
                    at=fact.at,
                    name=fact.what,
                    external_user_id=fact.external_user_id,
                    user_id=fact.user_id,
                    effect=fact.effect,
                    data=dict(fact.facts),
                )
            )

    async def timeline(self, external_user_id: str, *, after: Entry | None = None, most: int = 50) -> tuple[Entry, ...]:
        """What happened with a customer, newest first; `after` is the last entry of the page before."""
        rows = await self._scope.fetch(
            _TIMELINE,
            external_user_id=external_user_id,
            at=to_ms(after.at) if after else FOREVER,
            id=after.id if after else FOREVER,
            most=most,
        )
        return tuple(_entry(row) for row in rows)

    async def tally(self, user_id: str, *, since: datetime) -> Tally:
        """A member's customers since a moment; one who was added twice counts once."""
        (row,) = await self._scope.fetch(_TALLY, user_id=user_id, since=to_ms(since))
        return Tally(added=row["added"], lost=row["lost"], removed=row["removed"])

    async def newcomers(self, users: Collection[str], *, since: datetime, until: datetime) -> dict[str, int]:
        """How many different customers came to members between two moments; those to whom none did are missing."""
        names = encode(sorted(users))
        rows = await self._scope.fetch(_NEWCOMERS, users=names, since=to_ms(since), until=to_ms(until))
        return {row["user_id"]: row["count"] for row in rows}

    async def moments(self, what: str, user_id: str, *, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """When something happened to a member's customers, both ends included, oldest first."""
        rows = await self._scope.fetch(_MOMENTS, user_id=user_id, what=what, since=to_ms(since), until=to_ms(until))
        return tuple(from_ms(row["at"]) for row in rows)


def name(what: str, external_user_id: str, *, user_id: str, at: datetime) -> str:
    """The effect of a fact that can happen once in a second."""
    return f"{what}:{external_user_id}:{user_id}:{to_ms(at)}"


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        external_user_id=row["external_user_id"],
        user_id=row["user_id"],
        what=row["what"],
        facts=decode(row["facts"]),
        event_id=row["event_id"],
        at=from_ms(row["at"]),
    )
