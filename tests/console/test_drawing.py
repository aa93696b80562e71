"""Codes for print: a scanner reads them, with logo and caption, at every size."""

import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from console.pages import drawing, fonts
from console.pages.drawing import Layout, Modules
from sop.errors import Invalid

URL = "https://siyu.example.com/c/1k3j5h7g9f1d"
SVG = "{http://www.w3.org/2000/svg}"
STROKES = re.compile(r"M(\d+) (\d+)\.5h(\d+)")
LATIN = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


@pytest.fixture
def backend() -> str:
    """Nothing here depends on the store."""
    return "sqlite"


def read(picture: bytes) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("RGB"))]


def logo(colour: str = "red", size: tuple[int, int] = (300, 300)) -> bytes:
    picture = Image.new("RGB", size, colour)
    ImageDraw.Draw(picture).ellipse((20, 20, size[0] - 20, size[1] - 20), fill="navy")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("size", "dpi"), [(15, 203), (30, 300), (80, 300), (200, 300), (123, 150)])
def test_a_printed_code_is_read_and_knows_its_size(size, dpi):
    made = drawing.png(Modules.of(URL, strong=False), Layout(size=size, dpi=dpi))
    picture = Image.open(io.BytesIO(made))
    assert read(made) == [URL]
    assert picture.size == (round(size / 25.4 * dpi),) * 2
    assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)


@pytest.mark.parametrize("size", [(300, 300), (900, 200), (120, 700), (40, 40)])
def test_a_logo_in_the_middle_leaves_the_code_readable(size):
    code = Modules.of(URL, strong=True)
    plain = drawing.png(code, Layout(size=60))
    made = drawing.png(code, Layout(size=60, logo=logo(size=size)))
    assert read(made) == [URL]
    assert made != plain
    assert (code.hidden / len(code.rows)) ** 2 <= 0.2


def test_modules_are_whole_pixels_with_white_around():
    picture = Image.open(io.BytesIO(drawing.png(Modules.of(URL, strong=False), Layout(size=50)))).convert("L")
    code = Modules.of(URL, strong=False)
    pixels = picture.width // (len(code.rows) + 8)
    start = (picture.width - pixels * len(code.rows)) // 2
    assert start >= 4 * pixels
    assert {colour for _, colour in picture.getcolors()} == {0, 255}
    for number, module in enumerate(code.rows[0]):
        assert picture.getpixel((start + number * pixels + 1, start + 1)) == (0 if module else 255)


def test_what_cannot_be_printed_is_refused_with_advice():
    for layout in (Layout(size=5, dpi=72), Layout(size=600, dpi=600)):
        with pytest.raises(Invalid) as refused:
            drawing.png(Modules.of(URL, strong=False), layout)
        assert [found.field for found in refused.value.violations] == ["size_mm"]


@pytest.mark.parametrize("content", [b"", b"no picture", logo()[:60], b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_a_logo_must_be_a_picture(content):
    with pytest.raises(Invalid, match="picture"):
        drawing.look(content, "logo")


def test_a_latin_caption_needs_no_font_of_the_machine():
    made = drawing.png(Modules.of(URL, strong=False), Layout(size=40, caption="Nanjing Road store"))
    picture = Image.open(io.BytesIO(made)).convert("L")
    assert read(made) == [URL]
    assert picture.height > picture.width
    below = picture.crop((0, picture.width, picture.width, picture.height))
    assert below.getextrema()[0] < 128


def test_a_caption_that_no_font_can_write_says_what_to_install():
    configured = LATIN if LATIN.exists() else None
    with pytest.raises(Invalid) as refused:
        fonts.choose("\U000f0000", configured)
    (violation,) = refused.value.violations
    assert "fonts-noto-cjk" in violation.message_zh
    assert "[pictures]" in violation.message_en


def test_the_configured_font_comes_first():
    if not LATIN.exists():
        pytest.skip("this machine has no DejaVu")
    assert fonts.choose("Store", LATIN).file == LATIN
    assert not fonts.Face(LATIN).has("南京西路店")


def test_a_chinese_caption_is_written_in_full():
    try:
        face = fonts.choose("南京西路店", None)
    except Invalid:
        pytest.skip("this machine has no Chinese font")
    made = drawing.png(
        Modules.of(URL, strong=False), Layout(size=50, caption="南京西路店 · 微信扫一扫，加店长为好友领取会员礼")
    )
    assert read(made) == [URL]
    assert len({bytes(face.at(40).getmask(character)) for character in "南京西路店"}) == 5


def test_an_svg_is_well_formed_measured_and_has_the_same_modules():
    code = Modules.of(URL, strong=True)
    made = drawing.svg(code, Layout(size=100, caption="A & B <店>", logo=logo()))
    root = ET.fromstring(made)
    assert root.get("width") == "100mm"
    assert [text.text for text in root.iter(f"{SVG}text")] == ["A & B <店>"]
    assert len(list(root.iter(f"{SVG}image"))) == 1
    (path,) = root.iter(f"{SVG}path")
    drawn = {(int(x) + step, int(y)) for x, y, length in STROKES.findall(path.get("d")) for step in range(int(length))}
    assert drawn == {(x + 4, y + 4) for y, row in enumerate(code.rows) for x, module in enumerate(row) if module}
