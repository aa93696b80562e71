"""Reading one HTTP/1.1 answer from the pieces in which it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_HEAD = 64 * 1024
MAX_BODY = 256 * 1024 * 1024
_BODILESS = frozenset({204, 304})


class Malformed(ValueError):
    """What the other side sent is not HTTP/1.1."""


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
    """The state of one answer: a head, then a body framed by length, by chunks or by the end."""

    __slots__ = ("_buffer", "_head", "_need", "_parts", "_size")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: tuple[int, list[tuple[bytes, bytes]], bool] | None = None
        self._need = 0  # bytes of the body; _CHUNKED or _UNTIL_END where no length is told
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Answer | None:
        """Take what arrived; the answer once it is whole. Raises `Malformed`."""
        self._buffer += data
        while self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEAD:
                    raise Malformed("endless head")
                return None
            self._begin(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
        if self._need == _CHUNKED:
            return self._join()
        if len(self._buffer) > MAX_BODY:
            raise Malformed("body too large")
        if self._need == _UNTIL_END or len(self._buffer) < self._need:
            return None
        return self._answer(bytes(self._buffer[: self._need]), surplus=len(self._buffer) > self._need)

    def finish(self) -> Answer | None:
        """The other side closed: the answer, if the end of the stream was to end it."""
        if self._head is None or self._need != _UNTIL_END:
            return None
        return self._answer(bytes(self._buffer), surplus=True)

    def _begin(self, head: bytes) -> None:
        first, *lines = head.split(b"\r\n")
        version, _, rest = first.partition(b" ")
        status = _number(rest[:3], 10)
        if version not in (b"HTTP/1.1", b"HTTP/1.0"):
            raise Malformed("not HTTP/1")
        if status < 200:  # noqa: PLR2004 - 1xx announces the answer, it is none
            return
        keep = version == b"HTTP/1.1"
        need = 0 if status in _BODILESS else _UNTIL_END
        headers = []
        for line in lines:
            name, colon, value = line.partition(b":")
            if not colon:
                raise Malformed("header without a colon")
            value = value.strip()
            headers.append((name, value))
            match name.lower():
                case b"content-length" if need == _UNTIL_END:
                    need = _number(value, 10)
                case b"transfer-encoding" if need:
                    need = _CHUNKED
                case b"connection":
                    keep = value.lower() != b"close"
        self._need = need
        self._head = (status, headers, keep)

    def _join(self) -> Answer | None:
        while (end := self._buffer.find(b"\r\n")) >= 0:
            size = _number(bytes(self._buffer[:end]).partition(b";")[0], 16)
            if size == 0:
                trailer = self._buffer.find(b"\r\n\r\n", end)
                if trailer < 0:
                    return None
                return self._answer(b"".join(self._parts), surplus=len(self._buffer) > trailer + 4)
            if len(self._buffer) < end + size + 4:
                return None
            self._parts.append(bytes(self._buffer[end + 2 : end + 2 + size]))
            self._size += size
            if self._size > MAX_BODY:
                raise Malformed("body too large")
            del self._buffer[: end + size + 4]
        return None

    def _answer(self, body: bytes, *, surplus: bool) -> Answer:
        status, headers, keep = self._head or (0, [], False)
        return Answer(status, headers, body, keep and not surplus)


_CHUNKED = -1
_UNTIL_END = -2


def _number(text: bytes, base: int) -> int:
    digits = text.strip()
    if not digits.isalnum():
        raise Malformed("number expected")
    try:
        return int(digits, base)
    except ValueError as error:
        raise Malformed("number expected") from error
