"""Judging business events one by one: what each tells, or all that is wrong with it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from console.api.faults import read_faults, unknown
from console.api.words import Words
from console.feed.shapes import BusinessEvent, EventFault
from sop import feed
from sop.feed import AHEAD, EventType
from sop.feed.types import LARGEST, weigh
from storage import identities
from storage.feed.told import Told
from storage.identities import ID, UNION, Key

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_ONE_WAY = Words(
    "请恰好用一种方式指明客户：external_user_id、unionid，或 field 加 value 或 sha256",
    "tell the customer in one way: external_user_id, unionid, or field with value or sha256",
)
_WRONG_FIELD = Words("不是唯一字段，无法据此找到客户", "is no unique field, so it cannot tell the customer")
_AHEAD = Words("在未来，请核对时钟与时区", "lies in the future: look at the clock and the zone")
_ANCIENT = Words("早于 2000 年", "lies before the year 2000")
_HEAVY = Words(
    f"最多 {LARGEST} 个字符、6 层，数字不超过 2 的 53 次方，文本不含 NUL",
    f"has at most {LARGEST} characters and 6 levels, numbers up to 2**53, and no NUL",
)
_OFF = Words("该事件类型已停用", "is switched off")
_UNDECLARED = Words(
    "没有声明过这种事件：请先在 /event-types 声明，或在设置中允许未声明的事件；{nearest}",
    "is not declared: declare it at /event-types, or let the settings take undeclared events; {nearest}",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an event tells, or what is wrong with it."""

    key: str | None
    told: Told | None = None
    faults: tuple[EventFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What events are judged by: the kinds there are, the fields that tell a customer, the moment."""

    types: Mapping[str, EventType]
    undeclared: bool  # whether events of other kinds are taken, too
    telling: Collection[str]
    now: datetime

    def judge(self, item: BusinessEvent | Any) -> Judged:
        """An event of the batch, whatever it is."""
        if not isinstance(item, BusinessEvent):
            return _misfit(item)
        faults = [*self._kind(item), *self._moment(item)]
        who = _who(item)
        if who is None:
            faults.append(_fault("external_user_id", _ONE_WAY))
        elif who.by not in (ID, UNION) and who.by not in self.telling:
            faults.append(_fault("field", _WRONG_FIELD))
        if who is None or faults:
            return Judged(item.key, None, tuple(faults))
        told = Told(
            name=item.name,
            who=who,
            user_id=item.user_id or "",
            effect=feed.effect(item.name, item.key),
            at=item.at or self.now,
            data=item.data,
        )
        return Judged(item.key, told)

    def _kind(self, item: BusinessEvent) -> list[EventFault]:
        """What is wrong with the name and the data."""
        kind = self.types.get(item.name)
        if weigh(item.data) > LARGEST:
            return [_fault("data", _HEAVY)]
        if kind is None:
            wrong = feed.check_name(item.name)
            if not wrong and not self.undeclared:
                near = unknown(item.name, self.types)
                zh, en = (
                    _UNDECLARED.tell("zh", nearest=near.tell("zh")),
                    _UNDECLARED.tell("en", nearest=near.tell("en")),
                )
                return [EventFault(field="name", zh=zh, en=en)]
        elif kind.enabled:
            wrong = kind.judge(item.data)
        else:
            return [_fault("name", _OFF)]
        return [EventFault(field=each.field, zh=each.message_zh, en=each.message_en) for each in wrong]

    def _moment(self, item: BusinessEvent) -> list[EventFault]:
        """What is wrong with when it happened."""
        if item.at and item.at > self.now + AHEAD:
            return [_fault("at", _AHEAD)]
        return [_fault("at", _ANCIENT)] if item.at and item.at < _EARLIEST else []


def _who(item: BusinessEvent) -> Key | None:
    """By what the customer is told, if it is in one way."""
    ways = [
        Key(ID, item.external_user_id) if item.external_user_id else None,
        Key(UNION, item.unionid) if item.unionid else None,
        identities.key(item.field, item.value) if item.field and item.value else None,
        Key(item.field, item.sha256.lower()) if item.field and item.sha256 else None,
    ]
    told = [way for way in ways if way]
    lost = bool(item.field) != bool(item.value or item.sha256)
    return told[0] if len(told) == 1 and not lost else None


def _misfit(item: Any) -> Judged:
    """What is not of the shape of an event."""
    key = item.get("key") if isinstance(item, dict) else None
    try:
        BusinessEvent.model_validate_json(json.dumps(item))
    except ValidationError as error:
        faults = read_faults(error, BusinessEvent).faults
        told = [EventFault(field=each.field, zh=each.words.tell("zh"), en=each.words.tell("en")) for each in faults]
        return Judged(key if isinstance(key, str) else None, None, tuple(told))
    raise AssertionError("what was no event the first time is one now")


def _fault(field: str, words: Words) -> EventFault:
    return EventFault(field=field, zh=words.tell("zh"), en=words.tell("en"))
