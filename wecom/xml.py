"""Nested values written as the platform writes XML: text in CDATA, numbers bare, lists by repetition."""

import re
from collections.abc import Iterable, Mapping

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no XML can hold these


def write(name: str, value: object) -> bytes:
    """Return one element with all that is in it; characters that XML cannot hold are left out."""
    return "".join(_elements(name, value)).encode()


def _elements(name: str, value: object) -> Iterable[str]:
    match value:
        case Mapping():
            inner = "".join(part for key, each in value.items() for part in _elements(key, each))
        case list():
            yield from (part for each in value for part in _elements(name, each))
            return
        case int() | float():
            inner = str(value).lower()
        case _:
            text = _UNWRITABLE.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
            inner = f"<![CDATA[{text}]]>"
    yield f"<{name}>{inner}</{name}>"
