"""The tag library: what operators may ask for, and what WeCom's refusals mean to them."""

from dataclasses import dataclass
from typing import Literal

from sop.limits import Limit, Unit, Violation
from sop.reasons import Sentence, define

Kind = Literal["corp", "strategy", "internal"]
MOST_TAGS = 10_000  # at WeCom: the corp's and those of rule groups together
MOST_OF_RELATION = 3_000
ORDERS = range(2**32)
NEW = "new:"  # how the id of a tag begins that WeCom has not made yet; nothing may refer to it
INTERNAL = "in:"  # how the id of a tag begins that is nowhere but here

LIBRARY_WANTED = define(
    "library_wanted", "标签库的修改正在同步到企业微信", "A change of the library is on its way to WeCom"
)
LIBRARY_CHANGED = define("library_changed", "标签库的修改已在企业微信生效", "WeCom has taken the change of the library")
LIBRARY_REFUSED = define("library_refused", "企业微信拒绝了标签库的修改", "WeCom refused the change of the library")
LIBRARY_FAILED = define(
    "library_failed", "标签库的修改未得到企业微信确认", "WeCom has not confirmed the change of the library"
)

NAME = Limit("标签名", "a tag's name", 30, Unit.CHARS, 1)
GROUP_NAME = Limit("标签组名", "a tag group's name", 30, Unit.CHARS, 1)
NEW_TAGS = Limit("新标签", "one request", 200, Unit.ITEMS, 1)

# What to do about WeCom's refusals (page 90313).
_ADVICE = {
    40068: Sentence(
        "企业微信中没有这个标签或标签组，它可能刚被删除：请等待标签库刷新后重试",
        "WeCom knows no such tag or group, perhaps deleted just now: wait until the library is read again",
    ),
    40071: Sentence(
        "企业微信中已有同名标签或标签组：请换一个名称，或直接使用已有的",
        "WeCom has one of this name already: choose another name, or use the one there is",
    ),
    40072: Sentence("名称为 1 到 30 个字", "A name has 1 to 30 characters"),
    40126: Sentence(
        "企业标签已达 10,000 个上限：请删除不用的标签，或建为内部标签",
        "The corp has 10,000 tags, the most there can be: delete some, or make this one internal",
    ),
    40144: Sentence(
        "该客户在该员工名下的标签已达 3,000 个上限：请先移除一些",
        "This member has put 3,000 tags on the customer, the most there can be: take some off first",
    ),
    41110: Sentence(
        "标签 ID 无效：请等待标签库刷新后重试", "The tag id is invalid: wait until the library is read again"
    ),
    45035: Sentence("同一对象正被同时修改：请稍后重试", "The same thing was being changed at once: try again"),
    48002: Sentence(
        "应用没有客户联系权限：请在管理后台把应用加入「可调用接口的应用」",
        "The app may not call customer contact: add it to the apps allowed to, in WeCom's console",
    ),
    81011: Sentence(
        "标签由其他应用或管理后台创建，本应用不能修改：请到创建它的地方修改",
        "Another app or WeCom's console made this tag, and only there it can be changed",
    ),
    84061: Sentence("企业微信中没有这段客户关系", "At WeCom the two are not related"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTag:
    """A tag to be made; a larger position stands first."""

    name: str
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Tags to be made in a group, given by its id, or by its name, which is made if it is new."""

    group_id: str = ""
    group_name: str = ""
    position: int = 0  # of a new group
    tags: tuple[NewTag, ...] = ()
    kind: Kind = "corp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a tag or a group is to be; None stays as it is."""

    name: str | None = None
    position: int | None = None


def advise(code: int, said: str = "") -> Sentence:
    """What a refusal of the library means to an operator; an unknown one in WeCom's own words."""
    if not code:
        return Sentence(said, said)
    return _ADVICE.get(code) or Sentence(f"企业微信返回 {code} {said}".strip(), f"WeCom said {code} {said}".strip())


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with new tags as written, whatever the library holds."""
    found = [] if draft.group_id else GROUP_NAME.check("group.name", draft.group_name.strip())
    found += _check_position("group.position", draft.position)
    found += NEW_TAGS.check("tags", draft.tags)
    names = [tag.name.strip() for tag in draft.tags]
    for number, tag in enumerate(draft.tags):
        found += NAME.check(f"tags.{number}.name", names[number])
        found += _check_position(f"tags.{number}.position", tag.position)
        if names[number] in names[:number]:
            found.append(_twice(f"tags.{number}.name", names[number]))
    return found


def check_edit(edit: Edit, *, group: bool) -> list[Violation]:
    """Everything that is wrong with a change as written."""
    limit = GROUP_NAME if group else NAME
    found = [] if edit.name is None else limit.check("name", edit.name.strip())
    if edit.position is not None:
        found += _check_position("position", edit.position)
    if edit.name is None and edit.position is None:
        found.append(Violation("name", "请给出新的名称或排序", "give a new name or position"))
    return found


def check_room(have: int, more: int) -> list[Violation]:
    """Whether WeCom has room for more tags; `have` counts those on their way."""
    if have + more <= MOST_TAGS:
        return []
    left = max(0, MOST_TAGS - have)
    return [
        Violation(
            "tags",
            f"企业标签最多 {MOST_TAGS} 个，还可新建 {left} 个；其余可建为内部标签",
            f"a corp has at most {MOST_TAGS} tags, {left} more fit in; the others can be internal",
        )
    ]


def taken(field: str, name: str) -> Violation:
    """A name that the group, or the library, has already."""
    return Violation(field, f"「{name}」已存在", f"{name} is there already")


def _twice(field: str, name: str) -> Violation:
    return Violation(field, f"「{name}」重复", f"{name} stands twice")


def _check_position(field: str, position: int) -> list[Violation]:
    if position in ORDERS:
        return []
    return [Violation(field, "排序值为 0 到 4294967295", "a position is 0 to 4294967295")]
