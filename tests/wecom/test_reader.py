"""One answer is read from whatever pieces it arrives in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom.reader import MAX_HEAD, Malformed, Reader

PLAIN = b"HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 11\r\nError-Code: 0\r\n\r\nhello world"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
)
CONTINUED = b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello world"


def feed(raw, cuts=()):
    reader, start, answer = Reader(), 0, None
    for end in [*sorted(cuts), len(raw)]:
        answer = answer or (reader.feed(raw[start:end]) if end > start else None)
        start = max(start, end)
    return answer or reader.finish()


@pytest.mark.parametrize("raw", [PLAIN, CHUNKED, CONTINUED, ENDLESS])
@given(data=st.data())
def test_pieces_of_any_size_give_the_same_answer(raw, data):
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=12))
    answer = feed(raw, cuts)
    assert (answer.status, answer.body) == (200, b"hello world")


@pytest.mark.parametrize(
    ("raw", "keep"),
    [
        (PLAIN, True),
        (CHUNKED, True),
        (ENDLESS, False),
        (PLAIN + b"surplus", False),
        (PLAIN.replace(b"Server: x", b"Connection: close"), False),
        (PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
    ],
)
def test_a_connection_is_kept_only_when_the_answer_has_a_clear_end(raw, keep):
    assert feed(raw).keep is keep


def test_an_answer_without_a_body_needs_no_length():
    answer = Reader().feed(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (answer.status, answer.body, answer.keep) == (204, b"", True)


def test_headers_are_found_in_any_case():
    answer = feed(PLAIN)
    assert answer.header(b"error-code") == "0"
    assert answer.header(b"content-type") == ""


@pytest.mark.parametrize("raw", [PLAIN[:-1], CHUNKED[:-1], b"HTTP/1.1 200"])
def test_an_answer_that_breaks_off_is_none(raw):
    assert feed(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        PLAIN.replace(b"11", b"-1"),
        PLAIN.replace(b"11", b"1x"),
        CHUNKED.replace(b"5\r\n", b"+5\r\n"),
        CHUNKED.replace(b"5\r\n", b"zz\r\n"),
        b"x" * (MAX_HEAD + 1),
    ],
)
def test_garbage_is_malformed(raw):
    with pytest.raises(Malformed):
        Reader().feed(raw)
