"""Reading the HTTP/1.1 answers of one connection from the pieces in which they arrive."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

MAX_HEAD = 64 * 1024  # bytes that may arrive in a row without one of a body
MAX_BODY = 256 * 1024 * 1024
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class Malformed(ValueError):
    """What the other side sent is not HTTP/1.1, or has no end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `keep` tells whether its connection can carry another."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    keep: bool

    def header(self, name: bytes) -> str:
        """The value of a header, whose name is in lower case; "" when there is none."""
        for known, value in self.headers:
            if known.lower() == name:
                return value.decode("utf-8", "replace")
        return ""


class Reader:
    """What httptools tells of one answer after another; `on_...` are for its parser to call."""

    __slots__ = ("_answer", "_bare", "_body", "_headed", "_headers", "_parser")

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._headed = False
        self._body = bytearray()  # no list: its parts, were they tiny, would weigh many times their bytes
        self._bare = 0  # bytes since the last one of a body
        self._answer: Answer | None = None

    def feed(self, data: bytes) -> Answer | None:
        """Take what arrived; the answer once it is whole. After `Malformed` the reader is of no more use."""
        self._bare += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            if self._answer is None:
                raise Malformed(f"not HTTP/1.1: {error}") from error
            return replace(self._answer, keep=False)
        answer, self._answer = self._answer, None
        if answer is None and (self._bare > MAX_HEAD or len(self._body) > MAX_BODY):
            raise Malformed("an answer without an end")
        return answer

    def finish(self) -> Answer | None:
        """The other side closed: the answer, if the end of the stream was to end it."""
        if not self._headed or any(name.lower() in _FRAMING for name, _ in self._headers):
            return None
        return Answer(self._parser.get_status_code(), self._headers, bytes(self._body), keep=False)

    def on_message_begin(self) -> None:
        """A second answer in one piece with the first was not asked for: the parser shall stop."""
        if self._answer is not None:
            raise Malformed("bytes after the answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers, which come after the body, tell nothing."""
        if not self._headed:
            self._headers.append((name, value.rstrip()))

    def on_headers_complete(self) -> None:
        """From here on, what comes is a body."""
        self._headed = True

    def on_body(self, data: bytes) -> None:
        """Keep a part of the body."""
        self._body += data
        self._bare = 0

    def on_message_complete(self) -> None:
        """Make the answer and forget its parts; 1xx announces the answer, it is none."""
        status = self._parser.get_status_code()
        if status >= 200:  # noqa: PLR2004 - the least status of an answer
            self._answer = Answer(status, self._headers, bytes(self._body), self._parser.should_keep_alive())
            self._body = bytearray()
            self._bare = 0
        self._headers = []
        self._headed = False
