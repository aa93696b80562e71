"""The tag library: what WeCom has, what is on its way there, internal tags; to be changed here or at WeCom."""

from console.api.call import Call
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Key, Name, Query, Shape
from console.api.words import Words
from console.patience import Patience, patiently
from console.tags import additions as newtags
from console.tags import shapes
from console.tags.additions import NewTags, Position
from console.tags.shapes import Policy, TagGroup, TagLibrary
from console.uses import refuse_used
from sop import tags as rules
from sop.errors import Invalid
from sop.intents import DeleteTags, EditTag
from sop.tags import NEW, Edit
from sop.tags.owners import POLICY
from storage import tags

routes = Routes()
_TAG, _GROUP = Words("标签", "tag"), Words("标签组", "tag group")
_FORCE = Words("，或以 force=true 删除", ", or delete with force=true")


class TagChange(Shape):
    """Another name or position; what is left out stays."""

    name: Name | None = None
    position: Position | None = None


class LibraryQuery(Query):
    """`counts`: also tell how many bindings each tag has."""

    counts: bool = False


class Force(Query):
    """`force` deletes what channels, flows, segments or rules still refer to."""

    force: bool = False


@routes.on("GET /tags", Permission.READ_TAGS, "标签库", "The tag library")
async def browse(call: Call, query: LibraryQuery) -> TagLibrary:
    """Deleted tags are left out; those that WeCom has not made yet are shown as pending or refused."""
    counts = await call.store.tags.counts(call.principal.staff) if query.counts else None
    groups = await call.store.tags.library(wanted=True)
    used = await call.store.tags.count()
    shown = tuple(shapes.show(group, call.language, counts) for group in groups)
    return TagLibrary(groups=shown, used=used, most=rules.MOST_TAGS)


@routes.on("GET /tags/policy", Permission.READ_TAGS, "打标冲突规则", "What happens where owners of a tag disagree")
async def tell_policy(call: Call) -> Policy:
    """By hand before rules; and when a rule cleans up behind itself."""
    sentences = {key: phrase.en if call.language == "en" else phrase.zh for key, phrase in POLICY.items()}
    return Policy(rules=sentences)


@routes.on("POST /tags", Permission.WRITE_TAGS, "新建标签", "Create tags", status=201)
async def create(call: Call, body: NewTags, query: Patience) -> TagGroup:
    """WeCom makes them after this is stored; everything that is wrong is told at once."""
    draft = await newtags.place(call, body.group, body.tags, body.kind)
    group = newtags.add(call, draft)
    shown = shapes.show(group, call.language)
    if draft.kind == "corp":
        call.after = patiently(query, shown, lambda: _made(call, group))
    return shown


@routes.on("PATCH /tags/{tag_id}", Permission.WRITE_TAGS, "修改标签", "Rename or move a tag", status=202)
async def change(call: Call, tag_id: Key, body: TagChange) -> TagGroup:
    """Shown as pending until WeCom has taken it; the answer is its group."""
    group, tag = await _find(call, tag_id)
    siblings = {each.name for each in group.tags if each.id != tag.id}
    return await _edit(call, tag.id, body, taken=siblings, group=group)


@routes.on("PATCH /tag-groups/{group_id}", Permission.WRITE_TAGS, "修改标签组", "Rename or move a group", status=202)
async def change_group(call: Call, group_id: Key, body: TagChange) -> TagGroup:
    """Shown as pending until WeCom has taken it."""
    group = await _find_group(call, group_id)
    library = await call.store.tags.library(wanted=True)
    siblings = {each.name for each in library if each.kind == group.kind and each.id != group.id}
    return await _edit(call, group.id, body, taken=siblings, group=group)


@routes.on("DELETE /tags/{tag_id}", Permission.WRITE_TAGS, "删除标签", "Delete a tag", status=202)
async def remove(call: Call, tag_id: Key, query: Force) -> TagGroup:
    """Refused while something refers to it, unless forced; customers lose it. The answer is its group as it is."""
    group, tag = await _find(call, tag_id)
    await _delete(call, group, (tag,), query, whole=False)
    return shapes.show(group, call.language)


@routes.on("DELETE /tag-groups/{group_id}", Permission.WRITE_TAGS, "删除标签组", "Delete a tag group", status=202)
async def remove_group(call: Call, group_id: Key, query: Force) -> TagGroup:
    """With all its tags."""
    group = await _find_group(call, group_id)
    await _delete(call, group, group.tags, query, whole=True)
    return shapes.show(group, call.language)


async def _edit(call: Call, identity: str, body: TagChange, *, taken: set[str], group: tags.TagGroup) -> TagGroup:
    whole = identity == group.id
    edit = Edit(name=body.name, position=body.position)
    found = rules.check_edit(edit, group=whole)
    if body.name in taken:
        found.append(rules.taken("name", body.name or ""))
    if found:
        raise Invalid(found)
    _refuse_foreign(group, identity)
    number = call.store.tags.edit(identity, edit, group=whole)
    if number:
        intent = EditTag(change=number, id=identity, group=whole, name=body.name, position=body.position)
        newtags.intend(call, intent, number)
    return shapes.show(shapes.expect(group, identity, edit, pending=bool(number)), call.language)


async def _delete(call: Call, group: tags.TagGroup, doomed: tuple[tags.Tag, ...], query: Force, *, whole: bool) -> None:
    _refuse_foreign(group, "")
    if not query.force:
        await refuse_used(call, "tag", *(tag.id for tag in doomed), otherwise=_FORCE)
    identity = group.id if whole else doomed[0].id
    if identity.startswith(NEW):
        for tag in doomed:
            call.store.tags.forget(tag.id)
        call.store.tags.empty(group.id)
    elif group.kind == "internal":
        bury = call.store.tags.bury_group if whole else call.store.tags.bury
        bury(identity)
        call.store.tags.empty(group.id)
    else:
        number = call.store.tags.remove(identity, group=whole)
        newtags.intend(call, DeleteTags(change=number, id=identity, group=whole), number)


def _refuse_foreign(group: tags.TagGroup, identity: str) -> None:
    if group.kind == "strategy":
        raise Problem(
            "state",
            reason_zh="规则组标签只能由规则组管理员在企业微信中修改。",
            reason_en="Tags of a rule group can only be changed at WeCom, by its managers.",
        )
    if identity.startswith(NEW):
        raise Problem("state", reason_zh="企业微信尚未建好这个标签。", reason_en="WeCom has not made this tag yet.")


async def _find(call: Call, tag_id: str) -> tuple[tags.TagGroup, tags.Tag]:
    for group in await call.store.tags.library(wanted=True):
        for tag in group.tags:
            if tag.id == tag_id:
                return group, tag
    raise missing(_TAG)


async def _find_group(call: Call, group_id: str) -> tags.TagGroup:
    for group in await call.store.tags.library(wanted=True):
        if group.id == group_id:
            return group
    raise missing(_GROUP)


async def _made(call: Call, group: tags.TagGroup) -> TagGroup | None:
    """The group once all of its new tags have got their ids, or were refused."""
    names = {tag.name for tag in group.tags}
    library = await call.store.tags.library(wanted=True)
    now = [each for each in library if names <= {tag.name for tag in each.tags if tag.status != "pending"}]
    found = next((each for each in now if each.name == group.name), None)
    return shapes.show(found, call.language) if found else None
