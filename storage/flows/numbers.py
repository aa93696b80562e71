"""The numbers of a flow: who is where, how the others ended, and who saw which arm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage import sight
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import FOREVER, decode, from_ms, maybe_moment

_PARKED = Statement(
    """
    SELECT version, node, COUNT(*) AS count FROM enrolments
    WHERE corp_id = :corp_id AND flow_id = :flow_id AND status = 'parked' GROUP BY version, node
    """,
    patient=True,
)
_ENDED = Statement(
    """
    SELECT status, reason, COUNT(*) AS count FROM enrolments
    WHERE corp_id = :corp_id AND flow_id = :flow_id AND status <> 'parked' GROUP BY status, reason
    """,
    patient=True,
)
_ARMS = Statement(
    """
    SELECT node, arm, COUNT(*) AS exposed, COUNT(converted_at) AS converted FROM exposures
    WHERE corp_id = :corp_id AND flow_id = :flow_id GROUP BY node, arm ORDER BY node, arm
    """,
    patient=True,
)
_COLUMNS = (
    "id, flow_id, version, subject, user_id, key, cause, status, node, visit, entered_at, node_at, due_at, reason, "
    "ended_at"
)
_PAGE = Statement(
    f"""
    SELECT {_COLUMNS} FROM enrolments
    WHERE corp_id = :corp_id AND flow_id = :flow_id AND id < :before
      AND (:status = '' OR status = :status) AND (:node = '' OR node = :node) AND {sight.MEANT}
    ORDER BY id DESC LIMIT :most
    """,
    patient=True,
)
_OF_SUBJECT = Statement(f"""
    SELECT {_COLUMNS} FROM enrolments
    WHERE corp_id = :corp_id AND subject = :subject AND id < :before AND {sight.MEANT}
    ORDER BY id DESC LIMIT :most
""")
_ONE = Statement(f"SELECT {_COLUMNS} FROM enrolments WHERE corp_id = :corp_id AND id = :id")
_STEPS = Statement("""
    SELECT node, visit, verdict, reason, port, facts, at FROM flow_steps WHERE enrolment_id = :id
    ORDER BY at, visit, node
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody is, or how they ended."""

    id: int
    flow_id: int
    version: int
    subject: str
    user_id: str
    key: str
    cause: str
    status: str
    node: str
    visit: int
    entered_at: datetime
    node_at: datetime
    due_at: datetime
    reason: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that was taken, and what it was decided by."""

    node: str
    visit: int
    verdict: str
    reason: str
    port: str
    facts: Mapping[str, object]
    at: datetime


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of the experiment at a node: how many were exposed to it, and how many of them reached the goal."""

    node: str
    arm: str
    exposed: int
    converted: int


class Numbers:
    """The numbers of a corp's flows."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def parked(self, flow_id: int) -> dict[tuple[int, str], int]:
        """How many are at each node of each version."""
        rows = await self._scope.fetch(_PARKED, flow_id=flow_id)
        return {(row["version"], row["node"]): row["count"] for row in rows}

    async def ended(self, flow_id: int) -> dict[tuple[str, str], int]:
        """How many have ended, by how and why."""
        rows = await self._scope.fetch(_ENDED, flow_id=flow_id)
        return {(row["status"], row["reason"]): row["count"] for row in rows}

    async def arms(self, flow_id: int) -> tuple[Arm, ...]:
        """How the experiments of a flow stand."""
        rows = await self._scope.fetch(_ARMS, flow_id=flow_id)
        return tuple(Arm(row["node"], row["arm"], row["exposed"], row["converted"]) for row in rows)

    async def page(
        self, flow_id: int, *, status: str = "", node: str = "", staff: sight.Staff = None, before: int = FOREVER,
        most: int = 50,
    ) -> tuple[Place, ...]:  # fmt: skip
        """Who is or was in a flow, the newest first."""
        rows = await self._scope.fetch(
            _PAGE, flow_id=flow_id, status=status, node=node, staff=sight.name(staff), before=before, most=most
        )
        return tuple(map(_place, rows))

    async def of(
        self, subject: str, *, staff: sight.Staff = None, before: int = FOREVER, most: int = 50
    ) -> tuple[Place, ...]:
        """Where a customer or a group is and was, the newest first."""
        rows = await self._scope.fetch(_OF_SUBJECT, subject=subject, staff=sight.name(staff), before=before, most=most)
        return tuple(map(_place, rows))

    async def get(self, enrolment_id: int) -> Place | None:
        """One of them."""
        rows = await self._scope.fetch(_ONE, id=enrolment_id)
        return _place(rows[0]) if rows else None

    async def steps(self, enrolment_id: int) -> tuple[Done, ...]:
        """Every step that somebody has taken, oldest first."""
        rows = await self._scope.database.fetch(_STEPS, id=enrolment_id)
        return tuple(
            Done(
                node=row["node"],
                visit=row["visit"],
                verdict=row["verdict"],
                reason=row["reason"],
                port=row["port"],
                facts=decode(row["facts"]),
                at=from_ms(row["at"]),
            )
            for row in rows
        )


def _place(row: Row) -> Place:
    return Place(
        id=row["id"],
        flow_id=row["flow_id"],
        version=row["version"],
        subject=row["subject"],
        user_id=row["user_id"],
        key=row["key"],
        cause=row["cause"],
        status=row["status"],
        node=row["node"],
        visit=row["visit"],
        entered_at=from_ms(row["entered_at"]),
        node_at=from_ms(row["node_at"]),
        due_at=from_ms(row["due_at"]),
        reason=row["reason"],
        ended_at=maybe_moment(row["ended_at"]),
    )
