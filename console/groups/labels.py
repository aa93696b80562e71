"""Group tags: labels of ours on customer groups."""

from datetime import datetime

from console.api.call import Call
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Name, Page, Shape
from console.api.words import Words
from storage.groups.lists import GroupLists, GroupTag

routes = Routes()
_TAG = Words("群标签", "group tag")


class NewGroupTag(Shape):
    """What a label is called; no two are called the same."""

    name: Name


class GroupTagOut(Answer):
    """A label of ours on groups; WeCom has none."""

    id: Identity
    name: str
    created_at: datetime


@routes.on("GET /group-tags", Permission.READ_GROUPS, "群标签列表", "List group tags by name")
async def browse(call: Call) -> Page[GroupTagOut]:
    """All of them; groups are labelled at /groups/{chat_id}."""
    return Page(items=tuple(map(GroupTagOut.model_validate, await GroupLists(call.store.scope).tags())))


@routes.on("POST /group-tags", Permission.WRITE_GROUPS, "新建群标签", "Create a group tag", status=201)
async def create(call: Call, body: NewGroupTag) -> GroupTagOut:
    """A conflict when there is one of this name."""
    return GroupTagOut.model_validate(GroupLists(call.store.scope).add_tag(body.name))


@routes.on("PATCH /group-tags/{group_tag_id}", Permission.WRITE_GROUPS, "修改群标签", "Rename a group tag")
async def change(call: Call, group_tag_id: Identity, body: NewGroupTag) -> GroupTagOut:
    """Groups keep it under its new name."""
    tag = await _find(call, group_tag_id)
    GroupLists(call.store.scope).rename_tag(tag.id, body.name)
    return GroupTagOut.model_validate(tag).model_copy(update={"name": body.name})


@routes.on("DELETE /group-tags/{group_tag_id}", Permission.WRITE_GROUPS, "删除群标签", "Delete a group tag", status=204)
async def remove(call: Call, group_tag_id: Identity) -> None:
    """It is taken from all groups."""
    tag = await _find(call, group_tag_id)
    GroupLists(call.store.scope).drop_tag(tag.id)


async def _find(call: Call, group_tag_id: int) -> GroupTag:
    found = next((tag for tag in await GroupLists(call.store.scope).tags() if tag.id == group_tag_id), None)
    if found is None:
        raise missing(_TAG)
    return found
