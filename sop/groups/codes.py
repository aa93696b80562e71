"""Group codes (群活码): which groups a code leads to, filled one after another, with as few changes as possible.

WeCom takes five groups for a code and fills them in order. An operator may list more, fill each only to a threshold,
and name a spare group for when all are full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sop import channels, visits
from sop.limits import Limit, Unit, Violation
from sop.reasons import define

PREFIX = "g-"
SHOWN = 5  # groups that WeCom takes for one code
SEATS = 200  # beyond so many nobody comes into a group by a code
MOST_GROUPS = 50
_NAME = Limit("群活码名称", "the group code's name", 30, Unit.CHARS, 1)  # shown to administrators as its remark
_GROUPS = Limit("客户群", "a group code", MOST_GROUPS, Unit.ITEMS, 1)
_BASE_NAME = Limit("新群名称前缀", "the name of new groups", 36, Unit.CHARS)
_CITY = Limit("城市", "the city", 30, Unit.CHARS)

CODE_ROTATED = define(
    "code_rotated", "有群已满或已解散，换下一个群", "A group is full or gone: the next ones take its place"
)
CODE_SPARE = define("code_spare", "所有群已满，启用备用群", "All groups are full: the spare one takes people in")
CODE_FULL = define("code_full", "所有群已满", "All groups are full")
CODE_EMPTY = define("code_empty", "群活码没有可用的群", "None of its groups is there any more")
CODE_GROWN = define("code_grown", "企业微信为该群活码新建了群", "WeCom has made a new group for this code")
CODE_WANTED = define("code_wanted", "群活码正在同步到企业微信", "The group code is on its way to WeCom")
CODE_LIVE = define("code_live", "群活码已在企业微信生效", "The group code is live at WeCom")
CODE_DELETED = define("code_deleted", "群活码已从企业微信删除", "The group code is gone from WeCom")
CODE_REFUSED = define("code_refused", "企业微信拒绝了群活码", "WeCom refused the group code")
CODE_FAILED = define(
    "code_failed",
    "群活码同步失败，未得到确认；群活码无法在企业微信中查询，请确认后手动重试",
    "The group code could not be brought to WeCom, where nobody can look it up: retry it by hand",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A group code as an operator writes it."""

    name: str
    groups: tuple[str, ...]  # chat ids in the order in which they are filled
    spare: str = ""  # chat id of the group for when all are full
    threshold: int = SEATS  # a group with so many people is full
    auto_create: bool = False  # WeCom makes a new group when all that it has are full
    base_name: str = ""  # what new groups are called, with a number behind
    base_number: int = 1
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How a group stands: how many are in it, and whether it is still there."""

    members: int
    alive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The groups that a code is to lead to, and why; without a reason everything stays as it is."""

    shown: tuple[str, ...]
    reason: str = ""


def make_state(number: int) -> str:
    """The state of the group code with this id: ours by its prefix, unique as the id is."""
    return PREFIX + visits.slug(channels.make_state(number))


def slug(state: str) -> str:
    """The short address of the group code with this state."""
    return state.removeprefix(PREFIX)


def state_of(code: str) -> str:
    """The state behind a short address; "" for what can be none."""
    return PREFIX + slug(code) if visits.state_of(code) else ""


def rotate(draft: Draft, rooms: Mapping[str, Room], shown: Sequence[str]) -> Rotation:
    """The groups to lead to now. What is shown stays while people can come into all of it.

    A group that was full comes back only with some seats, so that one who leaves does not turn the code to and fro.
    """
    keep = [one for one in shown if one in draft.groups and _has_seat(draft, rooms, one)]
    if keep and len(keep) == len(shown):
        return Rotation(shown=tuple(shown))
    margin = max(1, draft.threshold // 20) if shown else 0
    fitting = tuple(one for one in draft.groups if one in keep or _has_seat(draft, rooms, one, margin=margin))[:SHOWN]
    if fitting:
        return Rotation(shown=fitting, reason=CODE_ROTATED)
    if draft.spare and _alive(rooms, draft.spare) and rooms[draft.spare].members < SEATS:
        return _settle(shown, (draft.spare,), CODE_SPARE)
    alive = tuple(one for one in draft.groups if _alive(rooms, one))[-SHOWN:]
    if not alive:
        return _settle(shown, tuple(shown), CODE_EMPTY)
    stay = tuple(shown) if shown and all(one in draft.groups and _alive(rooms, one) for one in shown) else alive
    return _settle(shown, stay, CODE_FULL)


def free_seats(draft: Draft, rooms: Mapping[str, Room], shown: Sequence[str]) -> int:
    """How many people can come in by a code as it stands."""
    most = {one: SEATS if one == draft.spare else draft.threshold for one in shown}
    return sum(max(0, most[one] - rooms[one].members) for one in shown if _alive(rooms, one))


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a group code as written."""
    found = _NAME.check("name", draft.name.strip()) + _GROUPS.check("groups", draft.groups)
    found += _BASE_NAME.check("base_name", draft.base_name) + _CITY.check("city", draft.city)
    if len(set(draft.groups)) < len(draft.groups):
        found.append(Violation("groups", "有重复项", "something stands in it twice"))
    if draft.spare and draft.spare in draft.groups:
        found.append(Violation("spare", "备用群不能同时在列表中", "the spare group is one of the others"))
    if not 1 <= draft.threshold <= SEATS:
        zh, en = f"满员人数应为 1 到 {SEATS}", f"a group is full at 1 to {SEATS} people"
        found.append(Violation("threshold", zh, en))
    return found


def _settle(before: Sequence[str], shown: tuple[str, ...], reason: str) -> Rotation:
    return Rotation(shown=shown, reason=reason if shown != tuple(before) else "")


def _has_seat(draft: Draft, rooms: Mapping[str, Room], chat_id: str, *, margin: int = 0) -> bool:
    return _alive(rooms, chat_id) and rooms[chat_id].members < draft.threshold - margin


def _alive(rooms: Mapping[str, Room], chat_id: str) -> bool:
    return chat_id in rooms and rooms[chat_id].alive
