"""Tests of customers as SQL: the rows that say of whom a test holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sop.conditions import compare, customers, deeds
from storage.conditions.data import meets
from storage.conditions.ties import TIES
from storage.conditions.writer import ALWAYS, NEVER, Writer, both, either

Bounds = Callable[[str], str]
"""Between which customers is looked, as a condition on a column that goes on with AND; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Rows, as x, and what they must be like: whoever has one meets the test, or does not if `negated`.

    With `having` it is all of the rows of a customer together that must be like this.
    """

    rows: str
    test: str = ALWAYS
    rough: str = ""  # what an index answers, where that is not all: whoever meets the test has such a row
    having: str = ""
    person: str = "external_user_id"
    negated: bool = False
    indexed: bool = True  # an index leads to them without looking at everybody

    def exists(self) -> str:
        """The condition on a customer c."""
        whose = f"x.corp_id = :corp_id AND x.{self.person} = c.external_user_id"
        text = f"EXISTS (SELECT 1 FROM {self.rows} WHERE {whose} AND {self.test}{self._group()})"
        return f"NOT {text}" if self.negated else text

    def people(self, bounds: Bounds) -> str:
        """The customers for whom it holds, or may hold where there is a rough test; not where it is negated."""
        plain = self.rough or not self.having
        where = f"x.corp_id = :corp_id{bounds(f'x.{self.person}')} AND {self.rough or self.test}"
        some, group = ("DISTINCT ", "") if plain else ("", self._group())
        return f"SELECT {some}x.{self.person} AS external_user_id FROM {self.rows} WHERE {where}{group}"

    def guess(self, most: int, bounds: Bounds) -> str:
        """How many rows there are, counted up to so many."""
        where = f"x.corp_id = :corp_id{bounds(f'x.{self.person}')} AND {self.rough or self.test}"
        return f"(SELECT COUNT(*) FROM (SELECT 1 FROM {self.rows} WHERE {where} LIMIT {most}) AS few)"

    def _group(self) -> str:
        return f" GROUP BY x.{self.person} HAVING {self.having}" if self.having else ""


Read = Callable[[Writer, Any], Source | None]
"""The rows of a test; None where it holds for everybody."""


def _tie(name: str) -> Read:
    indexed = name in ("staff", "department", "channel")
    return lambda writer, value: Source(rows="relations AS x", test=TIES[name](writer, value), indexed=indexed)


def _tag(writer: Writer, value: Any) -> Source:
    return Source(rows="bindings AS x", test=writer.among("x.tag_id", value))


def _counting(value: Mapping[str, int], count: str, source: Callable[[str], Source]) -> Source | None:
    """Who has from `least` to `most` rows, none included where `least` is 0."""
    least, most = value.get("least", 0), value.get("most")
    if least > 0:
        upto = "" if most is None else f" AND {count} <= {int(most)}"
        return source(f"{count} >= {int(least)}{upto}" if least > 1 or upto else "")
    if most is None:
        return None
    return replace(source(f"{count} > {int(most)}" if most else ""), negated=True)


def _groups(_: Writer, value: Any) -> Source | None:
    inside = "x.left_at IS NULL"
    return _counting(
        value,
        "COUNT(DISTINCT x.chat_id)",
        lambda having: Source(rows="group_members AS x", test=inside, having=having, person="member_id", indexed=False),
    )


def _group(writer: Writer, value: Any) -> Source:
    test = both(["x.left_at IS NULL", writer.among("x.chat_id", value)])
    return Source(rows="group_members AS x", test=test, person="member_id")


def _group_tag(writer: Writer, value: Any) -> Source:
    wanted = writer.among("g.tag_id", [int(each) for each in value], "BIGINT")
    tagged = f"SELECT g.chat_id FROM group_bindings AS g WHERE g.corp_id = :corp_id AND {wanted}"
    test = both(["x.left_at IS NULL", f"x.chat_id IN ({tagged})"])
    return Source(rows="group_members AS x", test=test, person="member_id")


def _holding(writer: Writer, name: str, tests: list[str]) -> Source:
    return Source(rows="field_values AS x", test=both([f"x.name = {writer.text(name)}", *tests]))


def _compare(writer: Writer, wanted: Mapping[str, Any]) -> list[str]:
    tests = [_one_of(writer, wanted["in"])] if "in" in wanted else []
    tests += [_one_of(writer, [wanted["equals"]])] if "equals" in wanted else []
    tests += [f"{writer.place('x.text', wanted['contains'])} > 0"] if "contains" in wanted else []
    tests += [f"x.number >= {writer.number(wanted['least'])}"] if "least" in wanted else []
    tests += [f"x.number <= {writer.number(wanted['most'])}"] if "most" in wanted else []
    return tests


def _one_of(writer: Writer, wanted: list[Any]) -> str:
    texts, numbers = compare.sort_out(wanted)
    parts = [writer.among("x.text", texts)] if texts else []
    parts += [writer.among("x.number", numbers, "DOUBLE PRECISION")] if numbers else []
    return either(parts)


def _field(writer: Writer, value: Any) -> Source:
    source = _holding(writer, value["name"], _compare(writer, value))
    return replace(source, indexed=any(end in value for end in ("equals", "in", "least", "most")))


def _date(writer: Writer, value: Any) -> Source:
    least, most = customers.window(value)
    if value.get("yearly"):
        days = customers.endings(writer.today, least, most)
        tests = ["x.number IS NOT NULL", writer.among("SUBSTR(x.text, 6)", days)]
        return replace(_holding(writer, value["name"], tests), indexed=False)
    today = writer.today.toordinal() - customers.EPOCH
    ends = {"least": today + least, "most": today + most}
    return _holding(writer, value["name"], _compare(writer, ends))


def _past(writer: Writer, event: str, value: Mapping[str, Any]) -> list[str]:
    first = deeds.past(value).begin(writer.now)
    tests = [f"x.what = {writer.text(event)}"]
    return tests if first is None else [*tests, f"x.at >= {writer.moment(first)}"]


def _did(writer: Writer, value: Any) -> Source | None:
    past = _past(writer, value["event"], value)
    tests = past + [meets(writer, name, wanted) for name, wanted in value.get("where", {}).items()]
    return _counting(
        value.get("count", deeds.ONCE),
        "COUNT(*)",
        lambda having: Source(rows="history AS x", test=both(tests), rough=both(past), having=having),
    )


def _rfm(writer: Writer, value: Any) -> Source:
    tests = _past(writer, value.get("event", deeds.PURCHASE), value)
    having = []
    if "recency" in value:
        recency = value["recency"]
        having.append(writer.ago("MAX(x.at)", recency.get("least"), recency.get("most")))
    if "frequency" in value:
        having += writer.between("COUNT(*)", value["frequency"])
    if "monetary" in value:
        paid = writer.cents(value.get("amount", deeds.AMOUNT))
        ends = {end: deeds.cents(amount) or 0 for end, amount in value["monetary"].items()}
        having += writer.between(f"COALESCE(SUM({paid}), 0)", ends)
    most = value.get("recency", {}).get("most")
    lately = [] if most is None else [writer.ago("x.at", None, most)]
    return Source(rows="history AS x", test=both(tests), rough=both([*tests, *lately]), having=both(having))


def _segment(writer: Writer, value: Any) -> Source:
    wanted = [int(each) for each in value]
    return Source(rows="segment_members AS x", test=writer.among("x.segment_id", wanted, "BIGINT"))


def _nobody(_: Writer, __: Any) -> Source:
    return Source(rows="customers AS x", test=NEVER)


SOURCES: Mapping[str, Read] = {
    **{name: _tie(name) for name in TIES},
    "tag": _tag,
    "groups": _groups,
    "group": _group,
    "group_tag": _group_tag,
    "field": _field,
    "stage": lambda writer, value: _holding(writer, customers.STAGE, _compare(writer, {"in": value})),
    "score": lambda writer, value: _holding(writer, customers.SCORE, _compare(writer, value)),
    "date": _date,
    "segment": _segment,
    "did": _did,
    "rfm": _rfm,
    "event": _nobody,  # nothing led to a customer who is only looked at
}
