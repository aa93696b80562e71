"""Reading an uploaded file from multipart/form-data, as literally as the platform does."""

import re
from dataclasses import dataclass

from simulator.errors import Refusal

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(r'[;\s]name="([^"]*)"')
_FILENAME = re.compile(r'[;\s]filename="([^"]*)"')
BLANK = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a form."""

    filename: str
    content: bytes


def read_file(content_type: str, body: bytes, *, field: str) -> Part:
    """Return the file in the field; 44001 when there is none, or its name is not given as `filename="…"`.

    The encoded form `filename*=` is not understood.
    """
    boundary = _BOUNDARY.search(content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        raise Refusal(44001, "the body must be multipart/form-data")
    for piece in body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, content = piece.partition(BLANK)
        text = head.decode(errors="replace")
        name, filename = _NAME.search(text), _FILENAME.search(text)
        if name is not None and name[1] == field and filename is not None and filename[1]:
            return Part(filename[1], content.removesuffix(b"\r\n"))
    raise Refusal(44001, f"no file in the part {field!r}")
