"""Business events: what other systems tell of customers, such as an order, and what kinds of them there are.

They are facts of a customer's history like the platform's own, by their name: conditions and flows know only one kind.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import get_args

from sop.feed.types import EventType, Kind, Slot
from sop.limits import Limit, Unit, Violation
from sop.relations import Deed
from sop.transfers.takeovers import STORY

__all__ = ["FRESH", "KEPT", "KINDS", "RESERVED", "STANDARD", "EventType", "Kind", "Slot", "check", "effect", "known"]

KINDS: tuple[Kind, ...] = get_args(Kind)
FRESH = timedelta(days=2)  # what happened longer ago counts, but begins no flow: so the past can be told
AHEAD = timedelta(minutes=5)  # clocks differ
KEPT = timedelta(days=30)  # how long an event waits for its customer to become known
NAME = Limit("事件名", "the event's name", 64, Unit.CHARS, 1)
LABEL = Limit("显示名称", "the label", 60, Unit.CHARS)
SLOTS = Limit("字段", "an event type", 100, Unit.ITEMS)
MOST_TYPES = 500  # of a corp
UNDECLARED, STRANGERS = "events.undeclared", "events.strangers"  # settings: refuse or take; park or refuse
_NAME = re.compile(r"[a-z][a-z0-9_.]*")
# What the history calls facts of the platform and of ours: nobody else may say that these happened.
RESERVED = frozenset(
    {
        *(deed.value for deed in Deed), *STORY.values(),
        "edited", "tagged", "untagged", "remarked", "welcomed", "archive_consented", "bulk_removal", "dismissed",
        "group_joined", "group_left", "field_changed", "messaged", "message_failed", "opted_out", "opted_in",
        "task_done", "task_dismissed", "goal_reached",
        "moment_liked", "moment_commented", "segment_entered", "segment_left",
    }
)  # fmt: skip


def effect(name: str, key: str) -> str:
    """What an event is called in the history: told twice, it is one."""
    return f"own:{name}:{key}"


def check(kind: EventType) -> list[Violation]:
    """Everything that is wrong with a kind of event as declared."""
    found = NAME.check("name", kind.name) + LABEL.check("zh", kind.zh) + LABEL.check("en", kind.en)
    if not found:
        found = check_name(kind.name)
    found += SLOTS.check("fields", kind.fields)
    names = [slot.name for slot in kind.fields]
    for at, slot in enumerate(kind.fields):
        found += LABEL.check(f"fields.{at}.zh", slot.zh) + LABEL.check(f"fields.{at}.en", slot.en)
        if not slot.name.strip() or len(slot.name) > NAME.most or names.index(slot.name) != at:
            zh, en = (
                f"字段名为 1 到 {NAME.most} 个字，不能重复",
                f"a field has a name of 1 to {NAME.most} characters, once",
            )
            found.append(Violation(f"fields.{at}.name", zh, en))
    return found


def check_name(name: str, where: str = "name") -> list[Violation]:
    """What is wrong with the name of an event."""
    if name in RESERVED:
        zh, en = f"{name} 是系统自己的事件名，请换一个", f"{name} is an event of the system's own: choose another name"
        return [Violation(where, zh, en)]
    if not _NAME.fullmatch(name) or len(name) > NAME.most:
        zh = "事件名用小写英文字母、数字、_ 和 .，以字母开头，如 order_paid"
        en = "the name takes lowercase letters, digits, _ and ., a letter first, such as order_paid"
        return [Violation(where, zh, en)]
    return []


def known(types: Iterable[EventType]) -> dict[str, EventType]:
    """All kinds by name: the standard ones, unless they are declared otherwise, and the corp's own."""
    return {**STANDARD, **{kind.name: kind for kind in types}}


_ORDER = (
    Slot(name="order_id", kind="text", needed=True, zh="订单号", en="Order"),
    Slot(name="amount", kind="number", zh="金额（元）", en="Amount"),
    Slot(name="items", kind="list", zh="商品", en="Items"),
    Slot(name="coupon", kind="text", zh="优惠券", en="Coupon"),
)
STANDARD: Mapping[str, EventType] = {
    kind.name: kind
    for kind in (
        EventType(
            name="cart_unpaid",
            zh="购物车未付款",
            en="Cart left unpaid",
            fields=(
                Slot(name="cart_id", kind="text", zh="购物车编号", en="Cart"),
                Slot(name="amount", kind="number", zh="金额（元）", en="Amount"),
                Slot(name="items", kind="list", zh="商品", en="Items"),
                Slot(name="url", kind="text", zh="付款链接", en="Link to pay"),
            ),
        ),
        EventType(name="order_created", zh="下单", en="Order placed", fields=_ORDER),
        EventType(name="order_paid", zh="订单已付款", en="Order paid", fields=_ORDER),
        EventType(name="order_shipped", zh="订单已发货", en="Order shipped", fields=_ORDER[:1]),
        EventType(name="order_refunded", zh="订单已退款", en="Order refunded", fields=_ORDER[:2]),
        EventType(
            name="page_viewed",
            zh="浏览页面",
            en="Page viewed",
            fields=(
                Slot(name="url", kind="text", needed=True, zh="网址", en="Address"),
                Slot(name="title", kind="text", zh="标题", en="Title"),
            ),
        ),
        EventType(
            name="form_submitted",
            zh="提交表单",
            en="Form submitted",
            fields=(Slot(name="form", kind="text", needed=True, zh="表单", en="Form"),),
        ),
        EventType(
            name="quote_opened",
            zh="查看报价单",
            en="Quote opened",
            fields=(Slot(name="quote_id", kind="text", zh="报价单号", en="Quote"),),
        ),
        EventType(
            name="lead_assigned",
            zh="线索已分配",
            en="Lead assigned",
            fields=(Slot(name="source", kind="text", zh="来源", en="Source"),),
        ),
    )
}
