"""Arrivals: who came to whom by which channel, a row per visit, so that the adds of a day are counted and not added up.

A row is named by the facts it follows from: told twice or in another order, they are the same rows.
"""

from collections.abc import Iterable
from datetime import datetime

from sop.channels.turns import Adds
from sop.events import CustomerArrived
from sop.relations import Fact, visits
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import to_ms

_KNOWN = Statement("""
    SELECT at, channel_id FROM arrivals
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id
""")
_FORGET = Statement("""
    DELETE FROM arrivals
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id AND at = :at
""")
_ARRIVE = Statement("""
    INSERT INTO arrivals (corp_id, external_user_id, user_id, at, channel_id)
    VALUES (:corp_id, :external_user_id, :user_id, :at, :channel_id)
    ON CONFLICT (corp_id, external_user_id, user_id, at) DO UPDATE SET channel_id = excluded.channel_id
""")
_COUNT = Statement("""
    SELECT user_id, COUNT(*) AS today, COUNT(CASE WHEN at >= :lately THEN 1 END) AS lately
    FROM arrivals WHERE channel_id = :channel_id AND at >= :today GROUP BY user_id
""")
_BEFORE = Statement("""
    SELECT COUNT(*) AS count FROM arrivals
    WHERE channel_id = :channel_id AND user_id = :user_id AND at >= :since AND at <= :at
      AND (at < :at OR external_user_id < :external_user_id)
""")


class Arrivals:
    """The arrivals of a corp's customers by its channels."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def record(self, external_user_id: str, user_id: str, *, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """Store the visits of a customer to a member by all that is known of the two; those that were not there."""
        pair = {"external_user_id": external_user_id, "user_id": user_id}
        known = {row["at"]: row["channel_id"] for row in await self._scope.fetch(_KNOWN, **pair)}
        found = {to_ms(visit.at): visit for visit in visits(facts) if visit.channel_id}
        for at in known.keys() - found.keys():
            self._scope.write(_FORGET, **pair, at=at)
        for at, visit in found.items():
            if known.get(at) != visit.channel_id:
                self._scope.write(_ARRIVE, **pair, at=at, channel_id=visit.channel_id)
        return tuple(visit for at, visit in found.items() if at not in known)

    async def before(self, arrival: CustomerArrived, *, since: datetime) -> int:
        """How many had come to the same member by the same channel since a moment, when this customer came."""
        (row,) = await self._scope.fetch(
            _BEFORE,
            channel_id=arrival.channel_id,
            user_id=arrival.user_id,
            external_user_id=arrival.external_user_id,
            at=to_ms(arrival.at),
            since=to_ms(since),
        )
        return int(row["count"])

    async def count(self, channel_id: int, *, today: datetime, lately: datetime) -> dict[str, Adds]:
        """The adds by a channel since two moments, the first of which is the earlier one; by member."""
        rows = await self._scope.fetch(_COUNT, channel_id=channel_id, today=to_ms(today), lately=to_ms(lately))
        return {row["user_id"]: Adds(today=row["today"], lately=row["lately"]) for row in rows}
