"""What operators set for a corp by name, each with a default that stands in the code."""

from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sop.prompts import Voice
from storage.engine.sql import Statement, upsert
from storage.scope import Scope
from storage.values import decode, encode

_ALL = Statement("SELECT name, value FROM settings WHERE corp_id = :corp_id")
_PUT = upsert("settings", ("corp_id", "name"), ("value", "changed_at"))

T = TypeVar("T")


class Settings:
    """The settings of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._read: dict[str, str] | None = None

    async def get(self, name: str, default: T) -> T:
        """The value of a setting; the default where it is missing or of another type."""
        if self._read is None:
            self._read = {row["name"]: row["value"] for row in await self._scope.fetch(_ALL)}
        value = decode(self._read.get(name))
        return value if isinstance(value, type(default)) else default

    def put(self, name: str, value: Any) -> None:
        """Set a setting to a JSON value."""
        self._scope.write(_PUT, name=name, value=encode(value), changed_at=self._scope.at)

    async def voice(self) -> Voice:
        """How staff are spoken to: settings `language` (zh or en) and `zone` (where the corp's days begin)."""
        return Voice(language=await self.get("language", "zh"), zone=ZoneInfo(await self.get("zone", "Asia/Shanghai")))
