"""The contact policy of a corp, every version of it, and what the gate is to know of customers and groups."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sop.deliveries import Kind
from sop.events import Own
from sop.policy import Policy, Standing
from storage.deliveries import Deliveries
from storage.engine.sql import Row, Statement, insert
from storage.policy import standings
from storage.policy.audit import Audit
from storage.policy.consents import Consents
from storage.policy.standings import Asked
from storage.scope import Scope
from storage.settings import Settings
from storage.values import encode, from_ms, to_ms

_COLUMNS = ("version", "body", "by", "at")
_ADD = insert("policies", ("corp_id", *_COLUMNS))
_NEWEST = Statement(f"""
    SELECT {", ".join(_COLUMNS)} FROM policies WHERE corp_id = :corp_id ORDER BY version DESC LIMIT 1
""")
_PAGE = Statement(f"""
    SELECT {", ".join(_COLUMNS)} FROM policies WHERE corp_id = :corp_id AND version < :before
    ORDER BY version DESC LIMIT :most
""")
_BODY = tuple(field.name for field in fields(Policy) if field.name not in {"version", "zone"})
_decoder = msgspec.json.Decoder(Policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One version of the policy: who wrote it, and when."""

    policy: Policy
    by: str
    at: datetime


class ContactPolicy:
    """The policy of a corp. `announce` tells flows what customers have said, `deliveries` are what they may refuse."""

    def __init__(
        self, scope: Scope, *, settings: Settings, announce: Callable[[Own], int], deliveries: Deliveries
    ) -> None:
        self._scope = scope
        self._settings = settings
        self._announce = announce
        self._deliveries = deliveries

    @cached_property
    def consents(self) -> Consents:
        """What customers want to hear of."""
        return Consents(self._scope, self._announce, self._deliveries)

    @cached_property
    def audit(self) -> Audit:
        """What transactional messages have bypassed."""
        return Audit(self._scope)

    async def current(self) -> Policy:
        """The policy in force; version 0 is the one that nobody has written yet, which stops nobody but by quota."""
        newest = await self.newest()
        return newest.policy if newest else Policy(zone=(await self._settings.voice()).zone)

    async def newest(self) -> Edition | None:
        """The policy in force with who wrote it; None while nobody has."""
        zone = (await self._settings.voice()).zone
        found = await self._scope.read(_NEWEST, lambda row: _read(row, zone))
        return found[0] if found else None

    def put(self, policy: Policy, *, by: str) -> Policy:
        """Store a changed policy as the version after its own. At commit `Conflict` where another was quicker."""
        policy = replace(policy, version=policy.version + 1)
        body = encode({name: getattr(policy, name) for name in _BODY})
        self._scope.write(_ADD, version=policy.version, body=body, by=by, at=to_ms(self._scope.now))
        return policy

    async def editions(self, *, before: int, most: int) -> tuple[Edition, ...]:
        """The versions, newest first, below a number."""
        zone = (await self._settings.voice()).zone
        return tuple(_read(row, zone) for row in await self._scope.fetch(_PAGE, before=before, most=most))

    async def standings(
        self, kind: Kind, asked: Iterable[Asked], policy: Policy | None = None, *, late: datetime | None = None
    ) -> dict[Asked, Standing]:
        """How many stand before the gate now: customers with the member who is to send, or groups with ''.

        What is planned and was due before `late` does not count: it is to be judged anew itself.
        """
        return await standings.read(self._scope, kind, asked, policy=policy or await self.current(), late=late)


def _read(row: Row, zone: ZoneInfo) -> Edition:
    policy: Any = _decoder.decode(row["body"])
    return Edition(policy=replace(policy, version=row["version"], zone=zone), by=row["by"], at=from_ms(row["at"]))
