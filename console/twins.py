"""What the subjects share whose things are wanted here and made at WeCom a moment later."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from console.call import Call
from console.problem import Problem
from console.words import Words
from sop.errors import Invalid
from sop.limits import Violation
from storage.twins import Twin


async def check_names(
    call: Call, found: Sequence[Violation], *, staff: dict[str, tuple[str, ...]], tags: tuple[str, ...] = ()
) -> None:
    """Refuse with all that is wrong; names are looked up once the directory and the tag library have been read."""
    wrong = list(found)
    members = {member.user_id for member in await call.store.staff.members()}
    for field, named in staff.items():
        strange = sorted(set(named) - members) if members else []
        wrong += [Violation(field, f"没有员工 {each}", f"there is no member of staff {each}") for each in strange]
    known = await call.store.tags.find(tags)
    gone = [tag for tag in tags if tag not in known or known[tag].deleted]
    wrong += [Violation("tags", f"没有标签 {each}", f"there is no tag {each}") for each in gone]
    if wrong:
        raise Invalid(wrong)


def require_open(twin: Twin, what: Words) -> None:
    """Refuse to change what is deleted, or not ours to change."""
    if twin.ended:
        raise Problem("state", reason_zh=f"{what.zh}已删除。", reason_en=f"The {what.en} is deleted.")
    if twin.status == "foreign":
        raise Problem(
            "state",
            reason_zh=f"该{what.zh}不是由本应用创建的，请在企业微信后台修改。",
            reason_en=f"The {what.en} was not made by this app: change it in WeCom's console.",
        )


def pend(twin: Twin, call: Call, status: str = "pending") -> dict[str, Any]:
    """What a twin looks like once its change is stored."""
    return {"version": twin.version + 1, "status": status, "reason": "", "changed_at": call.now}


def read_change(body: BaseModel) -> dict[str, Any]:
    """What is to be different."""
    return {name: value for name, value in body if value is not None}
