"""Stopping: what is planned of a flow or broadcast is called off, many rows at once."""

from sop.deliveries.mailings import STOPPED
from storage.engine.sql import Statement
from storage.scope import Scope

_STANDS = Statement("""
    SELECT stopped_at FROM delivery_origins
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND stopped_at IS NOT NULL
""")
_PLANNED = "corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'planned' AND at <= :until"
_COUNT = Statement(
    f"SELECT COUNT(*) AS count FROM (SELECT 1 FROM deliveries WHERE {_PLANNED} LIMIT :most) AS few", patient=True
)
_CANCEL = Statement(
    f"""
    UPDATE deliveries SET status = 'cancelled', reason = :reason, ended_at = :at
    WHERE status = 'planned' AND id IN (SELECT id FROM deliveries WHERE {_PLANNED} LIMIT :most)
    """,
    patient=True,
)
_GO_ON = Statement("""
    UPDATE delivery_origins SET stopped_at = NULL
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND stopped_at = :until
""")


class Stopping:
    """What a corp has called off."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def until(self, origin: str, origin_id: int) -> int | None:
        """Until when what was planned is to be called off, in milliseconds; None when nothing is."""
        rows = await self._scope.fetch(_STANDS, origin=origin, origin_id=origin_id)
        return rows[0]["stopped_at"] if rows else None

    async def cancel(self, origin: str, origin_id: int, *, until: int, most: int) -> int:
        """Call off so many; how many there were."""
        about = {"origin": origin, "origin_id": origin_id, "until": until, "most": most}
        (row,) = await self._scope.fetch(_COUNT, **about)
        if row["count"]:
            self._scope.write(_CANCEL, reason=STOPPED, at=self._scope.at, **about)
        count: int = row["count"]
        return count

    def go_on(self, origin: str, origin_id: int, *, until: int) -> None:
        """All that was planned until then is called off: what was planned later goes on."""
        self._scope.write(_GO_ON, origin=origin, origin_id=origin_id, until=until)
