"""Every transactional message, and what it has bypassed."""

from dataclasses import dataclass
from datetime import datetime

from storage import sight
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import FOREVER, from_ms

_COLUMNS = "id, kind, subject, user_id, origin, origin_id, node, version, topic, status, reason, due_at, at"
_MINE = sight.MEANT.replace("user_id IN", "d.user_id IN")
_PAGE = Statement(f"""
    SELECT {_COLUMNS} FROM deliveries AS d
    WHERE d.corp_id = :corp_id AND d.transactional AND d.id < :before
      AND (CAST(:bypassed AS BIGINT) = 0 OR d.reason <> '')
      AND ({_MINE} OR (d.kind = 'single' AND d.user_id = '' AND {sight.FOLLOWED.format(customer="d.subject")}))
    ORDER BY d.id DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempt:
    """A transactional message; `reason` is what it bypassed, or why it did not go out all the same."""

    id: int
    kind: str
    subject: str
    user_id: str
    origin: str
    origin_id: int | None
    node: str
    version: int
    topic: str
    status: str
    reason: str
    due_at: datetime
    at: datetime


class Audit:
    """The transactional messages of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def page(
        self, *, bypassed: bool = False, staff: sight.Staff = None, before: int | None = None, most: int = 50
    ) -> tuple[Exempt, ...]:
        """Newest first; with `bypassed` those only that something was against; of `staff`, what they send."""
        rows = await self._scope.fetch(
            _PAGE, bypassed=int(bypassed), staff=sight.name(staff), before=before or FOREVER, most=most
        )
        return tuple(map(_exempt, rows))


def _exempt(row: Row) -> Exempt:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row is no mapping
    return Exempt(**values | {"due_at": from_ms(values["due_at"]), "at": from_ms(values["at"])})
