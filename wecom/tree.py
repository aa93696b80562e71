"""Decrypted or enveloping XML and JSON, read into one shape: a name gives everything found under it.

`<a><b>1</b><b>2</b><c/></a>` and `{"b": [1, 2], "c": ""}` are both `{"b": ["1", "2"], "c": [""]}`: one
element and several, CDATA and bare text, a number and its digits are the same to whoever reads on.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.parsers import expat

import msgspec

from wecom.errors import BadEnvelope

Node: TypeAlias = Mapping[str, Sequence["str | Node"]]

MAX_BODY = 1024 * 1024  # bytes; real callbacks have a few KB, approvals some more
MAX_DEPTH = 32  # the deepest documented event, an approval, has six levels


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
    stack: list[dict[str, list[str | Node]]] = [{}]
    texts: list[str] = []

    def start(_name: str, _attributes: dict[str, str]) -> None:
        if len(stack) > MAX_DEPTH:
            raise BadEnvelope(f"the document is nested deeper than {MAX_DEPTH}")
        stack.append({})
        texts.clear()

    def end(name: str) -> None:
        value = stack.pop() or "".join(texts)
        texts.clear()
        stack[-1].setdefault(name, []).append(value)

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = texts.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise BadEnvelope("the XML cannot be read") from error
    ((root,),) = stack[0].values()
    return {} if isinstance(root, str) else root


def _refuse_doctype(*_declared: object) -> None:
    """Stop at the declaration itself: no entity can be declared before it."""
    raise BadEnvelope("the XML brings a DTD")


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
