"""Channels: what operators want, what WeCom has of it, and what is on its way there."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sop import channels
from sop.channels import Draft
from sop.errors import Invalid
from sop.events import ChannelChanged, Own
from storage.scope import Scope
from storage.sql import Row, Statement, insert
from storage.values import FOREVER, decode, encode, from_ms, new_id

Status = Literal["pending", "live", "refused", "deleting", "deleted"]
_WANTED = tuple(field.name for field in fields(Draft))
_LISTS = ("staff", "departments", "tags")
_COLUMNS = (
    "id", *_WANTED, "state", "version", "seen", "asked", "status", "reason",
    "config_id", "qr_code", "created_at", "changed_at",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM channels WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_BY_STATE = Statement(f"{_SELECT} AND state = :state")
_PAGE = Statement(f"{_SELECT} AND id < :before ORDER BY id DESC LIMIT :limit")
_ADD = insert("channels", ("id", "corp_id", *_WANTED, "state", "version", "status", "created_at", "changed_at"))
_CHANGE = Statement(f"""
    UPDATE channels SET {", ".join(f"{name} = :{name}" for name in _WANTED)},
        version = version + 1, status = 'pending', reason = '', changed_at = :changed_at
    WHERE corp_id = :corp_id AND id = :id AND version = :version AND status NOT IN ('deleting', 'deleted')
""")
_REMOVE = Statement("""
    UPDATE channels SET version = version + 1, status = 'deleting', reason = '', changed_at = :changed_at
    WHERE corp_id = :corp_id AND id = :id AND status <> 'deleted'
""")
_ASK = Statement("UPDATE channels SET asked = :version WHERE corp_id = :corp_id AND id = :id")
# What WeCom has is a fact; what we want of it may have moved on, and then the status stays as it is.
_SEEN = Statement("""
    UPDATE channels SET seen = :version, asked = 0, config_id = :config_id,
        qr_code = CASE WHEN :qr_code = '' THEN qr_code ELSE :qr_code END,
        status = CASE WHEN version = :version THEN 'live' ELSE status END
    WHERE corp_id = :corp_id AND id = :id
""")
_REFUSED = Statement("""
    UPDATE channels SET asked = 0, reason = :reason,
        status = CASE WHEN version = :version THEN 'refused' ELSE status END
    WHERE corp_id = :corp_id AND id = :id
""")
_GONE = Statement("""
    UPDATE channels SET asked = 0, status = 'deleted', reason = '' WHERE corp_id = :corp_id AND id = :id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Draft):
    """A channel: `version` is wanted, `seen` is what WeCom has, `asked` is on its way (0 when nothing is).

    While it is pending or refused, the code that is at WeCom (if `config_id` is set) works as it did before.
    """

    id: int
    state: str
    version: int = 1
    seen: int = 0
    asked: int = 0
    status: Status = "pending"
    reason: str = ""  # why it was refused, in WeCom's words
    config_id: str = ""
    qr_code: str = ""
    created_at: datetime
    changed_at: datetime


class Channels:
    """The channels of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        self._scope = scope
        self._announce = announce

    async def get(self, channel_id: int) -> Channel | None:
        """One channel, deleted ones too."""
        return next(iter(await self._scope.read(_GET, _channel, id=channel_id)), None)

    async def by_state(self, state: str) -> Channel | None:
        """The channel of a scan, deleted ones too: their printed codes live on."""
        return next(iter(await self._scope.read(_BY_STATE, _channel, state=state)), None) if state else None

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Channel, ...]:
        """Channels, newest first; `before` is the id of the last one of the page before."""
        return tuple(_channel(row) for row in await self._scope.fetch(_PAGE, before=before, limit=most))

    def add(self, draft: Draft) -> Channel:
        """Want a new channel; WeCom is told after the commit. Raises `Invalid`."""
        _check(draft)
        identity, now = new_id(), self._scope.now
        channel = Channel(
            **_wanted(draft), id=identity, state=channels.make_state(identity), created_at=now, changed_at=now
        )
        self._scope.write(
            _ADD,
            **_stored(draft),
            id=identity,
            state=channel.state,
            version=channel.version,
            status=channel.status,
            created_at=self._scope.at,
            changed_at=self._scope.at,
        )
        self.converge(identity, channel.version)
        return channel

    def change(self, channel: Channel, draft: Draft) -> None:
        """Want a channel otherwise. Raises `Invalid`, and at commit `LostLease` if it is no longer this version."""
        _check(draft)
        self._scope.unit.guard(
            _CHANGE,
            **_stored(draft),
            corp_id=self._scope.corp_id,
            id=channel.id,
            version=channel.version,
            changed_at=self._scope.at,
        )
        self.converge(channel.id, channel.version + 1)

    def remove(self, channel: Channel) -> None:
        """Want a channel no more; its row stays, and late scans still find it."""
        self._scope.write(_REMOVE, id=channel.id, changed_at=self._scope.at)
        self.converge(channel.id, channel.version + 1)

    def converge(self, channel_id: int, version: int) -> None:
        """Have WeCom brought in step, after the commit."""
        self._announce(
            ChannelChanged(corp_id=self._scope.corp_id, at=self._scope.now, channel_id=channel_id, version=version)
        )

    def ask(self, channel: Channel) -> None:
        """Note that the wanted version is on its way to WeCom."""
        self._scope.write(_ASK, id=channel.id, version=channel.version)

    def see(self, channel_id: int, version: int, *, config_id: str, qr_code: str = "") -> None:
        """Store that WeCom has a version, under which id; without a new picture the old one stays."""
        self._scope.write(_SEEN, id=channel_id, version=version, config_id=config_id, qr_code=qr_code)

    def refuse(self, channel_id: int, version: int, *, reason: str) -> None:
        """Store that WeCom did not take a version, and why."""
        self._scope.write(_REFUSED, id=channel_id, version=version, reason=reason)

    def bury(self, channel_id: int) -> None:
        """Store that WeCom has the channel no more."""
        self._scope.write(_GONE, id=channel_id)


def _check(draft: Draft) -> None:
    if found := channels.check(draft):
        raise Invalid(found)


def _wanted(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WANTED}


def _stored(draft: Draft) -> dict[str, Any]:
    return {name: encode(value) if name in _LISTS else value for name, value in _wanted(draft).items()}


def _channel(row: Row) -> Channel:
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    values |= {name: tuple(decode(values[name])) for name in _LISTS}
    values |= {name: from_ms(values[name]) for name in ("created_at", "changed_at")}
    return Channel(**values | {"skip_verify": bool(values["skip_verify"])})
