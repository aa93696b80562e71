"""Arrivals: who came to whom by which channel, a row per visit, so that the adds of a day are counted and not added up.

A row is named by the facts it follows from: told twice or in another order, they are the same rows.
"""

from collections.abc import Iterable
from datetime import datetime

from sop.relations import Fact, visits
from sop.turns import Adds
from storage.scope import Scope
from storage.sql import Statement
from storage.values import to_ms

_FORGET = Statement("""
    DELETE FROM arrivals
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id
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


class Arrivals:
    """The arrivals of a corp's customers by its channels."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def record(self, external_user_id: str, user_id: str, *, facts: Iterable[Fact]) -> None:
        """Store the visits of a customer to a member by all that is known of the two."""
        pair = {"external_user_id": external_user_id, "user_id": user_id}
        self._scope.write(_FORGET, **pair)
        for visit in visits(facts):
            if visit.channel_id:
                self._scope.write(_ARRIVE, **pair, at=to_ms(visit.at), channel_id=visit.channel_id)

    async def count(self, channel_id: int, *, today: datetime, lately: datetime) -> dict[str, Adds]:
        """The adds by a channel since two moments, the first of which is the earlier one; by member."""
        rows = await self._scope.fetch(_COUNT, channel_id=channel_id, today=to_ms(today), lately=to_ms(lately))
        return {row["user_id"]: Adds(today=row["today"], lately=row["lately"]) for row in rows}
