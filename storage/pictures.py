"""Pictures that are elsewhere, kept so that nobody has to ask there: WeCom's codes, by their address."""

from dataclasses import dataclass

from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope

_FIND = Statement("SELECT media_type, content FROM pictures WHERE corp_id = :corp_id AND url = :url")
_PUT = upsert("pictures", ("corp_id", "url"), ("media_type", "fetched_at", "content"))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what kind of file it is."""

    media_type: str
    content: bytes


class Pictures:
    """The pictures that a corp's codes have at WeCom."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def find(self, url: str) -> Picture | None:
        """What was once at an address."""
        return next(iter(await self._scope.read(_FIND, _picture, url=url)), None)

    def put(self, url: str, picture: Picture) -> None:
        """Keep what is at an address."""
        self._scope.write(
            _PUT, url=url, media_type=picture.media_type, content=picture.content, fetched_at=self._scope.at
        )


def _picture(row: Row) -> Picture:
    return Picture(row["media_type"], bytes(row["content"]))
