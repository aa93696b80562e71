"""A customer's timeline: what happened, was decided and why, was done at WeCom, and was sent, in one order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage import sight
from storage.engine.sql import QUOTED, Row, Statement
from storage.scope import Scope
from storage.values import FOREVER, decode, from_ms, maybe_moment

Source = Literal["history", "decision", "intent", "delivery"]
SOURCES: tuple[Source, ...] = ("history", "decision", "intent", "delivery")
Place = tuple[int, int, int]
START: Place = (FOREVER, 0, 0)
# What concerns no member in particular is seen by everybody who may see the customer.
_ABOUT = f"corp_id = :corp_id AND external_user_id = :customer AND (user_id = '' OR {sight.MEANT})"
_READ = Statement(
    f"""
    SELECT at, source, id, what, verdict, reason, rule, version, user_id, facts, event_id, finished_at FROM (
        SELECT at, 0 AS source, id, what, '' AS verdict, '' AS reason, '' AS rule, 0 AS version, user_id, facts,
               event_id, CAST(NULL AS BIGINT) AS finished_at
        FROM history WHERE {_ABOUT}
        UNION ALL
        SELECT at, 1, id, what, verdict, reason, rule, version, user_id, facts, event_id, NULL
        FROM decisions WHERE {_ABOUT}
        UNION ALL
        SELECT created_at, 2, id, kind, status, reason, '', 0, '', '{{}}', event_id, finished_at
        FROM intents WHERE corp_id = :corp_id AND (
            id IN (SELECT intent_id FROM decisions WHERE {_ABOUT})
            OR event_id IN (SELECT event_id FROM decisions WHERE {_ABOUT})
            OR event_id IN (SELECT event_id FROM history WHERE {_ABOUT}))
        UNION ALL
        SELECT at, 3, id, 'message', status, reason, origin || ':' || origin_id, version, user_id,
               '{{"node":' || {{quoted}}(node) || ',"topic":' || {{quoted}}(topic) || ',"mailing_id":"'
                   || COALESCE(CAST(mailing_id AS TEXT), '') || '"}}', NULL, ended_at
        FROM deliveries WHERE corp_id = :corp_id AND subject = :customer AND (user_id = '' OR {sight.MEANT})
    ) AS entries
    WHERE (at, source, id) < (:at, :source, :id)
    ORDER BY at DESC, source DESC, id DESC LIMIT :limit
    """,
    pieces={"{quoted}": QUOTED},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: `source` is where it stands; `verdict` and `reason` say how that went, of a delivery how it stands."""

    at: datetime
    source: Source
    id: int
    what: str
    verdict: str
    reason: str
    rule: str
    version: int
    user_id: str
    facts: Mapping[str, Any]
    event_id: int | None
    finished_at: datetime | None
    place: Place


class Timeline:
    """The timelines of a corp's customers."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def read(self, customer: str, *, staff: sight.Staff = None, limit: int, after: Place = START) -> list[Entry]:
        """A page, the newest first, without what concerns other members than `staff`."""
        at, source, identity = after
        rows = await self._scope.fetch(
            _READ, customer=customer, staff=sight.name(staff), limit=limit, at=at, source=source, id=identity
        )
        return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    return Entry(
        at=from_ms(row["at"]),
        source=SOURCES[row["source"]],
        id=row["id"],
        what=row["what"],
        verdict=row["verdict"],
        reason=row["reason"],
        rule=row["rule"],
        version=row["version"],
        user_id=row["user_id"],
        facts=decode(row["facts"]),
        event_id=row["event_id"],
        finished_at=maybe_moment(row["finished_at"]),
        place=(row["at"], row["source"], row["id"]),
    )
