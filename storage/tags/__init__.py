"""Tags: the corp's library as WeCom and operators have it, and which tags are on whom, wanted by whom and why."""

from functools import cached_property

from storage.facts import FactBook
from storage.tags.bindings import Binding, Bindings
from storage.tags.bulk import Bulk
from storage.tags.changes import Changes
from storage.tags.library import Library, Tag, TagGroup
from storage.tags.rules import TagRules

__all__ = ["Binding", "Tag", "TagGroup", "Tags"]


class Tags(Library, Changes, Bindings):
    """The tags of a corp."""

    @cached_property
    def rules(self) -> TagRules:
        """Who gets which tag for as long as a condition holds."""
        return TagRules(self._scope)

    @cached_property
    def bulk(self) -> Bulk:
        """What bulk jobs have changed."""
        return Bulk(self._scope)

    @cached_property
    def facts(self) -> FactBook:
        """What conditions look at."""
        return FactBook(self._scope)
