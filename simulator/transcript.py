"""What was said: every API call and every callback attempt, the newest so many of them."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

CALL = "call"
CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Entry:
    """One call or one callback attempt; no token or secret is in it."""

    number: int
    at: float  # virtual Unix seconds
    kind: str
    path: str  # without /cgi-bin/; for a callback its event and change type
    corp_id: str
    app: str
    sent: bytes = field(repr=False)  # the request's JSON body, or the callback's plaintext XML
    query: dict[str, str]
    code: int | None  # the errcode; for a callback the HTTP status; None: no answer
    latency: float  # real seconds
    note: str = ""  # the fault that struck, or how the callback failed

    def view(self) -> dict[str, object]:
        """Return it as JSON values; a body that is no JSON is given as its length."""
        return {
            "number": self.number,
            "at": self.at,
            "kind": self.kind,
            "path": self.path,
            "corp_id": self.corp_id,
            "app": self.app,
            "query": self.query,
            "body": _readable(self.sent),
            "code": self.code,
            "latency": round(self.latency, 4),
            "note": self.note,
        }


def _readable(body: bytes) -> object:
    if body.startswith(b"<xml>"):
        return body.decode()
    try:
        return msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        return f"{len(body)} bytes"


class Transcript:
    """The newest entries; `kept` bounds them so that a world can run for long."""

    def __init__(self, kept: int = 20_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self.total = 0
        self.counts: Counter[tuple[str, str, int | None]] = Counter()  # by kind, path and code, never cleared

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Take in an entry."""
        self._entries.append(entry)
        self.counts[entry.kind, entry.path, entry.code] += 1

    def number(self) -> int:
        """Count on for the next entry."""
        self.total += 1
        return self.total

    def find(self, *, kind: str = "", path: str = "", app: str = "", after: int = 0) -> list[Entry]:
        """Return the entries that fit, oldest first; `after` is an entry's number, empty text fits all."""
        return [
            entry
            for entry in self._entries
            if entry.number > after
            and (not kind or entry.kind == kind)
            and (not path or entry.path == path)
            and (not app or entry.app == app)
        ]

    def clear(self) -> None:
        """Forget everything but the count."""
        self._entries.clear()
