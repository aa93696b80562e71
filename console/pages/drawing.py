"""Pictures of codes for print, with a logo in the middle and a caption below: sharp at every size."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import segno
from PIL import Image, ImageDraw

from console.pages import fonts
from sop.errors import Invalid
from sop.limits import Violation

QUIET = 4  # modules of white around a code, which scanners need (ISO 18004)
LOGO = 0.3  # of a code's side, so 9 % of its area: level H restores 30 % of what is hidden
MOST_PIXELS = 5_000  # of a side
_LEAST_PIXELS = 3  # of a module: below, neither printers nor cameras tell them apart
_INCH = 25.4  # millimetres
_MARGIN = 0.04  # of the side, left and right of a caption
_LINES = 2
_LARGEST, _SMALLEST = 0.085, 0.04  # height of a caption's characters, of the side
_CLOSING = "，。！？、；：）》」』”’,.!?;:)"  # never begin a line
_LEADING = 1.35  # from one line to the next, of their height


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a code is to be printed: `size` is its side in mm with the white around it; a caption comes below."""

    size: float
    dpi: int = 300
    caption: str = ""
    logo: bytes = b""
    font: Path | None = None

    @property
    def side(self) -> int:
        """The side in pixels."""
        return round(self.size / _INCH * self.dpi)


@dataclass(frozen=True, slots=True)
class Modules:
    """A code as rows of modules, True for a dark one, without the white around it."""

    rows: tuple[tuple[bool, ...], ...]

    @classmethod
    def of(cls, content: str, *, strong: bool) -> "Modules":
        """The QR code of a text; `strong` makes it bear a logo."""
        code = segno.make(content, error="h" if strong else "m", micro=False)
        return cls(tuple(tuple(bool(module & 1) for module in row) for row in code.matrix))

    @property
    def hidden(self) -> int:
        """How many modules of a side a logo takes; odd as the side is, so that it hides whole ones."""
        count = int(len(self.rows) * LOGO)
        return count if count % 2 else count - 1


def png(code: Modules | Image.Image, layout: Layout) -> bytes:
    """A PNG that knows its resolution; `code` may be a picture that somebody else made. Raises `Invalid`."""
    if layout.side > MOST_PIXELS:
        raise Invalid([_TOO_LARGE])
    canvas = Image.new("RGB", (layout.side, layout.side), "white")
    if isinstance(code, Modules):
        _stamp(canvas, code, layout)
    else:
        canvas.paste(code.convert("RGB").resize(canvas.size, Image.Resampling.LANCZOS))
    if layout.caption:
        canvas = _caption(canvas, layout)
    out = io.BytesIO()
    canvas.save(out, "PNG", dpi=(layout.dpi, layout.dpi), optimize=True)
    return out.getvalue()


def svg(code: Modules | bytes, layout: Layout) -> bytes:
    """An SVG in millimetres. Its caption is written in a font of whoever shows it."""
    modules = len(code.rows) + 2 * QUIET if isinstance(code, Modules) else 1000
    size = modules * _LARGEST
    height = modules + (size * _LEADING * 1.2 if layout.caption else 0)
    measures = f'width="{layout.size:g}mm" height="{layout.size * height / modules:g}mm"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {measures} viewBox="0 0 {modules} {height:g}">',
        f'<rect width="{modules}" height="{height:g}" fill="#fff"/>',
    ]
    if isinstance(code, Modules):
        parts.append(f'<path d="{"".join(_strokes(code))}" stroke="#000" shape-rendering="crispEdges"/>')
        if layout.logo:
            place, side = (modules - code.hidden) / 2, code.hidden
            parts.append(f'<rect x="{place:g}" y="{place:g}" width="{side}" height="{side}" fill="#fff"/>')
            parts.append(_embed(layout.logo, place + 0.5, side - 1))
    else:
        parts.append(_embed(code, 0, modules))
    if layout.caption:
        shrunk = min(size, modules * (1 - 2 * _MARGIN) / max(len(layout.caption), 1))
        parts.append(
            f'<text x="{modules / 2:g}" y="{modules + size * 0.95:g}" font-size="{shrunk:g}" text-anchor="middle" '
            f'font-family="Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif">{escape(layout.caption)}</text>'
        )
    return "".join([*parts, "</svg>"]).encode()


def look(content: bytes, field: str) -> Image.Image:
    """A picture that came from elsewhere, wholly read; raises `Invalid` for what is none, or a huge one."""
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP"))
        if max(picture.size) > MOST_PIXELS:
            raise Invalid(
                [Violation(field, f"图片边长最多 {MOST_PIXELS} 像素", f"has at most {MOST_PIXELS} px a side")]
            )
        picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid([Violation(field, "不是可读的图片", "is no picture that can be read")]) from error
    return picture


def _stamp(canvas: Image.Image, code: Modules, layout: Layout) -> None:
    """Draw modules of whole pixels into the middle: what does not divide becomes white around them."""
    count = len(code.rows)
    pixels = layout.side // (count + 2 * QUIET)
    if pixels < _LEAST_PIXELS:
        raise Invalid([_TOO_SMALL])
    bits = bytes(0 if module else 255 for row in code.rows for module in row)
    drawn = Image.frombytes("L", (count, count), bits).resize((count * pixels,) * 2, Image.Resampling.NEAREST)
    start = (layout.side - drawn.width) // 2
    canvas.paste(drawn, (start, start))
    if layout.logo:
        hole = code.hidden * pixels
        corner = start + (drawn.width - hole) // 2
        canvas.paste("white", (corner, corner, corner + hole, corner + hole))
        logo = look(layout.logo, "logo").convert("RGBA")
        logo.thumbnail((hole - pixels,) * 2)
        place = (corner + (hole - logo.width) // 2, corner + (hole - logo.height) // 2)
        canvas.paste(logo, place, logo)


def _caption(canvas: Image.Image, layout: Layout) -> Image.Image:
    """The picture with its caption below, in characters as large as two lines allow."""
    side = canvas.width
    face = fonts.choose(layout.caption, layout.font)
    font, lines = face.at(1), [layout.caption]
    for size in range(int(side * _LARGEST), int(side * _SMALLEST) - 1, -max(side // 200, 1)):
        font = face.at(max(size, 1))
        lines = list(_break(layout.caption, font, side * (1 - 2 * _MARGIN)))
        if len(lines) <= _LINES:
            break
    step = round(side * _LARGEST * _LEADING)
    taller = Image.new("RGB", (side, side + step * len(lines) + step // 4), "white")
    taller.paste(canvas)
    pen = ImageDraw.Draw(taller)
    for number, line in enumerate(lines):
        pen.text((side / 2, side + step * (number + 0.5)), line, fill="black", font=font, anchor="mm")
    return taller


def _break(text: str, font: fonts.Font, width: float) -> Iterator[str]:
    """Lines of at most this width, broken anywhere, as Chinese is."""
    line = ""
    for character in text:
        if line and character not in _CLOSING and font.getlength(line + character) > width:
            yield line.strip()
            line = ""
        line += character
    yield line.strip()


def _strokes(code: Modules) -> Iterator[str]:
    """The dark modules as horizontal strokes."""
    for y, row in enumerate(code.rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                yield f"M{x + QUIET} {y + QUIET + 0.5}h{end - x}"
            x = end + 1


def _embed(content: bytes, place: float, side: float) -> str:
    kind = Image.MIME[look(content, "logo").format or "PNG"]
    data = base64.b64encode(content).decode()
    return f'<image x="{place:g}" y="{place:g}" width="{side:g}" height="{side:g}" href="data:{kind};base64,{data}"/>'


_TOO_LARGE = Violation(
    "size_mm",
    f"size_mm 与 dpi 合起来最多 {MOST_PIXELS} 像素：请改小其一，或用 format=svg",
    f"size_mm and dpi make more than {MOST_PIXELS} pixels: lower one of them, or take format=svg",
)
_TOO_SMALL = Violation(
    "size_mm",
    "这么小扫不出来：请加大 size_mm 或 dpi",
    "is too small to be scanned: raise size_mm or dpi",
)
