"""The media ids that WeCom lends for moments, which are none for messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.engine.sql import Statement, upsert
from storage.scope import Scope
from storage.values import encode, maybe_moment, to_ms

_OF = Statement("""
    SELECT m.id, COALESCE(l.media_id, '') AS media_id, l.expires_at, l.asked_at FROM materials AS m
    LEFT JOIN moment_media AS l ON l.material_id = m.id
    WHERE m.corp_id = :corp_id
      AND m.id IN (SELECT CAST(value AS BIGINT) FROM {each}(CAST(:ids AS {json})))
""")
_ASK = upsert("moment_media", ("material_id",), ("corp_id", "asked_at"))
_LEND = upsert("moment_media", ("material_id",), ("corp_id", "media_id", "expires_at", "asked_at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A material and what WeCom calls it for moments; `asked_at` while an upload is under way."""

    material_id: int
    media_id: str
    expires_at: datetime | None
    asked_at: datetime | None

    def good(self, until: datetime) -> bool:
        """Whether it can be used until then."""
        return bool(self.media_id) and self.expires_at is not None and self.expires_at > until


class Media:
    """The media ids for moments."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def of(self, material_ids: Sequence[str]) -> dict[str, Loan]:
        """The loans of materials that exist, by material id as text."""
        if not material_ids:
            return {}
        rows = await self._scope.fetch(_OF, ids=encode(list(material_ids)))
        return {
            str(row["id"]): Loan(
                material_id=row["id"],
                media_id=row["media_id"],
                expires_at=maybe_moment(row["expires_at"]),
                asked_at=maybe_moment(row["asked_at"]),
            )
            for row in rows
        }

    def ask(self, material_id: int) -> None:
        """Note that an upload is wanted now."""
        self._scope.write(_ASK, material_id=material_id, asked_at=self._scope.at)

    def lend(self, material_id: int, media_id: str, *, expires_at: datetime) -> None:
        """Keep the media id."""
        loan = {"media_id": media_id, "expires_at": to_ms(expires_at), "asked_at": None}
        self._scope.write(_LEND, material_id=material_id, **loan)
