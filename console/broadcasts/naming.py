"""What a broadcast names must exist: tags, members, segments, materials, topics, other broadcasts and flows."""

from console.api.call import Call
from console.conditions.naming import check_condition
from console.names import check_material, check_staff, check_tags
from sop.broadcasts.document import Broadcast, Pick
from sop.limits import Violation
from storage.groups.lists import GroupLists


async def check_names(call: Call, broadcast: Broadcast) -> list[Violation]:
    """Everything that does not exist, or cannot do what it is named for."""
    audience = broadcast.audience
    found = await _check_pick(call, "audience", broadcast.kind, audience)
    found += await _check_pick(call, "audience.exclude", broadcast.kind, audience.exclude)
    found += await check_staff(call, {"sender.members": broadcast.sender.members})
    for field, attachment in broadcast.materials():
        found += await check_material(call, attachment, field=field)
    topics = {topic.key for topic in (await call.store.policy.current()).topics}
    if broadcast.topic not in topics:
        there = "、".join(sorted(topics))
        found.append(
            Violation("topic", f"没有主题 {broadcast.topic}；可用：{there}", f"no such topic; there are {there}")
        )
    for each in audience.exclude.broadcasts:
        if await call.store.broadcasts.get(_number(each)) is None:
            found.append(Violation("audience.exclude.broadcasts", f"没有群发 {each}", f"there is no broadcast {each}"))
    for each in audience.exclude.flows:
        if await call.store.flows.get(_number(each)) is None:
            found.append(Violation("audience.exclude.flows", f"没有旅程 {each}", f"there is no flow {each}"))
    return found


async def _check_pick(call: Call, field: str, kind: str, pick: Pick) -> list[Violation]:
    found = await check_staff(call, {f"{field}.staff": pick.staff}, must="exist")
    if pick.condition is not None:
        found += await check_condition(call, pick.condition, field=f"{field}.condition")
    if kind == "customers":
        found += await check_tags(call, pick.tags, field=f"{field}.tags")
    elif pick.tags:
        known = {str(tag.id) for tag in await GroupLists(call.store.scope).tags()}
        found += [
            Violation(f"{field}.tags", f"没有群标签 {each}", f"there is no label {each}")
            for each in pick.tags
            if each not in known
        ]
    for each in pick.segments:
        if await call.store.segments.get(_number(each)) is None:
            found.append(Violation(f"{field}.segments", f"没有分群 {each}", f"there is no segment {each}"))
    return found


def _number(written: str) -> int:
    """An id that was checked to be a number; 0, which nothing has, where it is larger than any."""
    return int(written) if len(written) < 19 else 0  # noqa: PLR2004 - digits of the largest id
