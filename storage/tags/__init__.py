"""Tags: the corp's library as WeCom and operators have it, and which tags are on whom, wanted by whom and why."""

from storage.tags.bindings import Binding, Bindings
from storage.tags.changes import Changes
from storage.tags.library import Library, Tag, TagGroup

__all__ = ["Binding", "Tag", "TagGroup", "Tags"]


class Tags(Library, Changes, Bindings):
    """The tags of a corp."""
