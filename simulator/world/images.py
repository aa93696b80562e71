"""How large a picture is: its sides in pixels, read from the head of a PNG or JPEG."""

import struct

PNG_SIZE = slice(16, 24)
FRAMES = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})


def measure(content: bytes) -> tuple[int, int]:
    """Return width and height; 0 and 0 when the picture does not say."""
    if content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[PNG_SIZE])
        return width, height
    return _jpeg(content) if content.startswith(b"\xff\xd8") else (0, 0)


def _jpeg(content: bytes) -> tuple[int, int]:
    """Walk the segments to the first frame."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 - every segment begins so
        if content[at + 1] in FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return 0, 0
