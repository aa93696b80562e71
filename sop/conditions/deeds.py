"""Tests of what happened: that a customer did something, so often, lately; how they buy; what the event said."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sop.conditions import compare, forms
from sop.conditions.facts import Deed, Facts, Needs, Past
from sop.conditions.leaf import Leaf, Speech, Test, within

PURCHASE, AMOUNT = "order_paid", "amount"  # the event and its field, unless the condition names others
ONCE = {"least": 1}


def past(value: Mapping[str, Any], *, data: bool = False) -> Past:
    """Which part of the past counts."""
    since = datetime.fromisoformat(value["since"]) if "since" in value else None
    return Past(days=value.get("since_days"), since=since, data=data)


def cents(amount: object) -> int | None:
    """An amount of money in hundredths, so that sums are exact; None for what is none."""
    if not compare.is_number(amount):
        return None
    number = float(amount)  # type: ignore[arg-type]
    return int(number * 100 + (0.5 if number >= 0 else -0.5)) if abs(number) <= forms.MOST_PAID else None


def _counted(value: Mapping[str, Any]) -> Test:
    name, fits = value["event"], within(value.get("count", ONCE))
    meets = compare.where(value["where"]) if "where" in value else None
    begin = past(value).begin

    def holds(facts: Facts, now: datetime) -> bool:
        return fits(_count(facts.deeds.get(name, ()), begin(now), meets))

    return holds


def _count(deeds: Sequence[Deed], first: datetime | None, meets: compare.Meets | None) -> int:
    if first is None and meets is None:
        return len(deeds)
    count = 0
    for deed in deeds:
        if (first is None or deed.at >= first) and (meets is None or meets(deed.data)):
            count += 1
    return count


def _measure(value: Mapping[str, Any], facts: Facts, now: datetime) -> dict[str, int] | None:
    """Recency in days, frequency, and monetary in hundredths, of somebody who has bought something."""
    first = past(value).begin(now)
    deeds = facts.deeds.get(value.get("event", PURCHASE), ())
    bought = [deed for deed in deeds if first is None or deed.at >= first]
    if not bought:
        return None
    paid = sum(cents(deed.data.get(value.get("amount", AMOUNT))) or 0 for deed in bought)
    last = max(deed.at for deed in bought)
    return {"recency": (now - last).days, "frequency": len(bought), "monetary": paid}


def _see_rfm(value: Mapping[str, Any], facts: Facts, now: datetime) -> dict[str, float] | None:
    measured = _measure(value, facts, now)
    return None if measured is None else {**measured, "monetary": measured["monetary"] / 100}


def _rfm(value: Mapping[str, Any]) -> Test:
    fits = {name: within(value[name]) for name in ("recency", "frequency") if name in value}
    if "monetary" in value:
        fits["monetary"] = within({end: cents(each) for end, each in value["monetary"].items()})

    def holds(facts: Facts, now: datetime) -> bool:
        measured = _measure(value, facts, now)
        return measured is not None and all(test(measured[name]) for name, test in fits.items())

    return holds


def _need_rfm(value: Mapping[str, Any]) -> Needs:
    return Needs(events={value.get("event", PURCHASE): past(value, data="monetary" in value)})


def _say_when(value: Mapping[str, Any], speech: Speech) -> str:
    if "since_days" in value:
        days = value["since_days"]
        return speech.pick(f"最近 {days} 天内", f" in the last {days} days")
    if "since" in value:
        day = value["since"][:10]
        return speech.pick(f"自 {day} 起", f" since {day}")
    return ""


def _say_where(wanted: Mapping[str, Any], speech: Speech) -> str:
    said = [f"{speech.name('data', name)} {compare.say(each, speech)}" for name, each in wanted.items()]
    return speech.pick("，", ", ").join(said)


def _say_did(value: Any, speech: Speech) -> str:
    event, count = speech.name("event", value["event"]), value.get("count", ONCE)
    times = "" if count == ONCE else speech.span(count, " 次", " times")
    where = f"（{_say_where(value['where'], speech)}）" if "where" in value else ""
    if speech.language == "zh":
        verb = "没有发生过" if speech.negated else "发生过"
        return f"{_say_when(value, speech)}{verb}{event}{where}{' ' + times if times else ''}"
    verb = "did not do" if speech.negated else "did"
    where = where.replace("（", " (").replace("）", ")")
    return f"{verb} {event}{where}{' ' + times if times else ''}{_say_when(value, speech)}"


def _say_rfm(value: Any, speech: Speech) -> str:
    parts = []
    if "recency" in value:
        days = speech.span(value["recency"], " 天", " days")
        parts.append(speech.pick(f"最近一次在 {days}前", f"last {days} ago"))
    if "frequency" in value:
        parts.append(speech.span(value["frequency"], " 次", " times"))
    if "monetary" in value:
        parts.append(speech.pick("累计金额 ", "in all ") + speech.span(value["monetary"]))
    what = _say_when(value, speech) + speech.name("event", value.get("event", PURCHASE))
    said = f"{what}{speech.pick('：', ': ')}{speech.pick('，', ', ').join(parts)}".strip()
    return said if not speech.negated else speech.pick(f"不满足（{said}）", f"not ({said})")


def _see_did(value: Any, facts: Facts, now: datetime) -> int:
    meets = compare.where(value["where"]) if "where" in value else None
    return _count(facts.deeds.get(value["event"], ()), past(value).begin(now), meets)


def _entry(value: Any) -> Test:
    meets = compare.where(value)
    return lambda facts, _: facts.event is not None and meets(facts.event)


def _say_entry(value: Any, speech: Speech) -> str:
    said = speech.pick("事件的 ", "the event's ") + _say_where(value, speech)
    return said if not speech.negated else speech.pick(f"不满足（{said}）", f"not ({said})")


DEEDS: Mapping[str, Leaf] = {
    "did": Leaf(
        form=forms.DID,
        needs=lambda value: Needs(events={value["event"]: past(value, data="where" in value)}),
        build=_counted,
        look=_see_did,
        say=_say_did,
    ),
    "rfm": Leaf(form=forms.RFM, needs=_need_rfm, build=_rfm, look=_see_rfm, say=_say_rfm),
    "event": Leaf(
        form=forms.DATA,
        needs=lambda _: Needs(),
        build=_entry,
        look=lambda value, facts, _: {name: (facts.event or {}).get(name) for name in value},
        say=_say_entry,
        entry=True,
    ),
}
