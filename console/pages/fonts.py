"""The font of a caption: the configured one, else one of this machine's that has every character of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

from sop.errors import Invalid
from sop.limits import Violation

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
_CHINESE = (
    "NotoSansCJK-Regular*", "NotoSansCJK*", "NotoSansSC*", "SourceHanSans*", "wqy-*", "DroidSansFallback*",
    "PingFang*", "STHeiti*", "msyh*", "simhei*", "NotoSerifCJK*",
)  # fmt: skip
_KINDS = {".ttf", ".ttc", ".otf"}
_MOST_FACES = 10  # in one file
_PROBE = 24  # pixels
_NOTHING = "\uffff"  # a character that no font has: drawn as whatever stands for a missing one


@dataclass(frozen=True, slots=True)
class Face:
    """A face inside a font file, or with no file the Latin one that comes with Pillow."""

    file: Path | None = None
    index: int = 0

    def at(self, size: int) -> Font:
        """The face at so many pixels; OSError where the file is no font."""
        if self.file is None:
            return ImageFont.load_default(size)
        return ImageFont.truetype(self.file, size, self.index)

    def has(self, text: str) -> bool:
        """Whether there is a glyph for each character that leaves a mark."""
        try:
            font = self.at(_PROBE)
        except OSError:
            return False
        missing = bytes(font.getmask(_NOTHING))
        return all(bytes(font.getmask(character)) != missing for character in set(text) if not character.isspace())


def choose(text: str, configured: Path | None) -> Face:
    """The face that can write a text; raises `Invalid`, which says what to install."""
    found = next((face for face in _candidates(configured) if face.has(text)), None)
    if found is None:
        raise Invalid(
            [
                Violation(
                    "caption",
                    "服务器上没有能写出这段文字的字体：请安装中文字体（如 apt-get install fonts-noto-cjk），"
                    "或在 config.toml 的 [pictures] font 中指定字体文件",
                    "no font on the server can write this: install one that has its characters (such as the package "
                    "fonts-noto-cjk), or name a font file in config.toml as [pictures] font",
                )
            ]
        )
    return found


def _candidates(configured: Path | None) -> Iterator[Face]:
    if configured is not None:
        yield from _faces(configured)
    yield Face()
    for file in _installed():
        yield from _faces(file)


@cache
def _installed() -> tuple[Path, ...]:
    """The font files of this machine that are known to be Chinese, the best first."""
    files = [
        file
        for folder in _FOLDERS
        for file in sorted(Path(folder).expanduser().rglob("*"))
        if file.suffix.lower() in _KINDS
    ]
    return tuple(file for pattern in _CHINESE for file in files if file.match(pattern))


@cache
def _faces(file: Path) -> tuple[Face, ...]:
    """The faces of a file, those for simplified Chinese first: the same characters look different in Japanese."""
    found: list[tuple[bool, Face]] = []
    for index in range(_MOST_FACES):
        try:
            family = ImageFont.truetype(file, _PROBE, index).getname()[0] or ""
        except OSError:
            break
        found.append((" SC" not in family, Face(file, index)))
    return tuple(face for _, face in sorted(found, key=lambda pair: pair[0]))
