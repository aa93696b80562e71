"""What became of deliveries: rows come to their end, once, and the customer's history tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import sight
from storage.engine.many import bulk, joined
from storage.engine.sql import QUOTED, Row, Statement
from storage.scope import Scope
from storage.values import encode, maybe_moment, to_ms

_PIECES = {"{quoted}": QUOTED}
# The id of a delivery is the id of its fact, too: both come of one sequence, and each delivery ends once.
_TOLD = """
    INSERT INTO history (id, corp_id, external_user_id, user_id, what, effect, facts, event_id, at)
    SELECT d.id, d.corp_id, d.subject, d.user_id,
           CASE d.status WHEN 'sent' THEN 'messaged' ELSE 'message_failed' END, 'message:' || d.id,
           '{"delivery_id":"' || d.id || '","mailing_id":"' || d.mailing_id || '","origin":"' || d.origin
               || '","origin_id":"' || d.origin_id || '","node":' || {quoted}(d.node)
               || ',"reason":"' || d.reason || '"}',
           CAST(:event_id AS BIGINT), d.ended_at
"""
_FILL = " ON CONFLICT (corp_id, effect) DO NOTHING"
_WAITING = joined(
    "d.subject",
    "deliveries AS d",
    on="d.corp_id = :corp_id AND d.subject = k.subject AND d.mailing_id = :mailing_id",
    then="WHERE d.status = 'tasked'",
    subject="TEXT",
)
_THEIRS = joined(
    "d.subject",
    "deliveries AS d",
    on="d.corp_id = :corp_id AND d.subject = k.subject AND d.mailing_id = :mailing_id",
    subject="TEXT",
)
_END = bulk(
    """
    UPDATE deliveries SET status = r.status, reason = r.reason, ended_at = r.ended_at,
        user_id = CASE WHEN r.user_id = '' THEN deliveries.user_id ELSE r.user_id END
    FROM {rows} AS r
    WHERE deliveries.corp_id = :corp_id AND deliveries.subject = r.subject AND deliveries.mailing_id = :mailing_id
      AND deliveries.status = 'tasked'
    """,
    subject="TEXT", status="TEXT", reason="TEXT", ended_at="BIGINT", user_id="TEXT",
)  # fmt: skip
_TELL = Statement(
    _TOLD
    + """
    FROM deliveries AS d
    WHERE d.corp_id = :corp_id AND d.subject IN (SELECT value FROM {each}(CAST(:subjects AS {json})))
      AND d.mailing_id = :mailing_id AND d.kind = 'single' AND d.status IN ('sent', 'failed', 'unsent')
    """
    + _FILL,
    pieces=_PIECES,
    patient=True,
)
_END_ALL = Statement(
    "UPDATE deliveries SET status = :status, reason = :reason, ended_at = :at "
    "WHERE mailing_id = :mailing_id AND status = 'tasked'",
    patient=True,
)
_TELL_ALL = Statement(
    _TOLD
    + """
    FROM deliveries AS d
    WHERE d.mailing_id = :mailing_id AND d.kind = 'single' AND d.status IN ('failed', 'unsent')
      AND d.ended_at = :at
    """
    + _FILL,
    pieces=_PIECES,
    patient=True,
)
_COUNTS = Statement(
    "SELECT status, reason, COUNT(*) AS count FROM deliveries WHERE mailing_id = :mailing_id GROUP BY status, reason",
    patient=True,
    by_keys=True,
)
_MEMBERS = bulk(
    """
    INSERT INTO mailing_members (mailing_id, user_id, corp_id, open, confirmed_at)
    SELECT CAST(:mailing_id AS BIGINT), r.user_id, CAST(:corp_id AS TEXT), TRUE, r.confirmed_at
    FROM {rows} AS r WHERE TRUE
    ON CONFLICT (mailing_id, user_id) DO UPDATE SET confirmed_at = excluded.confirmed_at
    WHERE mailing_members.confirmed_at IS NULL AND excluded.confirmed_at IS NOT NULL
    """,
    user_id="TEXT",
    confirmed_at="BIGINT",
)
_MEMBER_ROWS = Statement(f"""
    SELECT user_id, open, confirmed_at FROM mailing_members
    WHERE mailing_id = :mailing_id AND user_id > :after AND {sight.MEANT} ORDER BY user_id LIMIT :most
""")
_PROGRESS = Statement("""
    SELECT COUNT(confirmed_at) AS confirmed, COUNT(*) AS count FROM mailing_members WHERE mailing_id = :mailing_id
""")
_UNCONFIRMED = Statement("""
    SELECT user_id, open, confirmed_at FROM mailing_members
    WHERE mailing_id = :mailing_id AND confirmed_at IS NULL ORDER BY user_id LIMIT :most
""")
_TO_READ = Statement("""
    SELECT user_id FROM mailing_members
    WHERE mailing_id = :mailing_id AND open AND confirmed_at IS NOT NULL AND user_id > :after
    ORDER BY user_id LIMIT :most
""")
_CLOSE = Statement("UPDATE mailing_members SET open = FALSE WHERE mailing_id = :mailing_id AND user_id = :user_id")
_CLOSE_ALL = Statement("UPDATE mailing_members SET open = FALSE WHERE mailing_id = :mailing_id AND open")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery: sent or failed, by whom, when."""

    subject: str
    status: str
    reason: str
    user_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One who has to confirm a mailing."""

    user_id: str
    open: bool
    confirmed_at: datetime | None


class Results:
    """The ends of a corp's deliveries."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def waiting(self, mailing_id: int, subjects: Sequence[str]) -> frozenset[str]:
        """Those of the recipients of whom nothing is known yet."""
        return await self._among(_WAITING, mailing_id, subjects)

    async def theirs(self, mailing_id: int, subjects: Sequence[str]) -> frozenset[str]:
        """Those who are recipients of the mailing."""
        return await self._among(_THEIRS, mailing_id, subjects)

    def end(self, mailing_id: int, results: Sequence[Result]) -> None:
        """Write what became of some."""
        if not results:
            return
        rows = sorted(results, key=lambda result: result.subject)
        self._scope.write(
            _END,
            mailing_id=mailing_id,
            subject=[row.subject for row in rows],
            status=[row.status for row in rows],
            reason=[row.reason for row in rows],
            ended_at=[to_ms(row.at) for row in rows],
            user_id=[row.user_id for row in rows],
        )
        subjects = encode([row.subject for row in rows])
        self._scope.write(_TELL, mailing_id=mailing_id, subjects=subjects, event_id=self._scope.event_id)

    def end_all(self, mailing_id: int, status: str, reason: str) -> None:
        """Whatever is still open of a mailing has come to this end."""
        self._scope.write(_END_ALL, mailing_id=mailing_id, status=status, reason=reason, at=self._scope.at)
        self._scope.write(_TELL_ALL, mailing_id=mailing_id, at=self._scope.at, event_id=self._scope.event_id)
        self._scope.write(_CLOSE_ALL, mailing_id=mailing_id)

    async def counts(self, mailing_id: int) -> Sequence[tuple[str, str, int]]:
        """How many stand how, and why."""
        rows = await self._scope.fetch(_COUNTS, mailing_id=mailing_id)
        return [(row["status"], row["reason"], row["count"]) for row in rows]

    def meet(self, mailing_id: int, members: Mapping[str, datetime | None]) -> None:
        """Note who has to confirm, and since when they have."""
        if members:
            names = sorted(members)
            moments = [None if (at := members[name]) is None else to_ms(at) for name in names]
            self._scope.write(_MEMBERS, mailing_id=mailing_id, user_id=names, confirmed_at=moments)

    async def progress(self, mailing_id: int) -> tuple[int, int]:
        """How many members have confirmed, and how many have not."""
        (row,) = await self._scope.fetch(_PROGRESS, mailing_id=mailing_id)
        return row["confirmed"], row["count"] - row["confirmed"]

    async def members(
        self, mailing_id: int, *, after: str = "", most: int = 200, staff: sight.Staff = None
    ) -> tuple[Member, ...]:
        """Who has to confirm, by id."""
        about = {"mailing_id": mailing_id, "after": after, "most": most, "staff": sight.name(staff)}
        rows = await self._scope.fetch(_MEMBER_ROWS, **about)
        return tuple(map(_member, rows))

    async def unconfirmed(self, mailing_id: int, *, most: int = 1000) -> tuple[Member, ...]:
        """Who has not confirmed."""
        return tuple(map(_member, await self._scope.fetch(_UNCONFIRMED, mailing_id=mailing_id, most=most)))

    async def to_read(self, mailing_id: int, *, after: str, most: int = 100) -> tuple[str, ...]:
        """Members who have confirmed, and of whose recipients not all is known."""
        rows = await self._scope.fetch(_TO_READ, mailing_id=mailing_id, after=after, most=most)
        return tuple(row["user_id"] for row in rows)

    def close(self, mailing_id: int, user_id: str) -> None:
        """All is known of a member's recipients."""
        self._scope.write(_CLOSE, mailing_id=mailing_id, user_id=user_id)

    async def _among(self, statement: Statement, mailing_id: int, subjects: Sequence[str]) -> frozenset[str]:
        if not subjects:
            return frozenset()
        keys = encode([[subject] for subject in subjects])
        return frozenset(row["subject"] for row in await self._scope.fetch(statement, mailing_id=mailing_id, keys=keys))


def _member(row: Row) -> Member:
    return Member(row["user_id"], bool(row["open"]), maybe_moment(row["confirmed_at"]))
