"""Envelopes and documents are read whatever their form, and refused where they are not to be trusted."""

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.callbacks import CHEN, CORP, on
from wecom.callback import MAX_BODY, Envelope, parse, unwrap
from wecom.errors import BadEnvelope
from wecom.events import (
    Event,
    TextReceived,
)
from wecom.tree import MAX_DEPTH, read

DTD = "<!DOCTYPE xml [<!ENTITY who 'chen.yu'>]>"
BILLION = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
FILE = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"


def xml(values: object) -> str:
    """Any JSON-like value as elements, some of them named as the platform's."""
    if isinstance(values, dict):
        return "".join(f"<{name}>{xml(value)}</{name}>" for name, value in values.items())
    if isinstance(values, list):
        return "".join(f"<Item>{xml(value)}</Item>" for value in values)
    return f"<![CDATA[{values}]]>"


WORDS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"], exclude_characters="]"), max_size=9)
NAMES = st.sampled_from(
    [
        "MsgType",
        "Event",
        "ChangeType",
        "CreateTime",
        "UserID",
        "ExternalUserID",
        "Id",
        "TagType",
        "Department",
        "ApprovalInfo",
        "SpRecord",
        "SpNo",
        "ExtAttr",
        "FromUserName",
        "UpdateDetail",
        "msgtype",
        "event",
        "from",
    ]
)
VALUES = WORDS | st.sampled_from(
    [
        "event",
        "text",
        "1",
        "0",
        "-1",
        "9" * 30,
        "1e999",
        "change_contact",
        "create_user",
        "sys_approval_change",
        "change_external_contact",
        "add_external_contact",
        "change_external_tag",
        "create",
        "LOCATION",
    ]
)
TREES = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6))


@pytest.mark.parametrize(
    ("body", "envelope"),
    [
        (
            (
                b"<xml><ToUserName><![CDATA[ww1]]></ToUserName><Encrypt><![CDATA[A+/=]]></Encrypt>"
                b"<AgentID><![CDATA[1000012]]></AgentID></xml>"
            ),
            Envelope("A+/=", "ww1", "1000012"),
        ),
        (b"<xml><Encrypt>A+/=</Encrypt><AgentID/><ToUserName>ww1</ToUserName></xml>", Envelope("A+/=", "ww1", "")),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<xml><Encrypt>A</Encrypt></xml>\n", Envelope("A")),
        (b'{"encrypt": "A+/="}', Envelope("A+/=")),
        (b'\xef\xbb\xbf{"encrypt": "A+/="}', Envelope("A+/=")),
        (b'{"tousername": "ww1", "encrypt": "A", "agentid": "7"}', Envelope("A", "ww1", "7")),
        (b' {"ToUserName": "ww1", "Encrypt": "A", "AgentID": 7}', Envelope("A", "ww1", "7")),
    ],
)
def test_an_envelope_is_read_in_every_form(body: bytes, envelope: Envelope) -> None:
    assert unwrap(body) == envelope


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"<",
        b"success",
        b"<xml/>",
        b"<xml></xml>",
        b"<xml>A</xml>",
        b"<xml><ToUserName>ww1</ToUserName></xml>",
        b"<xml><Encrypt></Encrypt></xml>",
        b"<xml><Encrypt>A</Encrypt><Encrypt>B</Encrypt></xml>",
        b"<xml><Encrypt><a>A</a></Encrypt></xml>",
        b"<xml><Encrypt>A</Encrypt></xml><xml/>",
        b"<xml><Encrypt>\xff</Encrypt></xml>",
        b"<?xml version='1.0' encoding='gbk'?><xml><Encrypt>\xc4\xe3</Encrypt></xml>",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b'{"encrypt": ""}',
        b'{"encrypt": null}',
        b'{"encrypt": {"a": "b"}}',
        b'{"encrypt": "A", "Encrypt": "B"}',
        b'{"encrypt": "\xff"}',
        b'{"a": ' * 100_000,
        b'{"encrypt": 1e999}',
        b'{"encrypt": "A", "agentid": 1' + b"0" * 5000 + b"}",
    ],
)
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(BadEnvelope):
        unwrap(body)


@pytest.mark.parametrize("declared", [DTD, BILLION, FILE, "<!DOCTYPE xml SYSTEM 'http://127.0.0.1:9/x.dtd'>"])
@pytest.mark.parametrize("ask", [unwrap, lambda body: parse(body, CORP)], ids=["unwrap", "parse"])
def test_a_document_type_is_refused(declared: str, ask: object) -> None:
    assert callable(ask)
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(BadEnvelope, match="DTD"):
            ask(f"{declared}<xml><Encrypt>A</Encrypt></xml>".encode(encoding))


def test_the_words_of_a_document_type_may_be_written_by_a_member() -> None:
    body = f"<xml><MsgType>text</MsgType><FromUserName>chen.yu</FromUserName><Content><![CDATA[{DTD}]]></Content></xml>"
    assert parse(body.encode(), CORP) == TextReceived(**on(0), user_id=CHEN, content=DTD)


def test_a_body_may_be_large_but_not_larger() -> None:
    frame = b"<xml><Encrypt></Encrypt></xml>"
    largest = frame.replace(b"></", b">" + b"A" * (MAX_BODY - len(frame)) + b"</", 1)
    assert len(unwrap(largest).encrypted) == MAX_BODY - len(frame)
    with pytest.raises(BadEnvelope, match="more than"):
        unwrap(largest + b" ")


@pytest.mark.parametrize(
    "nest",
    [
        lambda depth: b"<a>" * depth + b"x" + b"</a>" * depth,
        lambda depth: b'{"a":' * (depth - 1) + b'"x"' + b"}" * (depth - 1),
        lambda depth: b'{"a":' + b"[" * (depth - 2) + b'"x"' + b"]" * (depth - 2) + b"}",
    ],
    ids=["XML", "JSON objects", "JSON lists"],
)
def test_nesting_is_bounded(nest: object) -> None:
    assert callable(nest)
    assert read(nest(MAX_DEPTH))
    with pytest.raises(BadEnvelope, match="deeper"):
        read(nest(MAX_DEPTH + 1))


def test_xml_and_json_are_read_alike() -> None:
    same = {"a": ["1", "true", ""], "b": [{"c": ["x"]}, "y"], "e": []}
    assert read(b'{"a": [1, true, ""], "b": [{"c": "x"}, [["y"]]], "e": null}') == same
    shape = b"<xml><a>1</a><a><![CDATA[tr]]>ue</a>\n<b>\n<c>x</c>\n</b><a/><b>y</b><!-- e --></xml>"
    assert read(shape) == {name: found for name, found in same.items() if found}


@given(TREES)
def test_no_tree_breaks_the_reading(tree: object) -> None:
    body = f"<xml>{xml(tree)}</xml>".encode()
    try:
        told = parse(body, CORP)
    except BadEnvelope:
        return
    assert isinstance(told.key, str)
    assert told.at.tzinfo is UTC


@given(st.binary() | WORDS.map(str.encode) | st.tuples(st.sampled_from([b"{", b"<xml>"]), st.binary()).map(b"".join))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    try:
        assert isinstance(parse(body, CORP), Event)
    except BadEnvelope:
        return


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | VALUES
ITEMS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, ITEMS, min_size=1, max_size=8))
def test_no_json_breaks_the_reading(values: dict[str, object]) -> None:
    try:
        assert isinstance(parse(json.dumps(values).encode(), CORP), Event)
    except BadEnvelope:
        return
