"""What a request names must exist, and be able to do what it is named for; known once it has been read from WeCom."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from console.api.call import Call
from sop.attachments import MATERIALS
from sop.intents import Attachment
from sop.limits import Violation
from sop.tags import NEW

_DIGITS = 20  # no id of ours has so many
Must = Literal["exist", "work", "serve"]


def fresh(named: Iterable[Any], before: Collection[Any] = ()) -> list[Any]:
    """What is named anew: that somebody has left since is no reason to refuse a change of something else."""
    return sorted(set(named) - set(before))


async def check_staff(call: Call, named: Mapping[str, Iterable[str]], *, must: Must = "serve") -> list[Violation]:
    """By field, the members who do not exist; who must `work` and has left; who must `serve` and may not."""
    members = {member.user_id: member for member in await call.store.staff.members()}
    found = []
    for field, user_id in ((field, user_id) for field, users in named.items() for user_id in fresh(users)):
        member = members.get(user_id)
        if member is None and members:
            found.append(Violation(field, f"没有员工 {user_id}", f"there is no member of staff {user_id}"))
        elif member and must != "exist" and not member.active:
            found.append(Violation(field, f"{user_id} 已离职，请换一位", f"{user_id} has left: name somebody else"))
        elif member and must == "serve" and not member.contactable:
            zh = f"{user_id} 没有客户联系权限：请在企业微信后台开通后同步，或换一位"
            en = f"{user_id} may not contact customers: allow it in WeCom's console and sync, or name somebody else"
            found.append(Violation(field, zh, en))
    return found


async def check_departments(call: Call, named: Iterable[int], *, field: str = "departments") -> list[Violation]:
    """The departments that do not exist, or that the app may not see."""
    known = await call.store.staff.departments()
    strange = fresh(named, known) if known else []
    return [
        Violation(field, f"没有部门 {each}（编号见 /departments）", f"there is no department {each}: see /departments")
        for each in strange
    ]


async def check_tags(call: Call, named: Iterable[str], *, field: str = "tags") -> list[Violation]:
    """The tags that do not exist (any more, or at WeCom yet)."""
    tags = fresh(named)
    known = await call.store.tags.find(tags)
    gone = [tag for tag in tags if tag not in known or known[tag].deleted or tag.startswith(NEW)]
    if gone and not await call.store.tags.library():
        return []
    return [Violation(field, f"没有标签 {each}", f"there is no tag {each}") for each in gone]


async def check_channels(call: Call, named: Iterable[int | str], *, field: str = "channels") -> list[Violation]:
    """The channels that do not exist; deleted ones do, as their customers came by them. Ids may be texts."""
    found = []
    for each in fresh(map(str, named)):
        number = int(each) if each.isascii() and each.isdigit() and len(each) < _DIGITS else 0
        if await call.store.channels.get(number) is None:
            found.append(Violation(field, f"没有渠道 {each}", f"there is no channel {each}"))
    return found


async def check_material(call: Call, attachment: Attachment | None, *, field: str) -> list[Violation]:
    """The material of an attachment, when there is none of that id and kind."""
    kind = MATERIALS.get(attachment.kind) if attachment else None
    if attachment is None or kind is None or not (attachment.material.isascii() and attachment.material.isdigit()):
        return []
    material = await call.store.materials.get(int(attachment.material))
    if material is not None and material.kind == kind:
        return []
    return [Violation(f"{field}.material", f"没有这个 {kind} 素材", f"there is no such material of kind {kind}")]
