"""What operators set for a corp by name, each with a default that stands in the code."""

from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from storage.scope import Scope
from storage.sql import Statement, upsert
from storage.values import decode, encode

_GET = Statement("SELECT value FROM settings WHERE corp_id = :corp_id AND name = :name")
_PUT = upsert("settings", ("corp_id", "name"), ("value", "changed_at"))

T = TypeVar("T")


class Settings:
    """The settings of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, name: str, default: T) -> T:
        """The value of a setting; the default where it is missing or of another type."""
        rows = await self._scope.fetch(_GET, name=name)
        value = decode(rows[0]["value"]) if rows else None
        return value if isinstance(value, type(default)) else default

    def put(self, name: str, value: Any) -> None:
        """Set a setting to a JSON value."""
        self._scope.write(_PUT, name=name, value=encode(value), changed_at=self._scope.at)

    async def zone(self) -> ZoneInfo:
        """The time zone in which the corp's days begin."""
        return ZoneInfo(await self.get("zone", "Asia/Shanghai"))

    async def language(self) -> str:
        """The language in which staff are spoken to: zh or en."""
        return await self.get("language", "zh")
