"""Materials: the originals of pictures, videos and files, and the media ids that WeCom lends for three days."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sop import limits
from sop.errors import Invalid
from sop.events import MaterialsDue, Own
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, from_ms, maybe_moment, new_id, to_ms

Kind = Literal["image", "video", "file"]
MARGIN = timedelta(hours=12)  # a media id is renewed so long before WeCom forgets it
AGAIN = timedelta(hours=1)  # after an upload that did not succeed, or was never heard of again
_AT_ONCE = limits.ATTACHMENTS.most
_COLUMNS = "id, kind, filename, digest, size, media_id, uploaded_at, expires_at, asked_at, created_at"
_GET = Statement(f"SELECT {_COLUMNS} FROM materials WHERE corp_id = :corp_id AND id = :id")
_SAME = Statement(f"SELECT {_COLUMNS} FROM materials WHERE corp_id = :corp_id AND kind = :kind AND digest = :digest")
_PAGE = Statement(f"""
    SELECT {_COLUMNS} FROM materials WHERE corp_id = :corp_id AND id < :before ORDER BY id DESC LIMIT :limit
""")
_CONTENT = Statement("SELECT content FROM materials WHERE corp_id = :corp_id AND id = :id")
_MEDIA = Statement(f"""
    SELECT id, media_id FROM materials
    WHERE corp_id = :corp_id AND id IN ({", ".join(f":id{count}" for count in range(_AT_ONCE))})
      AND media_id <> '' AND expires_at > :at
""")
_DUE = Statement(f"""
    SELECT {_COLUMNS} FROM materials
    WHERE corp_id = :corp_id AND (expires_at IS NULL OR expires_at <= :soon)
      AND (asked_at IS NULL OR asked_at <= :again)
    ORDER BY id LIMIT :limit
""")
_ADD = insert("materials", ("id", "corp_id", "kind", "filename", "digest", "content", "size", "created_at"))
_ASK = Statement("UPDATE materials SET asked_at = :asked_at WHERE corp_id = :corp_id AND id = :id")
_UPLOADED = Statement("""
    UPDATE materials SET media_id = :media_id, uploaded_at = :uploaded_at, expires_at = :expires_at, asked_at = NULL
    WHERE corp_id = :corp_id AND id = :id AND (expires_at IS NULL OR expires_at < :expires_at)
""")
_LAPSE = Statement("""
    UPDATE materials SET media_id = '', expires_at = :at, asked_at = NULL WHERE corp_id = :corp_id AND id = :id
""")
_REMOVE = Statement("DELETE FROM materials WHERE corp_id = :corp_id AND id = :id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A material without its content; `asked_at` is set while an upload is under way or has failed."""

    id: int
    kind: Kind
    filename: str
    digest: str
    size: int
    media_id: str = ""
    uploaded_at: datetime | None = None
    expires_at: datetime | None = None
    asked_at: datetime | None = None
    created_at: datetime


class Materials:
    """The materials of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        self._scope = scope
        self._announce = announce

    async def add(self, kind: Kind, filename: str, *, content: bytes) -> Material:
        """Keep a material and have it uploaded; the same content again is the same material. Raises `Invalid`."""
        found = limits.SIZES[kind].check("content", content) + limits.FILENAME.check("filename", filename)
        if found:
            raise Invalid(found)
        digest = hashlib.sha256(content).hexdigest()
        same = await self._scope.fetch(_SAME, kind=kind, digest=digest)
        if same:
            return _material(same[0])
        material = Material(
            id=new_id(),
            kind=kind,
            filename=filename,
            digest=digest,
            size=len(content),
            created_at=self._scope.now,
        )
        self._scope.write(
            _ADD,
            id=material.id,
            kind=kind,
            filename=filename,
            digest=digest,
            content=content,
            size=material.size,
            created_at=self._scope.at,
        )
        self._announce(MaterialsDue(corp_id=self._scope.corp_id, at=self._scope.now))
        return material

    async def get(self, material_id: int) -> Material | None:
        """One material."""
        rows = await self._scope.fetch(_GET, id=material_id)
        return _material(rows[0]) if rows else None

    async def content(self, material_id: int) -> bytes | None:
        """The bytes of a material."""
        rows = await self._scope.fetch(_CONTENT, id=material_id)
        return bytes(rows[0]["content"]) if rows else None

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Material, ...]:
        """Materials, newest first; `before` is the id of the last one of the page before."""
        return tuple(_material(row) for row in await self._scope.fetch(_PAGE, before=before, limit=most))

    async def media(self, material_ids: Sequence[int], *, at: datetime) -> dict[str, str]:
        """The media ids valid at a moment, by material id as text, of as many materials as a welcome may have."""
        if not material_ids:
            return {}
        padded = (*material_ids, *[0] * _AT_ONCE)[:_AT_ONCE]
        wanted = {f"id{count}": number for count, number in enumerate(padded)}
        rows = await self._scope.fetch(_MEDIA, at=to_ms(at), **wanted)
        return {str(row["id"]): row["media_id"] for row in rows}

    async def due(self, *, most: int = 100) -> tuple[Material, ...]:
        """Those without a media id that lives much longer, unless their upload was asked for a moment ago."""
        now = self._scope.now
        rows = await self._scope.fetch(_DUE, soon=to_ms(now + MARGIN), again=to_ms(now - AGAIN), limit=most)
        return tuple(_material(row) for row in rows)

    def ask(self, material_id: int) -> None:
        """Note that the upload is asked for now."""
        self._scope.write(_ASK, id=material_id, asked_at=self._scope.at)

    def lend(self, material_id: int, media_id: str, *, expires_at: datetime) -> None:
        """Store the media id that WeCom gave; one that lives longer stays."""
        self._scope.write(
            _UPLOADED,
            id=material_id,
            media_id=media_id,
            uploaded_at=self._scope.at,
            expires_at=to_ms(expires_at),
        )

    def lapse(self, material_ids: Collection[int]) -> None:
        """WeCom does not know their media ids any more: have them uploaded anew."""
        for material_id in material_ids:
            self._scope.write(_LAPSE, id=material_id, at=self._scope.at)
        self._announce(MaterialsDue(corp_id=self._scope.corp_id, at=self._scope.now))

    def remove(self, material_id: int) -> None:
        """Forget a material; welcomes that name it leave the attachment out."""
        self._scope.write(_REMOVE, id=material_id)


def _material(row: Row) -> Material:
    return Material(
        id=row["id"],
        kind=row["kind"],
        filename=row["filename"],
        digest=row["digest"],
        size=row["size"],
        media_id=row["media_id"],
        uploaded_at=maybe_moment(row["uploaded_at"]),
        expires_at=maybe_moment(row["expires_at"]),
        asked_at=maybe_moment(row["asked_at"]),
        created_at=from_ms(row["created_at"]),
    )
