"""What became of a run's messages: counted from their rows, and read one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop.broadcasts.funnels import Tally
from storage import sight
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import from_ms, maybe_moment

_OF_RUN = f"""
    FROM deliveries WHERE corp_id = :corp_id AND origin = 'broadcast' AND origin_id = :run_id AND {sight.MEANT}
"""
_TALLY = Statement(
    f"""
    SELECT arm, status, reason, mailing_id IS NOT NULL AS carried, COUNT(*) AS count {_OF_RUN}
    GROUP BY arm, status, reason, mailing_id IS NOT NULL ORDER BY arm, status, reason
    """,
    patient=True,
)
_STANDS = ("planned", "tasked", "sent", "failed", "unsent", "cancelled", "skipped")
_MEMBERS = Statement(
    f"""
    SELECT user_id, COUNT(*) AS targeted,
           {", ".join(f"COUNT(CASE WHEN status = '{each}' THEN 1 END) AS {each}" for each in _STANDS)}
    {_OF_RUN} AND (user_id > :after OR (:first AND user_id = ''))
    GROUP BY user_id ORDER BY user_id LIMIT :most
    """,
    patient=True,
)
_ROWS = Statement(
    f"""
    SELECT id, subject, user_id, arm, status, reason, mailing_id, due_at, ended_at {_OF_RUN}
      AND id > :after AND (CAST(:status AS TEXT) = '' OR status = :status)
      AND (CAST(:reason AS TEXT) = '' OR reason = :reason) AND (CAST(:arm AS TEXT) = '' OR arm = :arm)
    ORDER BY id LIMIT :most
    """,
    patient=True,
)
_SENT = f"""
    SELECT d.arm, COUNT(DISTINCT d.subject) AS count FROM (
        SELECT arm, subject, corp_id, ended_at {_OF_RUN} AND status = 'sent' AND kind = 'single') AS d
"""
_REPLIED = Statement(
    f"""
    {_SENT} WHERE EXISTS (
        SELECT 1 FROM relations AS r
        WHERE r.corp_id = d.corp_id AND r.external_user_id = d.subject AND r.replied_at >= d.ended_at)
    GROUP BY d.arm
    """,
    patient=True,
)
_HAPPENED = Statement(
    f"""
    {_SENT} WHERE EXISTS (
        SELECT 1 FROM history AS h
        WHERE h.corp_id = d.corp_id AND h.external_user_id = d.subject AND h.what = :event
          AND h.at >= d.ended_at AND h.at <= d.ended_at + :span)
    GROUP BY d.arm
    """,
    patient=True,
)
_PLANNED = Statement("""
    SELECT 1 FROM deliveries
    WHERE corp_id = :corp_id AND origin = 'broadcast' AND origin_id = :run_id AND status = 'planned' LIMIT 1
""")
_MADE = Statement("""
    SELECT 1 FROM mailings
    WHERE corp_id = :corp_id AND origin = 'broadcast' AND origin_id = :run_id
      AND status IN ('making', 'unknown', 'made') LIMIT 1
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """How one member's part of a run stands; what WeCom gives to whoever chatted last has no member before."""

    user_id: str
    targeted: int
    planned: int
    tasked: int
    sent: int
    failed: int
    unsent: int
    cancelled: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one message of a run stands."""

    id: int
    subject: str
    user_id: str
    arm: str
    status: str
    reason: str
    mailing_id: int | None
    due_at: datetime
    ended_at: datetime | None


class Results:
    """The results of a corp's broadcasts; `staff` bounds whose are counted."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def tally(self, run_id: int, *, staff: sight.Staff = None) -> tuple[Tally, ...]:
        """How many messages stand how."""
        rows = await self._scope.fetch(_TALLY, run_id=run_id, staff=sight.name(staff))
        return tuple(
            Tally(
                arm=row["arm"],
                status=row["status"],
                reason=row["reason"],
                carried=bool(row["carried"]),
                count=row["count"],
            )
            for row in rows
        )

    async def replied(self, run_id: int, *, staff: sight.Staff = None) -> Mapping[str, int]:
        """By variant, how many have written after they had it."""
        return _by_arm(await self._scope.fetch(_REPLIED, run_id=run_id, staff=sight.name(staff)))

    async def happened(
        self, run_id: int, event: str, window: timedelta, *, staff: sight.Staff = None
    ) -> Mapping[str, int]:
        """By variant, to how many an event has happened after they had it, within a time."""
        span = int(window.total_seconds() * 1000)
        rows = await self._scope.fetch(_HAPPENED, run_id=run_id, event=event, span=span, staff=sight.name(staff))
        return _by_arm(rows)

    async def members(
        self, run_id: int, *, after: str | None = None, most: int = 50, staff: sight.Staff = None
    ) -> tuple[Member, ...]:
        """Member by member, in the order of their ids; first, as "", what nobody has by name."""
        place = {"after": after or "", "first": after is None}
        rows = await self._scope.fetch(_MEMBERS, run_id=run_id, most=most, staff=sight.name(staff), **place)
        return tuple(Member(**{name: row[name] for name in Member.__slots__}) for row in rows)

    async def page(
        self,
        run_id: int,
        *,
        after: int = 0,
        most: int = 50,
        status: str = "",
        reason: str = "",
        arm: str = "",
        staff: sight.Staff = None,
    ) -> tuple[Outcome, ...]:
        """Message by message."""
        about = {"status": status, "reason": reason, "arm": arm, "after": after, "most": most}
        rows = await self._scope.fetch(_ROWS, run_id=run_id, staff=sight.name(staff), **about)
        return tuple(map(_outcome, rows))

    async def left(self, run_id: int) -> bool:
        """Whether anything of a run is still to come."""
        for statement in (_PLANNED, _MADE):
            if await self._scope.fetch(statement, run_id=run_id):
                return True
        return False


def _by_arm(rows: Sequence[Row]) -> Mapping[str, int]:
    return {row["arm"]: row["count"] for row in rows}


def _outcome(row: Row) -> Outcome:
    names = ("id", "subject", "user_id", "arm", "status", "reason", "mailing_id")
    return Outcome(
        **{name: row[name] for name in names},
        due_at=from_ms(row["due_at"]),
        ended_at=maybe_moment(row["ended_at"]),
    )
