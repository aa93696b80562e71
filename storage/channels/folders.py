"""Folders: groups of channels, by name."""

from dataclasses import dataclass
from datetime import datetime

from sop import limits
from sop.errors import Invalid
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import from_ms, new_id

_LIST = Statement("""
    SELECT f.id, f.name, f.created_at,
           (SELECT COUNT(*) FROM channels AS c
            WHERE c.corp_id = f.corp_id AND c.folder_id = f.id AND c.status <> 'deleted') AS channels
    FROM channel_folders AS f WHERE f.corp_id = :corp_id AND f.id > :after ORDER BY f.id LIMIT :most
""")
_GET = Statement(
    "SELECT id, name, created_at, 0 AS channels FROM channel_folders WHERE corp_id = :corp_id AND id = :id"
)
_ADD = insert("channel_folders", ("id", "corp_id", "name", "created_at"))
_RENAME = Statement("UPDATE channel_folders SET name = :name WHERE corp_id = :corp_id AND id = :id")
_REMOVE = Statement("DELETE FROM channel_folders WHERE corp_id = :corp_id AND id = :id")
_EMPTY = Statement("UPDATE channels SET folder_id = NULL WHERE corp_id = :corp_id AND folder_id = :id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder, and how many channels are in it that are not deleted."""

    id: int
    name: str
    created_at: datetime
    channels: int = 0


class Folders:
    """The folders of a corp's channels."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def page(self, *, after: int = 0, most: int = 50) -> tuple[Folder, ...]:
        """Folders, oldest first; `after` is the id of the last one of the page before."""
        return tuple(map(_folder, await self._scope.fetch(_LIST, after=after, most=most)))

    async def get(self, folder_id: int) -> Folder | None:
        """One folder, its channels not counted."""
        return next(iter(await self._scope.read(_GET, _folder, id=folder_id)), None)

    def add(self, name: str) -> Folder:
        """Make a folder. Raises `Invalid`, and at commit `Conflict` where one has the name."""
        _check(name)
        folder = Folder(id=new_id(), name=name, created_at=self._scope.now)
        self._scope.write(_ADD, id=folder.id, name=name, created_at=self._scope.at)
        return folder

    def rename(self, folder_id: int, name: str) -> None:
        """Call a folder otherwise; raises as `add` does."""
        _check(name)
        self._scope.write(_RENAME, id=folder_id, name=name)

    def remove(self, folder_id: int) -> None:
        """Take a folder away; its channels are in none then."""
        self._scope.write(_EMPTY, id=folder_id)
        self._scope.write(_REMOVE, id=folder_id)


def _check(name: str) -> None:
    if found := limits.FOLDER_NAME.check("name", name.strip()):
        raise Invalid(found)


def _folder(row: Row) -> Folder:
    return Folder(id=row["id"], name=row["name"], created_at=from_ms(row["created_at"]), channels=row["channels"])
