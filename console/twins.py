"""What the subjects share whose things are wanted here and made at WeCom a moment later."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from console.api.call import Call
from console.api.paging import read_before
from console.api.problem import Problem, missing
from console.api.shapes import Answer, Walk
from console.api.words import Words
from console.patience import Patience, patiently
from storage.twins import Twin, Twins

T = TypeVar("T", bound=Twin)
A = TypeVar("A", bound=Answer)


async def walk(twins: Twins[T, Any], query: Walk) -> tuple[T, ...]:
    """A page, and one more to tell whether there are others; deleted ones too."""
    return await twins.page(before=read_before(query.after), most=query.limit + 1)


async def find(twins: Twins[T, Any], row: int, what: Words) -> T:
    """One, deleted ones too."""
    twin = await twins.get(row)
    if twin is None:
        raise missing(what)
    return twin


async def find_open(twins: Twins[T, Any], row: int, what: Words) -> T:
    """One that is to be changed."""
    twin = await find(twins, row, what)
    require_open(twin, what)
    return twin


async def find_refused(twins: Twins[T, Any], row: int, what: Words) -> T:
    """One that is to be tried once more."""
    twin = await find_open(twins, row, what)
    if twin.status != "refused":
        raise Problem("state", reason_zh=f"当前状态为 {twin.status}。", reason_en=f"It is {twin.status}.")
    return twin


def settle(call: Call, made: T, *, twins: Twins[T, Any], patience: Patience, show: Callable[[T], A]) -> A:
    """What a new one looks like; to who has patience it is shown once WeCom has made it, or refused to."""

    async def look() -> A | None:
        now = await twins.get(made.id)
        return None if now is None or now.status == "pending" else show(now)

    shown = show(made)
    call.after = patiently(patience, shown, look)
    return shown


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
