"""What is counted of customer groups and of the codes that lead into them."""

from datetime import datetime

from sop.groups.retention import Span
from storage import sight
from storage.engine.sql import Statement
from storage.groups.lists import SEEN
from storage.scope import Scope
from storage.values import from_ms, maybe_moment, to_ms

_OF_GROUP = Statement("""
    SELECT joined_at, left_at FROM group_members
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND kind = 'customer'
      AND (joined_at >= :since OR left_at >= :since) AND joined_at < :until
""")
_OF_STATE = Statement(f"""
    SELECT i.joined_at, i.left_at FROM group_members AS i
    JOIN customer_groups AS g ON g.corp_id = i.corp_id AND g.chat_id = i.chat_id
    WHERE i.corp_id = :corp_id AND i.state = :state AND i.state <> '' AND i.kind = 'customer'
      AND (i.joined_at >= :since OR i.left_at >= :since) AND i.joined_at < :until AND {SEEN}
""")
_MOVES = Statement("""
    SELECT joined_at AS at FROM group_members
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND kind = 'customer' AND CAST(:what AS TEXT) = 'joined'
      AND joined_at >= :since AND joined_at <= :until
    UNION ALL
    SELECT left_at AS at FROM group_members
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND kind = 'customer' AND CAST(:what AS TEXT) = 'left'
      AND parting <> 'unknown'
      AND left_at >= :since AND left_at <= :until
    ORDER BY at
""")
_BY_GROUP = Statement(f"""
    SELECT i.chat_id, COUNT(*) AS joined, COUNT(CASE WHEN i.left_at IS NULL THEN 1 END) AS inside
    FROM group_members AS i JOIN customer_groups AS g ON g.corp_id = i.corp_id AND g.chat_id = i.chat_id
    WHERE i.corp_id = :corp_id AND i.state = :state AND i.state <> '' AND {SEEN}
    GROUP BY i.chat_id ORDER BY i.chat_id
""")


class GroupNumbers:
    """The numbers of a corp's groups; customers only, staff come and go uncounted."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def of_group(self, chat_id: str, *, since: datetime, until: datetime) -> tuple[Span, ...]:
        """The stays in a group that began or ended in a time."""
        rows = await self._scope.fetch(_OF_GROUP, chat_id=chat_id, since=to_ms(since), until=to_ms(until))
        return tuple((from_ms(row["joined_at"]), maybe_moment(row["left_at"])) for row in rows)

    async def of_state(
        self, state: str, *, since: datetime, until: datetime, staff: sight.Staff = None
    ) -> tuple[Span, ...]:
        """The stays that a code brought and that began or ended in a time, in the groups that these members see."""
        span = {"since": to_ms(since), "until": to_ms(until)}
        rows = await self._scope.fetch(_OF_STATE, state=state, staff=sight.name(staff), **span)
        return tuple((from_ms(row["joined_at"]), maybe_moment(row["left_at"])) for row in rows)

    async def by_group(self, state: str, *, staff: sight.Staff = None) -> tuple[tuple[str, int, int], ...]:
        """Where a code has brought people, as far as these members see: chat id, how many ever, and still there."""
        rows = await self._scope.fetch(_BY_GROUP, state=state, staff=sight.name(staff))
        return tuple((row["chat_id"], row["joined"], row["inside"]) for row in rows)

    async def moments(self, chat_id: str, what: str, *, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """When customers `joined` or `left` a group, both ends included, oldest first.

        Departures of which no callback told are left out: when they were, nobody knows.
        """
        rows = await self._scope.fetch(_MOVES, chat_id=chat_id, what=what, since=to_ms(since), until=to_ms(until))
        return tuple(from_ms(row["at"]) for row in rows)
