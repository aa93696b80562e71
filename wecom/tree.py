"""Decrypted or enveloping XML and JSON, read into one shape: a name gives everything found under it.

`<a><b>1</b><b>2</b><c/></a>` and `{"b": [1, 2], "c": ""}` are both `{"b": ["1", "2"], "c": [""]}`: one
element and several, CDATA and bare text, a number and its digits are the same to whoever reads on.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec
from lxml import etree

from wecom.errors import BadEnvelope

Node: TypeAlias = Mapping[str, Sequence["str | Node"]]

MAX_BODY = 1024 * 1024  # bytes; real callbacks have a few KB, approvals some more
MAX_DEPTH = 32  # the deepest documented event, an approval, has six levels

_PARSER = etree.XMLParser(
    encoding="utf-8",  # whatever the document claims, so that a DTD cannot hide in another encoding
    resolve_entities=False,
    no_network=True,
    remove_comments=True,
    remove_pis=True,
)


def read(body: bytes) -> Node:
    """Read a document of at most MAX_BODY bytes; raises BadEnvelope and nothing else."""
    if len(body) > MAX_BODY:
        raise BadEnvelope(f"the body has {len(body)} bytes, more than {MAX_BODY}")
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    node = _read_json(text) if text.startswith(b"{") else _read_xml(text)
    if not node:
        raise BadEnvelope("the document has no fields")
    return node


def _read_xml(text: bytes) -> Node:
    try:
        root = etree.fromstring(text, _PARSER)
    except etree.XMLSyntaxError as error:
        raise BadEnvelope("the XML cannot be read") from error
    # The words may stand in a member's message, the declaration may not stand anywhere.
    if b"<!DOCTYPE" in text and root.getroottree().docinfo.internalDTD is not None:
        raise BadEnvelope("the XML brings a DTD")
    return _branch(root, MAX_DEPTH)


def _branch(element: "etree._Element", depth: int) -> Node:
    if not depth:
        raise BadEnvelope(f"the document is nested deeper than {MAX_DEPTH}")
    node: dict[str, list[str | Node]] = {}
    for child in element:
        value = _branch(child, depth - 1) if len(child) else child.text or ""
        if child.tag in node:
            node[child.tag].append(value)
        else:
            node[child.tag] = [value]
    return node


def _read_json(text: bytes) -> Node:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadEnvelope("the JSON cannot be read") from error
    return _object(found, MAX_DEPTH)


def _object(found: dict[str, object], depth: int) -> Node:
    return {name: _items(value, depth - 1) for name, value in found.items()}


def _items(value: object, depth: int) -> list[str | Node]:
    if not depth:
        raise BadEnvelope(f"the document is nested deeper than {MAX_DEPTH}")
    match value:
        case None:
            return []
        case str():
            return [value]
        case bool():
            return [str(value).lower()]
        case dict():
            return [_object(value, depth)]
        case list():
            return [found for each in value for found in _items(each, depth - 1)]
        case _:
            return [str(value)]
