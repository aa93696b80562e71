"""The columns of a table of channels: what each may be called, and how its cells are read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sop.limits import Violation

_BETWEEN = re.compile(r"[;；、,，|\n]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_YES = frozenset({"1", "y", "yes", "true", "是", "开", "√"})
_NO = frozenset({"0", "n", "no", "false", "否", "关", "×"})


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called here: ids, and the names that people use for them; a name may belong to several."""

    zh: str
    en: str
    ids: frozenset[str] = frozenset()
    called: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def find(self, where: str, word: str) -> tuple[str, list[Violation]]:
        """The id that a word means; before anything is known here, the word itself."""
        if word in self.ids or not self.ids:
            return word, []
        meant = self.called.get(word, frozenset())
        if len(meant) == 1:
            return next(iter(meant)), []
        if meant:
            ids = "、".join(sorted(meant)), ", ".join(sorted(meant))
            return word, [
                Violation(
                    where,
                    f"有多个{self.zh}叫“{word}”，请改写编号：{ids[0]}",
                    f"several {self.en} are called {word}: write the id instead, one of {ids[1]}",
                )
            ]
        return word, [Violation(where, f"没有{self.zh}“{word}”", f"{word} is none of the {self.en}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the cells of a table may name."""

    staff: Names = Names("员工", "members of staff")
    departments: Names = Names("部门", "departments")
    tags: Names = Names("标签", "tags")
    folders: Names = Names("分组", "folders")


Cell = tuple[Any, list[Violation]]
Read = Callable[[str, str, Known], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field of `sop.channels.Draft`, how a cell becomes its value, and what the heading may be.

    The first heading is the Chinese one that people are told of, the last one the name that the API has for it.
    """

    name: str
    headings: tuple[str, ...]
    read: Read


def _text(where: str, cell: str, _known: Known) -> Cell:
    if _CONTROL.search(cell):
        return cell, [Violation(where, "不能有换行或控制字符", "must be one line without control characters")]
    return cell, []


def _flag(where: str, cell: str, _known: Known) -> Cell:
    word = cell.lower()
    if word in _YES | _NO:
        return word in _YES, []
    return True, [Violation(where, f"应为“是”或“否”，现在是“{cell}”", f"must be yes or no, not {cell}")]


def _number(where: str, cell: str, _known: Known) -> Cell:
    if cell.isascii() and cell.isdigit() and len(cell) <= 6:  # noqa: PLR2004 - a hundred thousand, as the API has it
        return int(cell), []
    return 0, [Violation(where, f"应为不大于 999999 的整数，现在是“{cell}”", f"must be a whole number, not {cell}")]


def _many(kind: str, make: Callable[[str], Any] = str) -> Read:
    """A cell that names several things."""

    def read(where: str, cell: str, known: Known) -> Cell:
        names: Names = getattr(known, kind)
        found = [names.find(where, word.strip()) for word in _BETWEEN.split(cell) if word.strip()]
        wrong = [violation for _, violations in found for violation in violations]
        if wrong:
            return (), wrong
        try:
            return tuple(make(word) for word, _ in found), []
        except ValueError:
            return (), [Violation(where, f"{names.zh}应写编号", f"write the ids of the {names.en}")]

    return read


def _one(kind: str) -> Read:
    """A cell that names one thing."""

    def read(where: str, cell: str, known: Known) -> Cell:
        names: Names = getattr(known, kind)
        word, wrong = names.find(where, cell)
        if not wrong and not word.isdigit():
            wrong = [Violation(where, f"没有{names.zh}“{cell}”", f"{cell} is none of the {names.en}")]
        return (None if wrong else int(word)), wrong

    return read


COLUMNS = (
    Column("name", ("名称", "渠道名称", "渠道", "channel", "name"), _text),
    Column("staff", ("员工", "成员", "员工账号", "members", "staff"), _many("staff")),
    Column("departments", ("部门", "department", "departments"), _many("departments", int)),
    Column("tags", ("标签", "tag", "tags"), _many("tags")),
    Column("remark", ("备注", "备注模板", "remark"), _text),
    Column("description", ("描述", "描述模板", "description"), _text),
    Column("skip_verify", ("自动通过", "免验证", "skip_verify"), _flag),
    Column("cap", ("每日上限", "渠道每日上限", "cap"), _number),
    Column("member_cap", ("员工每日上限", "member_cap"), _number),
    Column("backup", ("备用员工", "backup"), _many("staff")),
    Column("folder_id", ("分组", "folder_id", "folder"), _one("folders")),
)
BY_HEADING = {heading: column for column in COLUMNS for heading in column.headings}
