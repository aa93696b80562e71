"""Answers kept for a day, so that a request repeated under its idempotency key is answered, not done again."""

from dataclasses import dataclass
from datetime import timedelta

from storage.engine.sql import Statement, insert
from storage.scope import Scope
from storage.values import to_ms

LIFETIME = timedelta(hours=24)
_FIND = Statement(
    "SELECT request, status, body FROM replies "
    "WHERE token_id = :token_id AND idempotency_key = :idempotency_key AND at > :expired"
)
_EXPIRE = Statement("DELETE FROM replies WHERE at <= :expired")
_KEEP = insert("replies", ("token_id", "idempotency_key", "request", "status", "body", "at"))


@dataclass(frozen=True, slots=True)
class Reply:
    """What was asked (a digest) and answered (status and JSON, empty for no content)."""

    request: str
    status: int
    body: str


class Replies:
    """The kept answers of one token."""

    def __init__(self, scope: Scope, token_id: int) -> None:
        self._scope = scope
        self._token_id = token_id

    async def find(self, key: str) -> Reply | None:
        """What was answered under a key, if that was less than `LIFETIME` ago."""
        rows = await self._scope.fetch(_FIND, token_id=self._token_id, idempotency_key=key, expired=self._expired)
        return next((Reply(row["request"], row["status"], row["body"]) for row in rows), None)

    def keep(self, key: str, reply: Reply) -> None:
        """Keep an answer together with what the request writes; `Conflict` at commit if the key is taken by then."""
        self._scope.write(_EXPIRE, expired=self._expired)
        self._scope.write(
            _KEEP,
            token_id=self._token_id,
            idempotency_key=key,
            request=reply.request,
            status=reply.status,
            body=reply.body,
            at=self._scope.at,
        )

    @property
    def _expired(self) -> int:
        return to_ms(self._scope.now - LIFETIME)
