"""What can be wrong with a broadcast as written."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sop import conditions, limits, schedules, texts
from sop.attachments import check_all
from sop.broadcasts.document import Audience, Broadcast, Chats, Pick, Trial
from sop.limits import Limit, Unit, Violation
from sop.policy import caps
from sop.schedules import Once

NAMED = Limit("名单", "a list", 20_000, Unit.ITEMS)
_CHOSEN = Limit("条件项", "a list", 100, Unit.ITEMS)
_VARIANTS = Limit("内容版本", "the contents", 5, Unit.ITEMS, 1)
_VARIANT = Limit("版本名称", "a variant's name", 20, Unit.CHARS, 1)
_NOTE = Limit("说明", "the note", 500, Unit.CHARS)
_WORDS = Limit("文字", "the words", 60, Unit.CHARS)
MOST_DAYS = 31
MOST_SHARE = 1000
MOST_CAPACITY = 1000
_LONGEST = timedelta(days=30)
_LEAST = timedelta(hours=1)  # between two runs
_MOST_HOURS = 14 * 24
_MOST_PERCENT = 90
_MOST_MEMBERS = 10_000
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")  # of an event
_FIRST, _LAST = 2020, 2100  # years
_PLAIN = re.compile(r"[!-~]{1,64}")  # ids have no spaces and nothing that cannot be seen
_ONLY: dict[str, tuple[str, ...]] = {"customers": ("condition", "segments"), "groups": ("chats",)}


def check(broadcast: Broadcast, now: datetime) -> list[Violation]:
    """Everything that is wrong with it, as far as that can be told without looking anything up."""
    found = limits.RULE_NAME.check("name", broadcast.name.strip()) + _NOTE.check("note", broadcast.note)
    found += _check_audience(broadcast.kind, broadcast.audience)
    found += list(_check_contents(broadcast))
    found += list(_check_sender(broadcast))
    found += list(_check_times(broadcast, now))
    found += caps.check("cap", broadcast.cap)
    if broadcast.trial:
        found += list(_check_trial(broadcast, broadcast.trial))
    if broadcast.goal and not _NAME.fullmatch(broadcast.goal):
        found.append(_fault("goal", "请填写事件名称", "the name of an event"))
    if broadcast.goal and broadcast.kind == "groups":
        found.append(_fault("goal", "群内客户的事件不归于群发", "events are not put down to messages to groups"))
    return found


def variables(broadcast: Broadcast) -> tuple[str, ...]:
    """What its texts may name: nobody knows beforehand whom WeCom picks to send it."""
    if broadcast.kind == "groups":
        return ("staff", "date")
    return ("customer", "date") if broadcast.sender.by == "last_contact" else ("customer", "staff", "date")


def _check_audience(kind: str, audience: Audience) -> list[Violation]:
    found = _check_pick("audience", kind, audience) + _check_pick("audience.exclude", kind, audience.exclude)
    for name in ("broadcasts", "flows"):
        found += _CHOSEN.check(f"audience.exclude.{name}", getattr(audience.exclude, name))
        found += _check_ids(f"audience.exclude.{name}", getattr(audience.exclude, name))
    if audience.everyone is audience.picks:
        zh, en = "请说明发给谁；发给所有人请只写 everyone", "say whom it is for; everyone alone means everybody"
        found.append(_fault("audience", zh, en))
    return found


def _check_pick(field: str, kind: str, pick: Pick) -> list[Violation]:
    found = NAMED.check(f"{field}.subjects", pick.subjects)
    for name in ("segments", "tags", "staff"):
        found += _CHOSEN.check(f"{field}.{name}", getattr(pick, name))
    for name in ("subjects", "segments", "tags", "staff"):
        if not all(map(_PLAIN.fullmatch, getattr(pick, name))):
            found.append(_fault(f"{field}.{name}", "请填写编号", "these are ids"))
    if pick.chats is not None:
        found += _check_chats(f"{field}.chats", pick.chats)
    found += _check_ids(f"{field}.segments", pick.segments)
    if kind == "groups":
        found += _check_ids(f"{field}.tags", pick.tags)
    for other, names in _ONLY.items():
        found += [
            _fault(f"{field}.{name}", "不适用于这种群发", "does not go with this kind of broadcast")
            for name in names
            if other != kind and getattr(pick, name)
        ]
    if pick.condition is not None:
        found += conditions.check(pick.condition, f"{field}.condition")
    return found


def _check_chats(field: str, chats: Chats) -> list[Violation]:
    found = [
        *_WORDS.check(f"{field}.words", chats.words),
        *_WORDS.check(f"{field}.city", chats.city),
        *_check_moment(f"{field}.since", chats.since),
        *_check_moment(f"{field}.until", chats.until),
    ]
    if min(chats.least, chats.most) < 0 or max(chats.least, chats.most) > _MOST_MEMBERS:
        found.append(_fault(f"{field}.least", "人数不对", "no group has so many"))
    return found


def _check_moment(field: str, moment: datetime | None, *, aware: bool = True) -> list[Violation]:
    if moment is None or (_FIRST <= moment.year < _LAST and (moment.tzinfo is not None or not aware)):
        return []
    return [_fault(field, "请填写时间，带时区", "a moment with an offset")]


def _check_ids(field: str, ids: tuple[str, ...]) -> list[Violation]:
    return [_fault(field, "编号是数字", "an id is a number") for each in ids if not (each.isascii() and each.isdigit())]


def _check_contents(broadcast: Broadcast) -> Iterator[Violation]:
    yield from _VARIANTS.check("contents", broadcast.contents)
    names = [each.name for each in broadcast.contents]
    if len(set(names)) < len(names):
        yield _fault("contents", "各版本名称不能相同", "the variants need different names")
    for number, content in enumerate(broadcast.contents):
        field = f"contents.{number}"
        if len(names) > 1:
            yield from _VARIANT.check(f"{field}.name", content.name)
        if not 1 <= content.share <= MOST_SHARE:
            yield _fault(f"{field}.share", f"份额应为 1 到 {MOST_SHARE}", f"a share is 1 to {MOST_SHARE}")
        if not content.text.strip() and not content.attachments:
            yield _fault(f"{field}.text", "文字和附件至少要有一项", "text or attachments, one of them is needed")
        yield from texts.check(f"{field}.text", content.text, known=variables(broadcast))
        reserve = texts.reserve(content.text)
        yield from limits.MESSAGE_TEXT.check(f"{field}.text", content.text, reserve=reserve)
        yield from check_all(f"{field}.", content.attachments)


def _check_sender(broadcast: Broadcast) -> Iterator[Violation]:
    sender = broadcast.sender
    yield from _CHOSEN.check("sender.members", sender.members)
    if broadcast.kind == "groups" and sender.by != "last_contact":
        yield _fault("sender", "发到群里由群主发送", "the owners send to groups")
    if (sender.by == "owner" and sender.rule == "members") is not bool(sender.members):
        zh = "sender.members 与 rule=members 一起使用"
        yield _fault("sender.members", zh, "members go with the rule members, and only with it")
    if broadcast.capacity and broadcast.kind == "customers" and sender.by == "last_contact":
        zh = "由企业微信选择发送人时无法按员工分配，请改为指定发送人"
        yield _fault("capacity", zh, "WeCom picks the senders, so nobody's day can be planned: choose them by a rule")
    if not 0 <= broadcast.capacity <= MOST_CAPACITY:
        yield _fault("capacity", f"应为 0 到 {MOST_CAPACITY}", f"the capacity is 0 to {MOST_CAPACITY}")


def _check_times(broadcast: Broadcast, now: datetime) -> Iterator[Violation]:
    if broadcast.once and broadcast.cron:
        yield _fault("cron", "once 与 cron 只能选一项", "either once or cron")
    if broadcast.schedule:
        yield from _check_moment("once.at", broadcast.once.at if broadcast.once else None, aware=False)
        yield from schedules.check(broadcast.schedule, "cron" if broadcast.cron else "once", least=_LEAST)
    if isinstance(broadcast.schedule, Once) and broadcast.zoned and broadcast.once and broadcast.once.at.tzinfo:
        zh, en = "按客户时区发送时，时间不带时区", "by each customer's zone, the time is one without an offset"
        yield _fault("once.at", zh, en)
    if not 1 <= broadcast.days <= MOST_DAYS:
        yield _fault("days", f"分摊天数应为 1 到 {MOST_DAYS}", f"the days are 1 to {MOST_DAYS}")
    if unclear := _check_moment("until", broadcast.until):
        yield from unclear
    elif broadcast.until is not None and broadcast.until <= now:
        yield _fault("until", "结束时间已过", "this moment has passed")
    for name in ("late", "expires", "window"):
        span = getattr(broadcast, name)
        if span is not None and not timedelta(0) < span <= _LONGEST:
            yield _fault(name, "时长应大于 0，不超过 30 天", "a span is more than nothing, and 30 days at most")


def _check_trial(broadcast: Broadcast, trial: Trial) -> Iterator[Violation]:
    if not broadcast.arms:
        yield _fault("trial", "试发需要至少两个版本", "a trial needs two variants at least")
    elif trial.default not in broadcast.arms:
        yield _fault("trial.default", "请填写其中一个版本的名称", "the name of one of the variants")
    if not 1 <= trial.share <= _MOST_PERCENT:
        yield _fault("trial.share", f"应为 1 到 {_MOST_PERCENT}%", f"the share is 1 to {_MOST_PERCENT} percent")
    if not 0 < trial.hours <= _MOST_HOURS:
        yield _fault("trial.hours", f"应为 0 到 {_MOST_HOURS} 小时", f"the hours are up to {_MOST_HOURS}")
    if not 0 < trial.effect < 1:
        yield _fault("trial.effect", "应在 0 与 1 之间", "the effect lies between 0 and 1")
    if trial.metric == "event" and not _NAME.fullmatch(trial.event):
        yield _fault("trial.event", "请填写事件名称", "the name of an event")
    if broadcast.kind == "groups" and trial.metric != "delivered":
        yield _fault("trial.metric", "群发到群只能比较送达", "only delivery can be compared between groups")


def _fault(field: str, zh: str, en: str) -> Violation:
    return Violation(field, zh, en)
