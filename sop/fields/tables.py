"""Values of many customers from a table: whom each line means, what is to be noted, or what is wrong with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sop import sheets
from sop.fields import Change, Field, Value, read
from sop.limits import Violation
from sop.reasons import define

JOB = "set_fields"
MOST_LINES = 20_000
MOST_BYTES = 5 * 2**20
AT_ONCE = 500  # lines of one step
STRANGER = define("stranger", "没有这位客户", "There is no such customer")
_KEYS: Mapping[str, str] = {
    "客户": "external_user_id",
    "客户id": "external_user_id",
    "customer": "external_user_id",
    "external_user_id": "external_user_id",
    "external_userid": "external_user_id",
    "unionid": "unionid",
}
Verdict = Literal["set", "unknown", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, numbered as a spreadsheet does; `key` is what tells whom it means, `values` what is to be noted.

    `customer` is who that is, once it was looked up: empty for nobody whom we know.
    """

    number: int
    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    faults: tuple[Violation, ...] = ()
    customer: str = ""

    @property
    def verdict(self) -> Verdict:
        """What would become of it."""
        if self.faults:
            return "refused"
        return "set" if self.customer else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it was understood: `by` is external_user_id, unionid or a unique field; the digest names the file."""

    digest: str
    by: str
    lines: tuple[Line, ...]

    def those(self, verdict: Verdict) -> tuple[Line, ...]:
        """The lines with a verdict."""
        return tuple(line for line in self.lines if line.verdict == verdict)


def parse(text: str, fields: Mapping[str, Field]) -> Table:
    """What a table asks for, line by line; an empty cell asks for nothing.

    Raises `Invalid` where the table as a whole cannot be understood.
    """
    text = text.removeprefix("\ufeff")
    content = sheets.measure(text, MOST_BYTES)
    rows = sheets.rows(text)
    by, columns = _columns(next(rows, (1, []))[1], fields)
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        if len(lines) >= MOST_LINES:
            raise sheets.refuse(f"最多 {MOST_LINES} 行", f"takes at most {MOST_LINES} lines")
        lines.append(_once(_line(number, columns, cells, fields), seen))
    if not lines:
        raise sheets.refuse("没有任何数据行", "has no lines below the headings")
    return Table(digest=hashlib.sha256(content).hexdigest(), by=by, lines=tuple(lines))


def pack(line: Line) -> dict[str, Any]:
    """A line as plain values, for the job that notes it."""
    return {
        "customer": line.customer,
        "values": {name: [value.text, value.number] for name, value in line.values.items()},
    }


def unpack(values: Mapping[str, Any]) -> list[Change]:
    """The changes that were packed."""
    return [
        Change(external_user_id=values["customer"], name=name, value=Value(*held))
        for name, held in values["values"].items()
    ]


def _columns(headings: list[str], fields: Mapping[str, Field]) -> tuple[str, list[str]]:
    """By what customers are told apart, and what each column is: a field, or "" for the one that tells them apart."""
    called: dict[str, str] = {}
    for each in fields.values():
        for word in (each.zh, each.en, each.name):
            called[word.lower()] = each.name
    told = [_KEYS.get(heading.lower()) or called.get(heading.lower()) for heading in headings]
    strange = [heading for heading, name in zip(headings, told, strict=True) if name is None]
    if strange or not headings:
        names = ", ".join(fields)
        raise sheets.refuse(
            f"第一行应为列名，没有这样的列：{'、'.join(strange) or '（空）'}；可用：客户、unionid、{names}",
            f"needs headings in its first line; unknown: {', '.join(strange) or 'none given'}; "
            f"there are customer, unionid, {names}",
        )
    found = [name for name in told if name is not None]
    keys = [name for name in found if name == "external_user_id"] + [name for name in found if name == "unionid"]
    keys += [name for name in found if name in fields and fields[name].unique]
    if not keys or len(set(found)) < len(found):
        raise sheets.refuse(
            "须有一列说明是哪位客户（客户、unionid 或唯一字段），每列只能出现一次",
            "needs a column that tells the customer (customer, unionid or a unique field), and each column once",
        )
    return keys[0], ["" if name == keys[0] else name for name in found]


def _line(number: int, columns: list[str], cells: list[str], fields: Mapping[str, Field]) -> Line:
    values: dict[str, Value] = {}
    faults: list[Violation] = []
    if any(cells[len(columns) :]):
        faults.append(Violation("", "单元格比列名多", "has more cells than there are headings"))
    key = ""
    for name, cell in zip(columns, cells, strict=False):
        if not name:
            key = cell
        elif cell and name in fields:
            values[name], wrong = read(fields[name], cell, name)
            faults += wrong
    if not key:
        faults.append(Violation("", "没有写是哪位客户", "does not tell the customer"))
    return Line(number=number, key=key, values=values, faults=tuple(faults))


def _once(line: Line, seen: dict[str, int]) -> Line:
    """The line, refused where an earlier one means the same customer."""
    first = seen.setdefault(line.key, line.number)
    if first == line.number or not line.key:
        return line
    twice = Violation("", f"与第 {first} 行是同一位客户", f"means the same customer as line {first}")
    return Line(number=line.number, key=line.key, faults=(*line.faults, twice))
