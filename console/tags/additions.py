"""New tags: what a caller may ask for, where they go, and how they are wanted."""

from typing import Annotated, Literal

from pydantic import Field

from console.api.call import Call
from console.api.shapes import Key, Name, Shape
from sop import tags as rules
from sop.errors import Invalid
from sop.intents import AddTags, Intent
from sop.limits import Violation
from sop.tags import LIBRARY_WANTED, NEW, Draft, NewTag
from storage import tags

Position = Annotated[int, Field(ge=0, lt=2**32)]


class TagIn(Shape):
    """A tag to be made; a larger position stands first."""

    name: Name
    position: Position = 0


class GroupIn(Shape):
    """The group of new tags: an existing one by its id or name, else a new one of this name."""

    id: Key | None = None
    name: Name | None = None
    position: Position = 0


class NewTags(Shape):
    """Tags to be made in one group, at WeCom or (internal) only here."""

    group: GroupIn
    tags: Annotated[tuple[TagIn, ...], Field(max_length=200)]
    kind: Literal["corp", "internal"] = "corp"


async def place(call: Call, group: GroupIn, new: tuple[TagIn, ...], kind: Literal["corp", "internal"]) -> Draft:
    """New tags with the group they go into, checked against the library. Raises `Invalid`."""
    library = await call.store.tags.library(wanted=True)
    same = [each for each in library if each.kind == kind]
    into = next((each for each in same if each.id == group.id or (not group.id and each.name == group.name)), None)
    draft = Draft(
        group_id=into.id if into and not into.id.startswith(NEW) else "",
        group_name=into.name if into else group.name or "",
        position=group.position,
        tags=tuple(NewTag(name=tag.name, position=tag.position) for tag in new),
        kind=kind,
    )
    found = rules.check(draft)
    if group.id and into is None:
        found.append(Violation("group.id", f"没有标签组 {group.id}", f"there is no tag group {group.id}"))
    names = {tag.name for tag in into.tags if not (tag.id.startswith(NEW) and tag.status == "refused")} if into else ()
    found += [rules.taken(f"tags.{at}.name", tag.name) for at, tag in enumerate(new) if tag.name in names]
    if kind == "corp":
        found += rules.check_room(await call.store.tags.count(), len(new))
    if found:
        raise Invalid(found)
    return draft


def add(call: Call, draft: Draft) -> tags.TagGroup:
    """Want new tags, here or at WeCom."""
    group, number = call.store.tags.add(draft)
    if number:
        intent = AddTags(
            change=number,
            group_id=draft.group_id,
            group_name=draft.group_name,
            position=draft.position,
            tags=draft.tags,
        )
        intend(call, intent, number)
    return group


def intend(call: Call, intent: Intent, number: int) -> None:
    """Want a change of the library at WeCom."""
    intent_id = call.store.intend(intent)
    call.store.decide("library", "wanted", LIBRARY_WANTED, rule=f"library:{number}", intent_id=intent_id)
