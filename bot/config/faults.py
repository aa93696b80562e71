"""What is wrong with a config.toml, said in Chinese and English, all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass


class Wrong(ValueError):
    """A value that cannot be used, with what to do about it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: the key it is in, and what it is, a sentence per language."""

    where: str
    said: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((f"  {self.where}", *(f"    {line}" for line in self.said)))


class ConfigError(Exception):
    """The configuration cannot be used; `faults` names every reason."""

    def __init__(self, path: str, faults: Sequence[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        count = len(self.faults)
        head = f"{path}：{count} 处错误 / {count} {'fault' if count == 1 else 'faults'}"
        super().__init__("\n".join((head, *map(str, self.faults))))
