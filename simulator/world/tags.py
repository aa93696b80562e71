"""Corp tags (企业客户标签) in their groups (pages 92117 and 92118)."""

from dataclasses import dataclass, field

from simulator.errors import Refusal
from simulator.world.mint import Mint

MOST_TAGS = 10_000
CONSOLE = 0  # the agent id of tags that a person created in the console


@dataclass(slots=True)
class Tag:
    """A tag; a higher `order` is shown first."""

    id: str
    name: str
    group_id: str
    create_time: int
    order: int = 0
    agent_id: int = CONSOLE


@dataclass(slots=True)
class TagGroup:
    """A group of tags; it lives as long as it has a tag."""

    id: str
    name: str
    create_time: int
    order: int = 0
    agent_id: int = CONSOLE
    strategy_id: int = 0  # the rule group that owns it
    tags: dict[str, Tag] = field(default_factory=dict)

    def named(self, name: str) -> Tag | None:
        """Return the tag of that name."""
        return next((tag for tag in self.tags.values() if tag.name == name), None)


@dataclass(slots=True)
class TagLibrary:
    """All tag groups of a corp, and what was deleted, since queries by id still show it."""

    mint: Mint
    prefix: str = "et"  # of ids; those of rule groups begin with st
    groups: dict[str, TagGroup] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    deleted_groups: dict[str, TagGroup] = field(default_factory=dict)
    deleted_tags: dict[str, Tag] = field(default_factory=dict)

    def named(self, name: str) -> TagGroup | None:
        """Return the group of that name."""
        return next((group for group in self.groups.values() if group.name == name), None)

    def found(self, name: str, *, now: float, order: int = 0, agent_id: int = CONSOLE) -> TagGroup:
        """Create a group, which needs a tag at once."""
        group = TagGroup(self.mint.text(self.prefix, 30), name, int(now), order, agent_id)
        self.groups[group.id] = group
        return group

    def add(self, group: TagGroup, name: str, *, now: float, order: int = 0, agent_id: int = CONSOLE) -> Tag:
        """Create a tag; 40071 when the group has that name, 40126 when the corp has too many."""
        if group.named(name):
            raise Refusal(40071, name)
        if len(self.tags) >= MOST_TAGS:
            raise Refusal(40126)
        tag = Tag(self.mint.text(self.prefix, 30), name, group.id, int(now), order, agent_id)
        group.tags[tag.id] = self.tags[tag.id] = tag
        return tag

    def rename(self, thing: Tag | TagGroup, name: str) -> None:
        """Give a new name, unique among its siblings (else 40071)."""
        other = self.groups[thing.group_id].named(name) if isinstance(thing, Tag) else self.named(name)
        if other is not None and other is not thing:
            raise Refusal(40071, name)
        thing.name = name

    def delete(self, tag: Tag) -> TagGroup | None:
        """Delete a tag; returns its group when that went with its last tag."""
        group = self.groups[tag.group_id]
        del group.tags[tag.id], self.tags[tag.id]
        self.deleted_tags[tag.id] = tag
        if group.tags:
            return None
        del self.groups[group.id]
        self.deleted_groups[group.id] = group
        return group

    def dissolve(self, group: TagGroup) -> list[Tag]:
        """Delete a group with all its tags, and return these."""
        tags = list(group.tags.values())
        for tag in tags:
            self.delete(tag)
        return tags
