"""Acquisition links (获客链接): what an operator may ask for, and the channel by which a customer is recognised.

Whoever opens one of our addresses carries `customer_channel=a-<link>.<source>`, which WeCom gives back as the state.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from sop import digits, limits
from sop.alerts import Alert
from sop.limits import Limit, Unit, Violation
from sop.phrases import Phrase
from sop.reasons import define

Priority = Literal["", "anyone", "listed"]
PREFIX = "a-"  # of the states that are ours
SHOWN = 23  # characters of a name that WeCom shows; the rest of the 30 is our mark
_MARK = 6  # characters of the id that make a name at WeCom recognisable
SCHEME = "weixin://biz/ww/profile/"

NAME = Limit("链接名称", "the link's name", 30, Unit.CHARS, 1)
STAFF = Limit("链接员工", "a link", 500, Unit.ITEMS)
DEPARTMENTS = Limit("链接部门", "a link", 100, Unit.ITEMS)
PRIORITY = Limit("优先员工", "the priority list", 1000, Unit.ITEMS, 1)
SOURCE = Limit("来源", "the source", 48)  # WeCom cuts a channel at 64 bytes

LINK_WANTED = define("link_wanted", "获客链接正在同步到企业微信", "The link is on its way to WeCom")
LINK_LIVE = define("link_live", "获客链接已在企业微信生效", "The link is live at WeCom")
LINK_DELETED = define("link_deleted", "获客链接已从企业微信删除", "The link is gone from WeCom")
LINK_REFUSED = define("link_refused", "企业微信拒绝了获客链接", "WeCom refused the link")
LINK_FAILED = define("link_failed", "获客链接同步失败，未得到确认", "The link could not be brought to WeCom")
LINK_LOST = define(
    "link_lost", "获客链接在企业微信后台被删除", "The link was deleted in WeCom's console: its address is dead"
)
LINK_TAKEN = define(
    "link_taken", "获客链接在企业微信后台被修改，已照改", "The link was changed in WeCom's console; ours follows"
)
LINK_DOWN = define("link_down", "获客链接没有可添加的成员", "No member of the link can add customers any more")
CAME_BY_LINK = define("came_by_link", "客户通过获客链接添加", "The customer came by an acquisition link")
CHAT_UNKNOWN = define(
    "chat_unknown", "消息凭证已过期，无法得知是哪位客户", "The key of the message has expired: who wrote is not known"
)

LOST = Alert(
    Phrase("获客链接被删除：{name}", "Acquisition link deleted: {name}"),
    Phrase(
        "链接在企业微信后台被删除，已发出的地址不再有效。",
        "The link was deleted in WeCom's console; addresses handed out are dead.",
    ),
)
DOWN = Alert(
    Phrase("获客链接不可用：{name}", "Acquisition link unavailable: {name}"),
    Phrase(
        "链接的成员都无法添加客户，请更换成员。", "None of its members can add customers. Please name other members."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A link as an operator writes it: whom it leads to, and what is put on those who come."""

    name: str
    staff: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()  # put on every customer who comes by it
    skip_verify: bool = True  # customers are added without the member's confirmation
    priority: Priority = ""  # whom customers who have friends here see first; empty leaves it to WeCom
    priority_staff: tuple[str, ...] = ()  # for `listed`


@dataclass(frozen=True, slots=True)
class Origin:
    """By which link, from which named source."""

    link: int
    source: str


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a link as written."""
    found = NAME.check("name", draft.name.strip()) + STAFF.check("staff", draft.staff)
    found += DEPARTMENTS.check("departments", draft.departments) + limits.CHANNEL_TAGS.check("tags", draft.tags)
    if not draft.staff and not draft.departments:
        found.append(
            Violation("staff", "请至少选择一名员工或一个部门", "name at least one member of staff or one department")
        )
    if draft.priority == "listed":
        found += PRIORITY.check("priority_staff", draft.priority_staff)
    elif draft.priority_staff:
        found.append(Violation("priority_staff", "仅在优先方式为 listed 时填写", "is for the priority `listed` only"))
    for field in ("staff", "departments", "tags", "priority_staff"):
        values: tuple[object, ...] = getattr(draft, field)
        if len(set(values)) < len(values):
            found.append(Violation(field, "有重复项", "something stands in it twice"))
    return found


def label(name: str, number: int) -> str:
    """The name at WeCom, at most 30 characters: ours, and a mark by which a link is found whose making was unsure."""
    return name.strip()[:SHOWN] + mark(number)


def mark(number: int) -> str:
    """How the name of a link ends: the last digits of its id, of which the random ones are a part."""
    return f"#{digits.write(number)[-_MARK:]}"


def unlabel(label: str, number: int, name: str) -> str:
    """The name as operators write it: `name` unless it was changed at WeCom."""
    bare = label.removesuffix(mark(number))
    return name if bare == name.strip()[:SHOWN] else bare


def make_state(origin: Origin) -> str:
    """The channel of an address, at most 64 bytes."""
    return PREFIX + digits.write(origin.link) + (f".{origin.source}" if origin.source else "")


def read_state(state: str) -> Origin | None:
    """By which of our links somebody came; None for any other state."""
    if not state.startswith(PREFIX):
        return None
    number, _, source = state.removeprefix(PREFIX).partition(".")
    link = digits.read(number)
    return None if link is None else Origin(link, source)


def check_source(source: str) -> list[Violation]:
    """What is wrong with the name of a source."""
    return SOURCE.check("source", source)


def address(url: str, origin: Origin) -> str:
    """The address to hand out; nothing while WeCom has given none."""
    if not url:
        return ""
    return f"{url}{'&' if '?' in url else '?'}customer_channel={quote(make_state(origin), safe='')}"


def scheme(address: str) -> str:
    """The same as an address that opens WeChat from other apps."""
    return SCHEME + quote(address, safe="") if address else ""
