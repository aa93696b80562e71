"""What is done to the tag library: tags are made, renamed, moved, deleted."""

from collections.abc import Iterable, Mapping

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import AddTags, DeleteTags, EditTag, Intent
from wecom.ids import TagGroupId, TagId
from wecom.tags import NewTag, Tag, TagGroup, Tags


async def _add_tags(intent: AddTags, tools: Tools, attempt: Attempt) -> Result:
    """When an earlier try may have made them, only those that are not there yet are made."""
    tags = attempt.apis(tools).tags
    wanted = {tag.name: NewTag(tag.name, tag.position) for tag in intent.tags}
    group = await _find(intent, tags) if attempt.doubtful else None
    there = {tag.name: tag for tag in group.tags} if group else {}
    missing = [tag for name, tag in wanted.items() if name not in there]
    if missing:
        group = await tags.add(
            missing, group_id=TagGroupId(intent.group_id), group_name=intent.group_name, order=intent.position or None
        )
        there |= {tag.name: tag for tag in group.tags}
    made = [there[name] for name in wanted if name in there]
    return _tell(group, made) if group else {}


async def _find(intent: AddTags, tags: Tags) -> TagGroup | None:
    """The group as WeCom has it."""
    library = await tags.library(group_ids=[TagGroupId(intent.group_id)] if intent.group_id else ())
    living = [group for group in library if not group.deleted]
    return next((group for group in living if intent.group_id or group.name == intent.group_name), None)


def _tell(group: TagGroup, made: Iterable[Tag]) -> Result:
    return {
        "group_id": group.id,
        "name": group.name,
        "position": group.order,
        "tags": [{"id": tag.id, "name": tag.name, "position": tag.order} for tag in made],
    }


async def _edit_tag(intent: EditTag, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).tags.edit(TagId(intent.id), name=intent.name, order=intent.position)
    return {}


async def _delete_tags(intent: DeleteTags, tools: Tools, attempt: Attempt) -> Result:
    tags = attempt.apis(tools).tags
    if intent.group:
        await tags.delete(group_ids=[TagGroupId(intent.id)])
    else:
        await tags.delete([TagId(intent.id)])
    return {}


PERFORMERS: Mapping[type[Intent], Perform] = {AddTags: _add_tags, EditTag: _edit_tag, DeleteTags: _delete_tags}
