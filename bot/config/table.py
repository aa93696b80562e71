"""Reading a TOML table key by key: what is missing, of the wrong type, or never asked for becomes a fault."""

import difflib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.config.faults import Fault, Wrong

_TYPES = {
    str: ("文本（加引号）", "a text (in quotes)"),
    int: ("整数（不加引号）", "a whole number (without quotes)"),
    dict: ("表", "a table"),
    list: ("表的数组", "an array of tables"),
}
_NEAR = 0.5  # how similar a misspelt key must be to a valid one


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from: the file's folder, the environment; and where faults go."""

    folder: Path
    environ: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def resolve(self, value: str) -> str:
        """The value itself, or what `env:NAME` or `file:PATH` (relative to the config file) holds."""
        kind, mark, name = value.partition(":")
        if mark and kind == "env":
            return self._variable(name)
        if mark and kind == "file":
            return self._content(name)
        return value

    def _variable(self, name: str) -> str:
        found = self.environ.get(name)
        if not found:
            raise Wrong(
                f"环境变量 {name} 没有设置或为空：请在启动前设置，如 export {name}=…",
                f"the environment variable {name} is not set or empty: set it before the start, as in export {name}=…",
            )
        return found

    def _content(self, name: str) -> str:
        path = self.folder / name
        try:
            found = path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
            raise Wrong(
                f"文件 {path} 读不出来（{why}）：请创建它并让本服务的用户可读",
                f"the file {path} cannot be read ({why}): create it, readable for this service's user",
            ) from None
        if not found:
            raise Wrong(f"文件 {path} 是空的：请写入该值", f"the file {path} is empty: put the value in it")
        return found


class Table:
    """One table of the file; used as a context, it reports at the end the keys that nobody asked for."""

    def __init__(self, content: Mapping[str, object], where: str, source: Source) -> None:
        self._content = content
        self._where = where
        self._source = source
        self._known: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._content:
            if name not in self._known:
                self._unknown(name)

    def text(self, name: str, default: str | None = None, *, check: Callable[[str], str] | None = None) -> str:
        """A text; "" where it is missing or at fault."""
        value = self._get(name, str, default)
        if not isinstance(value, str):
            return default or ""
        try:
            resolved = self._source.resolve(value)
            return check(resolved) if check else resolved
        except Wrong as wrong:
            self.fault(name, wrong.zh, wrong.en)
            return ""

    def number(self, name: str, default: int | None = None, *, check: Callable[[int], int]) -> int:
        """A whole number; 0 where it is missing or at fault."""
        value = self._get(name, int, default)
        if not isinstance(value, int):
            return default or 0
        try:
            return check(value)
        except Wrong as wrong:
            self.fault(name, wrong.zh, wrong.en)
            return 0

    def table(self, name: str) -> "Table":
        """The table of that name, empty where it is missing."""
        value = self._get(name, dict, {})
        return Table(value if isinstance(value, dict) else {}, self.path(name), self._source)

    def tables(self, name: str, *, none: tuple[str, ...] = ()) -> Iterator["Table"]:
        """The tables of an array, counted from 1 in faults; `none` is said where there must be one and is none."""
        value = self._get(name, list, [])
        if value == [] and none:
            self.fault(name, *none)
        for count, item in enumerate(value if isinstance(value, list) else [], 1):
            where = f"{self.path(name)}[{count}]"
            if isinstance(item, dict):
                yield Table(item, where, self._source)
            else:
                self._mistyped(where, dict)

    def fault(self, name: str, *said: str) -> None:
        """Report a mistake of a key, or of the table itself if `name` is empty."""
        self._source.faults.append(Fault(self.path(name), said))

    def path(self, name: str) -> str:
        """The full name of a key."""
        return ".".join(filter(None, (self._where, name)))

    def _get(self, name: str, kind: type, default: object) -> object:
        self._known.append(name)
        value = self._content.get(name, default)
        if value is None:
            self.fault(name, "缺少这一项，必须填写", "is missing and must be given")
        elif not isinstance(value, kind) or isinstance(value, bool):
            self._mistyped(self.path(name), kind)
            return None
        return value

    def _mistyped(self, where: str, kind: type) -> None:
        zh, en = _TYPES[kind]
        self._source.faults.append(Fault(where, (f"应为{zh}", f"must be {en}")))

    def _unknown(self, name: str) -> None:
        place_zh = f"[{self._where}] 里" if self._where else "最外层"
        place_en = f"in [{self._where}]" if self._where else "at the top level"
        near = difflib.get_close_matches(name, self._known, n=1, cutoff=_NEAR)
        valid = near or sorted(self._known)
        self.fault(
            name,
            f"{place_zh}没有 {name} 这一项，" + (f"是否想写 {valid[0]}？" if near else f"可用：{'、'.join(valid)}"),
            f"there is no key {name} {place_en}; "
            + (f"did you mean {valid[0]}?" if near else f"valid are: {', '.join(valid)}"),
        )


def read(path: Path, faults: list[Fault]) -> Mapping[str, object]:
    """The content of a TOML file; {} with a fault where it is missing or cannot be understood."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        said = (
            "没有这个文件：请执行 cp config.example.toml config.toml 再填写，或用 -c 指定",
            "there is no such file: run cp config.example.toml config.toml and fill it in, or name one with -c",
        )
    except OSError as error:
        said = (f"读不出来：{error.strerror}", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        said = ("不是 UTF-8 编码：请另存为 UTF-8", "is not UTF-8: save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        said = (f"不是合法的 TOML：{error}", f"is not valid TOML: {error}")
    faults.append(Fault(path.name, said))
    return {}
