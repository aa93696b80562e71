"""Many channels at once from a table: what each line asks for, or all that is wrong with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sop import channels, sheets
from sop.channels import Draft
from sop.channels.columns import BY_HEADING, COLUMNS, Column, Known
from sop.limits import Violation
from sop.reasons import define

MOST_LINES = 5_000
MOST_BYTES = 2 * 2**20
JOB = "make_channels"
AT_ONCE = 50  # channels of one step
EXISTS = define("channel_exists", "已有同名渠道，不再新建", "A channel of this name exists, so none was made")
Verdict = Literal["make", "exists", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a table, numbered as a spreadsheet does; `faults` name the column in `field`.

    `exists` is the channel of this name that is there already, as `storage.tables` finds it.
    """

    number: int
    name: str
    draft: Draft | None = None
    exists: int | None = None
    faults: tuple[Violation, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What would become of it."""
        if self.faults:
            return "refused"
        return "make" if self.exists is None else "exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it was understood; the digest names the file."""

    digest: str
    lines: tuple[Line, ...]

    def those(self, verdict: Verdict) -> tuple[Line, ...]:
        """The lines with a verdict."""
        return tuple(line for line in self.lines if line.verdict == verdict)


def read(text: str, known: Known) -> Table:
    """What a table asks for, line by line. Raises `Invalid` where the table as a whole cannot be understood."""
    text = text.removeprefix("\ufeff")
    content = sheets.measure(text, MOST_BYTES)
    rows = sheets.rows(text)
    columns = _columns(next(rows, (1, []))[1])
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        if len(lines) >= MOST_LINES:
            raise sheets.refuse(f"最多 {MOST_LINES} 行", f"takes at most {MOST_LINES} lines")
        line = _line(number, dict(zip(columns, cells, strict=False)), known, extra=cells[len(columns) :])
        lines.append(_once(line, seen))
    if not lines:
        raise sheets.refuse("没有任何数据行", "has no lines below the headings")
    return Table(digest=hashlib.sha256(content).hexdigest(), lines=tuple(lines))


def pack(draft: Draft) -> dict[str, Any]:
    """A draft as plain values, for the job that makes it."""
    return {column.name: getattr(draft, column.name) for column in COLUMNS}


def unpack(values: Mapping[str, Any]) -> Draft:
    """The draft that was packed."""
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Draft(**plain)


def _columns(headings: list[str]) -> list[Column]:
    """The columns by their headings, all of which must be known and none of which may come twice."""
    names = "、".join(column.headings[0] for column in COLUMNS), ", ".join(column.name for column in COLUMNS)
    strange = [heading for heading in headings if heading.lower() not in BY_HEADING]
    if strange or not headings:
        raise sheets.refuse(
            f"第一行应为列名，没有这样的列：{'、'.join(strange) or '（空）'}；可用：{names[0]}",
            f"needs headings in its first line; unknown: {', '.join(strange) or 'none given'}; there are {names[1]}",
        )
    found = [BY_HEADING[heading.lower()] for heading in headings]
    if len(set(found)) < len(found) or BY_HEADING["name"] not in found:
        raise sheets.refuse("每列只能出现一次，且必须有“名称”列", "has each column once, and always `name`")
    return found


def _line(number: int, cells: Mapping[Column, str], known: Known, *, extra: list[str]) -> Line:
    values: dict[str, Any] = {}
    faults: list[Violation] = []
    if any(extra):
        faults.append(Violation("", "单元格比列名多", "has more cells than there are headings"))
    for column, cell in cells.items():
        if cell:
            values[column.name], wrong = column.read(column.headings[-1], cell, known)
            faults += wrong
    draft = Draft(**{"name": "", **values})
    broken = {fault.field for fault in faults}
    faults += [fault for fault in channels.check(draft) if fault.field not in broken]
    return Line(number=number, name=draft.name, draft=draft, faults=tuple(faults))


def _once(line: Line, seen: dict[str, int]) -> Line:
    """The line, refused where an earlier one has its name: by the name it is known whether a channel was made."""
    first = seen.setdefault(line.name, line.number)
    if first == line.number or not line.name:
        return line
    twice = Violation("name", f"与第 {first} 行重名", f"has the same name as line {first}")
    return Line(number=line.number, name=line.name, faults=(*line.faults, twice))
