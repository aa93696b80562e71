"""One answer is read from whatever pieces it arrives in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom.reader import MAX_BODY, MAX_HEAD, Malformed, Reader

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


@given(data=st.data())
def test_one_reader_reads_answer_after_answer(data):
    reader = Reader()
    for raw in data.draw(st.lists(st.sampled_from([PLAIN, CHUNKED, CONTINUED]), min_size=2, max_size=4)):
        cut = data.draw(st.integers(1, len(raw) - 1))
        assert reader.feed(raw[:cut]) is None
        assert reader.feed(raw[cut:]) == feed(raw)
    assert reader.finish() is None


CLOSING = PLAIN.replace(b"Server: x", b"Connection: close")


@pytest.mark.parametrize(
    ("raw", "keep"),
    [
        (PLAIN, True),
        (CHUNKED, True),
        (ENDLESS, False),
        (PLAIN + b"H", False),
        (PLAIN + b"surplus", False),
        (PLAIN + PLAIN.replace(b"hello", b"WRONG"), False),
        (CHUNKED + b"surplus", False),
        (CLOSING, False),
        (CLOSING + b"surplus", False),
        (PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
    ],
)
def test_a_connection_is_kept_only_when_the_answer_has_a_clear_end(raw, keep):
    answer = feed(raw)
    assert (answer.body, answer.keep) == (b"hello world", keep)


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_needs_no_length(status):
    answer = Reader().feed(b"HTTP/1.1 %d Empty\r\n\r\n" % status)
    assert (answer.status, answer.body, answer.keep) == (status, b"", True)


def test_headers_are_found_in_any_case():
    answer = feed(PLAIN.replace(b"Code: 0", b"Code:  0 "))
    assert answer.header(b"error-code") == "0"
    assert answer.header(b"content-type") == ""


def test_an_announcement_and_a_trailer_are_no_headers():
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert feed(hint + CHUNKED).headers == [(b"Transfer-Encoding", b"chunked")]


@pytest.mark.parametrize("raw", [b"", PLAIN[:-1], CHUNKED[:-1], ENDLESS[:30], CONTINUED[:25]])
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
        PLAIN.replace(b"Server: x", b"Transfer-Encoding: chunked"),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
def test_garbage_is_malformed(raw):
    with pytest.raises(Malformed):
        Reader().feed(raw)


@pytest.mark.parametrize(
    ("start", "more", "limit"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", MAX_HEAD),
        (b"HTTP/1.1 200 ", b"O" * 1024, MAX_HEAD),
        (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 128, MAX_HEAD),
        (b"HTTP/1.1 200 OK\r\na: ", b"b" * 1024, MAX_HEAD),
        (CHUNKED[: CHUNKED.index(b"ext")], b"x" * 1024, MAX_HEAD),
        (CHUNKED[: CHUNKED.index(b"railer")], b"x" * 1024, MAX_HEAD),
        (CHUNKED[: CHUNKED.index(b"5\r\n")] + b"7fffffff\r\n", b"x" * 2**20, MAX_BODY),
    ],
    ids=["1xx", "reason", "headers", "header", "extension", "trailer", "chunk"],
)
def test_an_answer_without_an_end_is_given_up(start, more, limit):
    reader = Reader()
    reader.feed(start)
    for _ in range(limit // len(more) - 1):
        assert reader.feed(more) is None
    with pytest.raises(Malformed, match="without an end"):
        reader.feed(more + more)


def test_many_empty_answers_are_not_one_without_an_end():
    reader, empty = Reader(), b"HTTP/1.1 204 No Content\r\n\r\n"
    for _ in range(MAX_HEAD // len(empty) + 1):
        assert reader.feed(empty[:-1]) is None
        assert reader.feed(empty[-1:]).status == 204


def test_a_long_answer_in_tiny_chunks_is_read():
    reader = Reader()
    reader.feed(CHUNKED[: CHUNKED.index(b"5\r\n")])
    for _ in range(MAX_HEAD // 64):
        assert reader.feed(b"1\r\nx\r\n" * 64) is None
    assert reader.feed(b"0\r\n\r\n").body == b"x" * MAX_HEAD
