"""API tokens: who may call the API, and as what; a token is shown once, and only its digest is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Database
from storage.engine.sql import Row, Statement, Unit, insert
from storage.values import from_ms, maybe_moment, new_id, to_ms

ROLES = ("admin", "operator", "reviewer", "rep", "leader", "integration")
PERSONAL = ("rep", "leader")  # speak for a member of staff
_SECRET_BYTES = 32  # 43 characters of base64
_TOUCH = timedelta(minutes=1)  # how exact the time of the last use is

_CREATE = insert("tokens", ("id", "name", "role", "user_id", "corp_id", "digest", "created_at"))
_COLUMNS = "id, name, role, user_id, corp_id, digest, created_at, used_at, revoked_at"
_FIND = Statement(f"SELECT {_COLUMNS} FROM tokens WHERE digest = :digest")
_LIST = Statement(f"SELECT {_COLUMNS} FROM tokens ORDER BY id")
_REVOKE = Statement("UPDATE tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING id")
_USE = Statement("UPDATE tokens SET used_at = :now WHERE id = :id AND (used_at IS NULL OR used_at <= :before)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token; `user_id` is the member of staff that a rep's or leader's token speaks for.

    `corp_id` is whose member that is; empty for other roles, and where there was one corp only when it was made.
    """

    id: int
    name: str
    role: str
    user_id: str
    corp_id: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """The tokens of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, role: str, *, name: str, now: datetime, user_id: str = "", corp_id: str = "") -> str:
        """Make a token, `siyu_<role>_<43 characters>`; it cannot be had again.

        ValueError for an unknown role, or a rep or leader without a user id. Raises `StorageError`.
        """
        unit = Unit()
        _, token = issue(unit, role, name=name, now=now, member=(corp_id, user_id))
        await self._database.commit(unit)
        return token

    async def find(self, token: str) -> Token | None:
        """Whose token this is, unless it is unknown or revoked."""
        found = await self.look(token)
        return found if found and found.revoked_at is None else None

    async def look(self, token: str) -> Token | None:
        """Whose token this is or was: a revoked one is told too."""
        digest = _digest(token)
        rows = await self._database.fetch(_FIND, digest=digest)
        return next((_token(row) for row in rows if hmac.compare_digest(row["digest"], digest)), None)

    async def list(self) -> list[Token]:
        """Every token ever made, the oldest first."""
        return [_token(row) for row in await self._database.fetch(_LIST)]

    async def revoke(self, identity: int, *, now: datetime) -> bool:
        """Make a token useless for good; False if there is none or it was revoked before."""
        unit = Unit()
        unit.add(_REVOKE, id=identity, now=to_ms(now))
        (rows,) = await self._database.commit(unit)
        return bool(rows)

    async def touch(self, identity: int, *, now: datetime) -> None:
        """Note that a token was used, to the minute."""
        unit = Unit()
        unit.add(_USE, id=identity, now=to_ms(now), before=to_ms(now - _TOUCH))
        await self._database.commit(unit)


def issue(unit: Unit, role: str, *, name: str, now: datetime, member: tuple[str, str] = ("", "")) -> tuple[int, str]:
    """Put a new token into a unit; its id and the token itself. ValueError as for `Tokens.create`.

    `member`, corp and user id, is for whom a rep's or leader's token speaks.
    """
    corp_id, user_id = member
    if role not in ROLES:
        raise ValueError(f"no role {role!r}: use one of {', '.join(ROLES)}")
    if role in PERSONAL and not user_id:
        raise ValueError(f"a {role}'s token needs the user id of the member of staff it speaks for")
    identity, token = new_id(), f"siyu_{role}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    values = {"name": name, "role": role, "user_id": user_id, "corp_id": corp_id}
    unit.add(_CREATE, id=identity, digest=_digest(token), created_at=to_ms(now), **values)
    return identity, token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _token(row: Row) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        role=row["role"],
        user_id=row["user_id"],
        corp_id=row["corp_id"],
        created_at=from_ms(row["created_at"]),
        used_at=maybe_moment(row["used_at"]),
        revoked_at=maybe_moment(row["revoked_at"]),
    )
