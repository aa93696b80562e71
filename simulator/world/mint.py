"""Identifiers that look like the platform's, never repeat, and are the same for the same seed."""

import base64
import hashlib
from dataclasses import dataclass, field


@dataclass(slots=True)
class Mint:
    """Makes identifiers; two mints of one seed make the same ones in the same order."""

    seed: str
    _counts: dict[str, int] = field(default_factory=dict)

    def number(self, kind: str) -> int:
        """Count on: 1, 2, 3 … for each kind."""
        self._counts[kind] = count = self._counts.get(kind, 0) + 1
        return count

    def text(self, prefix: str, length: int) -> str:
        """Return `prefix` and so many letters and digits (at most 60)."""
        letters = base64.b64encode(self._digest(prefix), altchars=b"xA").decode()
        return prefix + letters[:length]

    def hex(self, kind: str) -> str:
        """Return 32 hexadecimal digits."""
        return self._digest(kind).hex()[:32]

    def _digest(self, kind: str) -> bytes:
        count = self.number(kind)
        return hashlib.sha512(f"{self.seed}/{kind}/{count}".encode()).digest()
