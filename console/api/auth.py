"""Who calls: bearer tokens, and patience with those who guess them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import Counter

from console.api.problem import Problem
from console.api.roles import PERSONAL, Principal, Role
from storage.database import Database
from storage.tokens import Token, Tokens

ALLOWED_FAILURES = 10  # in a row, per address
RECOVERY = timedelta(seconds=6)  # until one more failure is forgiven
_LONGEST_TOKEN = 200
_MOST_ADDRESSES = 10_000
_MOST_TRUSTED = 1_000
_TOUCH = timedelta(minutes=1)  # how often the use of a token is noted

FAILURES = Counter("siyu_console_auth_failures_total", "API requests without a good token, by reason", ("reason",))


@dataclass(slots=True)
class Throttle:
    """Failures per address: a bucket of `ALLOWED_FAILURES` that empties by one every `RECOVERY`."""

    _full_until: dict[str, datetime] = field(default_factory=dict)  # when an address's bucket will be empty again

    def wait(self, address: str, now: datetime) -> timedelta:
        """How long an address has to wait before it may try again; nothing or less: it may."""
        return self._full_until.get(address, now) - now - RECOVERY * (ALLOWED_FAILURES - 1)

    def fail(self, address: str, now: datetime) -> None:
        """Count a failure."""
        if len(self._full_until) >= _MOST_ADDRESSES:
            self._full_until = {key: until for key, until in self._full_until.items() if until > now}
        if len(self._full_until) < _MOST_ADDRESSES or address in self._full_until:
            self._full_until[address] = max(self._full_until.get(address, now), now) + RECOVERY


class Guard:
    """Lets in who has a token. An address that guesses waits, but those behind it who are known already do not."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._tokens = Tokens(database)
        self._clock = clock
        self._throttle = Throttle()
        self._trusted: dict[str, datetime] = {}  # tokens seen good, and when their use was last noted

    async def admit(self, authorization: str, address: str) -> Principal:
        """The caller of an `Authorization` header; raises `Problem` 401 or 429, and `Unavailable`."""
        now = self._clock()
        token = _bearer(authorization)
        wait = self._throttle.wait(address, now)
        if token and token not in self._trusted and wait > timedelta(0):
            FAILURES.labels("throttled").inc()
            seconds = int(wait.total_seconds()) + 1
            raise Problem("too-many", seconds=seconds, headers={"Retry-After": str(seconds)})
        try:
            found = await self._find(token)
        except Problem as problem:
            FAILURES.labels(problem.code).inc()
            if token:
                self._trusted.pop(token, None)
                self._throttle.fail(address, now)
            raise
        await self._note(token, found, now)
        role = Role(found.role)
        staff = frozenset({found.user_id}) if role in PERSONAL else None
        return Principal(token_id=found.id, role=role, user_id=found.user_id, corp_id=found.corp_id, staff=staff)

    async def _find(self, token: str) -> Token:
        if not token:
            raise Problem("token-missing", headers={"WWW-Authenticate": 'Bearer realm="siyu"'})
        found = await self._tokens.look(token) if len(token) <= _LONGEST_TOKEN else None
        known = found is not None and found.role in set(Role) and (found.user_id or Role(found.role) not in PERSONAL)
        if found is None or not known or found.revoked_at is not None:
            code = "token-revoked" if found and found.revoked_at else "token-invalid"
            raise Problem(code, headers={"WWW-Authenticate": 'Bearer realm="siyu", error="invalid_token"'})
        return found

    async def _note(self, token: str, found: Token, now: datetime) -> None:
        """Remember that a token is good, and note its use about once a minute."""
        noted = self._trusted.get(token)
        if noted is not None and now - noted < _TOUCH:
            return
        if len(self._trusted) >= _MOST_TRUSTED:
            self._trusted.clear()
        self._trusted[token] = now
        await self._tokens.touch(found.id, now=now)


def _bearer(header: str) -> str:
    """The token of a header `Bearer …`; nothing where there is none."""
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
