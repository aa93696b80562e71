"""What a document of an operator's speaks of: segments, fields, tags, materials, which are not taken away under it."""

from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["segment", "field", "tag", "material"]
_KEYS: Mapping[Kind, frozenset[str]] = {  # under which a document names one, or a list of them
    "segment": frozenset({"segment", "segments"}),
    "field": frozenset({"field"}),
    "tag": frozenset({"tag", "tags", "add", "remove"}),
    "material": frozenset({"material"}),
}
_TESTS = ("field", "date")  # of conditions, with the field's name within; what changes a field is a node of this kind


def mentions(document: Any, kind: Kind, name: str) -> bool:
    """Whether a document of plain values speaks of this one: in a condition, an entry, a node, an attachment."""
    if isinstance(document, list):
        return any(mentions(each, kind, name) for each in document)
    if not isinstance(document, Mapping):
        return False
    if kind == "field" and (document.get("kind"), document.get("name")) == ("field", name):
        return True
    return any(_says(key, value, kind, name) or mentions(value, kind, name) for key, value in document.items())


def _says(key: str, value: Any, kind: Kind, name: str) -> bool:
    if kind == "field" and key in _TESTS and isinstance(value, Mapping):
        return bool(value.get("name") == name)
    return key in _KEYS[kind] and name in map(str, value if isinstance(value, list) else (value,))
