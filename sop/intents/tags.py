"""What is done to the corp's tag library: tags are made, renamed, moved, deleted."""

from dataclasses import dataclass

from sop.intents.base import Intent, Safety
from sop.tags import NewTag


@dataclass(frozen=True, slots=True, kw_only=True)
class _LibraryIntent(Intent):
    """A write to the library; `change` is the number by which the rows that wait for it know it."""

    change: int

    @property
    def effect(self) -> str:
        """One write per change."""
        return f"tags:{self.kind}:{self.change}"

    @property
    def lane(self) -> str:
        """The library's writes and the events about it go one after another."""
        return "tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTags(_LibraryIntent):
    """Make tags in a group, given by id, or by a name that is made if it is new.

    When an answer was lost, the library is read first and only what is missing is made.
    """

    kind = "add_tags"
    safety = Safety.KEYED

    group_id: str = ""
    group_name: str = ""
    position: int = 0
    tags: tuple[NewTag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTag(_LibraryIntent):
    """Rename or move a tag, or a group."""

    kind = "edit_tag"

    id: str
    group: bool = False
    name: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTags(_LibraryIntent):
    """Delete a tag, or a group with all its tags; customers lose them."""

    kind = "delete_tags"

    id: str
    group: bool = False
