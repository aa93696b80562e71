"""What the ids in a condition are called, for its sentence; and whether there is anything of these names."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.api.call import Call
from console.names import check_channels, check_departments, check_staff, check_tags, fresh
from sop import conditions, feed
from sop.conditions import Names, Tree
from sop.conditions.customers import STAGE
from sop.feed import EventType, Slot
from sop.fields import Choice, Field
from sop.limits import Violation
from storage.groups.lists import GroupLists

_FIELDS = ("field", "date")
Labelled = Field | Choice | EventType | Slot


async def check_condition(call: Call, condition: Mapping[str, Any], *, field: str = "condition") -> list[Violation]:
    """Everything that is wrong with a condition, names that would never match included."""
    if found := conditions.check(condition, field):
        return found
    return await check_named(call, condition, field=field)


async def check_named(call: Call, condition: Tree, *, field: str = "condition") -> list[Violation]:
    """What a checked condition names that does not exist."""
    found = await check_channels(call, conditions.named(condition, "channel"), field=field)
    found += await check_tags(call, conditions.named(condition, "tag"), field=field)
    found += await check_staff(call, {field: conditions.named(condition, "staff")}, must="exist")
    found += await check_departments(call, conditions.named(condition, "department"), field=field)
    if strange := fresh(_under(condition, _FIELDS, "name"), await call.store.fields.all()):
        found += [Violation(field, f"没有客户字段 {each}", f"there is no field {each}") for each in strange]
    return found + await _check_lists(call, condition, field)


async def name_all(call: Call, condition: Tree) -> Names:
    """The names of all that a condition speaks of, by kind, as the caller reads them."""
    staff, tags = conditions.named(condition, "staff"), conditions.named(condition, "tag")
    departments = await call.store.staff.departments() if conditions.named(condition, "department") else {}
    return {
        "staff": await call.store.staff.names(staff) if staff else {},
        "tag": {each: tag.name for each, tag in (await call.store.tags.find(tags)).items()} if tags else {},
        "department": {str(each): department.name for each, department in departments.items()},
        "channel": await _channels(call, conditions.named(condition, "channel")),
        **await _lists(call, condition),
        **await _words(call),
    }


async def _channels(call: Call, named: Iterable[str]) -> dict[str, str]:
    found = {}
    for each in named:
        channel = await call.store.channels.get(int(each)) if each.isascii() and each.isdigit() else None
        if channel is not None:
            found[each] = channel.name
    return found


async def _lists(call: Call, condition: Tree) -> dict[str, dict[str, str]]:
    """Segments, groups and their tags."""
    segments = await call.store.segments.all() if conditions.named(condition, "segment") else ()
    found: dict[str, dict[str, str]] = {
        "segment": {str(each.id): each.name for each in segments},
        "group": {},
        "group_tag": {},
    }
    for chat_id in conditions.named(condition, "group"):
        entry = await call.store.groups.get(chat_id)
        if entry is not None and entry.name:
            found["group"][chat_id] = entry.name
    if conditions.named(condition, "group_tag"):
        found["group_tag"] = {str(tag.id): tag.name for tag in await GroupLists(call.store.scope).tags()}
    return found


async def _words(call: Call) -> dict[str, dict[str, str]]:
    """Fields with the stages, events with their data."""
    fields = await call.store.fields.all()
    kinds = feed.known((await call.store.feed.types()).values())
    stage = fields.get(STAGE)
    return {
        "field": _label(call, fields),
        "stage": _label(call, {choice.value: choice for choice in stage.choices} if stage else {}),
        "event": _label(call, kinds),
        "data": _label(call, {slot.name: slot for kind in kinds.values() for slot in kind.fields}),
    }


def _label(call: Call, known: Mapping[str, Labelled]) -> dict[str, str]:
    labels = {name: each.zh if call.language == "zh" else each.en for name, each in known.items()}
    return {name: label for name, label in labels.items() if label}


async def _check_lists(call: Call, condition: Tree, field: str) -> list[Violation]:
    found = []
    if wanted := conditions.named(condition, "segment"):
        known = {str(each.id) for each in await call.store.segments.all()}
        found += [Violation(field, f"没有分群 {each}", f"there is no segment {each}") for each in fresh(wanted, known)]
    if wanted := conditions.named(condition, "group_tag"):
        known = {str(tag.id) for tag in await GroupLists(call.store.scope).tags()}
        found += [
            Violation(field, f"没有群标签 {each}", f"there is no group tag {each}") for each in fresh(wanted, known)
        ]
    for chat_id in fresh(conditions.named(condition, "group")):
        if await call.store.groups.get(chat_id) is None:
            found.append(Violation(field, f"没有客户群 {chat_id}", f"there is no group {chat_id}"))
    return found


def _under(condition: Tree, tests: Iterable[str], name: str) -> set[str]:
    return {value[name] for test, value in conditions.tests(condition) if test in tests}
