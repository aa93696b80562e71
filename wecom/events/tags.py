"""The corp's library of customer tags changes (page 92130); names and orders must be read by API."""

from dataclasses import dataclass
from typing import Annotated, Literal

from wecom.events.facts import Event, choice, fact
from wecom.ids import TagGroupId, TagId

TagType = Literal["tag", "tag_group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryEvent(Event):
    """Something about the tag library; `strategy_id` names the rule group it belongs to, if any."""

    strategy_id: Annotated[int | None, "StrategyId"] = None

    @property
    def key(self) -> str:
        """The library is one subject: a tag and its group change in order."""
        return "tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagEvent(LibraryEvent):
    """Something about one tag or one group of tags."""

    id: Annotated[TagId | TagGroupId, "Id"]
    tag_type: Annotated[TagType, "TagType", choice({"tag": "tag", "tag_group": "tag_group"})]


@fact("event/change_external_tag/create")
class TagCreated(TagEvent):
    """A tag or a group of tags was created."""


@fact("event/change_external_tag/update")
class TagUpdated(TagEvent):
    """A tag or a group was renamed or moved."""


@fact("event/change_external_tag/delete")
class TagDeleted(TagEvent):
    """A tag or a group was deleted; the tags of a deleted group vanish without events of their own."""


@fact("event/change_external_tag/shuffle")
class TagsShuffled(LibraryEvent):
    """Tags were reordered: those of one group, or with an empty `group_id` the groups themselves."""

    group_id: Annotated[TagGroupId, "Id"] = TagGroupId("")
