"""Which alarms about groups were given when, so that each is given once; and the thresholds that operators set."""

from datetime import datetime

from sop.groups.alarms import Thresholds
from storage.engine.sql import Statement, upsert
from storage.scope import Scope
from storage.settings import Settings
from storage.values import from_ms

SETTINGS = {name: f"groups.{name}" for name in Thresholds.__dataclass_fields__}
"""The names of the settings, by threshold."""
_GIVEN = Statement("SELECT at FROM group_alarms WHERE corp_id = :corp_id AND kind = :kind AND subject = :subject")
_GIVE = upsert("group_alarms", ("corp_id", "kind", "subject"), ("at",))
_CLEAR = Statement("DELETE FROM group_alarms WHERE corp_id = :corp_id AND kind = :kind AND subject = :subject")
_OWNED = Statement("""
    SELECT COUNT(*) AS count FROM customer_groups
    WHERE corp_id = :corp_id AND owner = :owner AND dismissed_at IS NULL
""")


class GroupAlarms:
    """The alarms of a corp about its groups."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def thresholds(self, settings: Settings) -> Thresholds:
        """When something is an alarm."""
        usual = Thresholds()
        return Thresholds(**{name: await settings.get(key, getattr(usual, name)) for name, key in SETTINGS.items()})

    async def given(self, kind: str, subject: str) -> datetime | None:
        """When an alarm was last given."""
        rows = await self._scope.fetch(_GIVEN, kind=kind, subject=subject)
        return from_ms(rows[0]["at"]) if rows else None

    async def owned(self, owner: str) -> int:
        """How many groups somebody owns."""
        (row,) = await self._scope.fetch(_OWNED, owner=owner)
        return int(row["count"])

    def give(self, kind: str, subject: str) -> None:
        """An alarm is given now."""
        self._scope.write(_GIVE, kind=kind, subject=subject, at=self._scope.at)

    def clear(self, kind: str, subject: str) -> None:
        """What was an alarm is over; the next time it is one again."""
        self._scope.write(_CLEAR, kind=kind, subject=subject)
