"""What is planned and has become late: its flow was paused, or nobody was there; it is to be judged anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sop.deliveries import Kind, Origin, Status
from storage.engine.many import bulk
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import from_ms, to_ms

_LATE = Statement(
    """
    SELECT id, kind, subject, user_id, origin, origin_id, topic, transactional, due_at FROM deliveries
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'planned'
      AND due_at < :before
    ORDER BY due_at, id LIMIT :most
    """,
    patient=True,
    by_keys=True,
)
_SETTLE = bulk(
    """
    UPDATE deliveries SET status = r.status, reason = r.reason, due_at = r.due_at, ordinal = r.ordinal,
                          ended_at = CASE WHEN r.status = 'planned' THEN NULL ELSE CAST(:at AS BIGINT) END
    FROM {rows} AS r WHERE deliveries.id = r.id AND deliveries.status = 'planned'
    """,
    id="BIGINT",
    status="TEXT",
    reason="TEXT",
    due_at="BIGINT",
    ordinal="BIGINT",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A planned message that should have gone out by now."""

    id: int
    kind: Kind
    subject: str
    user_id: str
    origin: Origin
    origin_id: int
    topic: str
    transactional: bool
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What becomes of one: it stays planned for a moment, with a new ordinal, or is `skipped`, without one."""

    id: int
    status: Status
    reason: str
    due_at: datetime
    ordinal: int | None


class Late:
    """The late messages of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def of(self, origin: Origin, origin_id: int, *, before: datetime, most: int) -> tuple[Overdue, ...]:
        """Those of a flow or broadcast that were due before a moment, the oldest first."""
        about = {"origin": origin, "origin_id": origin_id, "before": to_ms(before), "most": most}
        return tuple(map(_overdue, await self._scope.fetch(_LATE, **about)))

    def settle(self, settled: Sequence[Settled]) -> None:
        """Write what becomes of them. At commit `Conflict` where another has taken one of the ordinals."""
        self._scope.write(
            _SETTLE,
            at=self._scope.at,
            id=[each.id for each in settled],
            status=[each.status.value for each in settled],
            reason=[each.reason for each in settled],
            due_at=[to_ms(each.due_at) for each in settled],
            ordinal=[each.ordinal for each in settled],
        )


def _overdue(row: Row) -> Overdue:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row is no mapping
    return Overdue(**values | {"transactional": bool(row["transactional"]), "due_at": from_ms(row["due_at"])})
