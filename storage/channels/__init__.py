"""Channels: what operators want, what WeCom has of it, and what is on its way there."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from sop import channels
from sop.channels import Draft
from sop.channels.assignment import Terms
from sop.channels.duty import Shift
from sop.channels.turns import View
from sop.conclusions import Conclusion
from sop.errors import Invalid
from sop.events import ChannelChanged, ChannelTurned, Own
from sop.slots import Window
from storage.channels.duty import Duty
from storage.channels.ways import Ways
from storage.customers import escape
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, encode, from_ms, maybe_moment, maybe_ms, new_id

Status = Literal["pending", "live", "refused", "deleting", "deleted"]
_WANTED = tuple(field.name for field in fields(Draft))
_DOCUMENTS: dict[str, Any] = {
    name: msgspec.json.Decoder(kind)
    for name, kind in {
        "staff": tuple[str, ...],
        "departments": tuple[int, ...],
        "tags": tuple[str, ...],
        "backup": tuple[str, ...],
        "crew": tuple[str, ...],
        "accept": tuple[Window, ...],
        "roster": tuple[Terms, ...],
        "rota": tuple[Shift, ...],
        "conclusion": Conclusion | None,
    }.items()
}
_view = msgspec.json.Decoder(View)
_VIEWS = ("wanted", "shown", "tried")
_FLAGS = ("skip_verify", "exclusive")
_COLUMNS = (
    "id", *_WANTED, "state", "version", "seen", "asked", "status", "reason", "config_id", "qr_code",
    "turn", *_VIEWS, "mode", "crew", "balanced_at", "created_at", "changed_at",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM channels WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_OF_WAYS = Statement(f"{_SELECT} AND config_id IN (SELECT value FROM {{each}}(CAST(:config_ids AS {{json}})))")
_UNSIGHTED = Statement(f"""
    {_SELECT} AND config_id <> '' AND status NOT IN ('deleting', 'deleted') AND temporary = 0 AND asked = 0
      AND NOT EXISTS (SELECT 1 FROM sightings AS s WHERE s.job_id = :job_id AND s.kind = 'way' AND s.key = config_id)
    ORDER BY id LIMIT :most
""")
_COUNT_WAYS = Statement("""
    SELECT COUNT(*) AS count FROM channels
    WHERE corp_id = :corp_id AND config_id <> '' AND status NOT IN ('deleting', 'deleted') AND temporary = 0
""")
_BY_STATE = Statement(f"{_SELECT} AND state = :state")
_PAGES = {
    (folder, archived): Statement(
        f"{_SELECT} AND id < :before {'AND folder_id = :folder_id' if folder else ''} {which}"
        " AND (CAST(:words AS TEXT) IS NULL OR LOWER(name) LIKE LOWER(CAST(:words AS TEXT)) ESCAPE '!')"
        " ORDER BY id DESC LIMIT :limit"
    )
    for folder in (True, False)
    for archived, which in {
        None: "", True: "AND status IN ('deleting', 'deleted')", False: "AND status NOT IN ('deleting', 'deleted')",
    }.items()
}  # fmt: skip
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
    turn: int = 0  # counts the calls
    wanted: View | None = None  # what should be at WeCom now …
    shown: View | None = None  # … what is …
    tried: View | None = None  # … and what was refused last
    mode: str = ""  # staff, backup or last: why those
    crew: tuple[str, ...] = ()  # among whom the adds are kept in proportion, …
    balanced_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)  # … counted since then
    created_at: datetime
    changed_at: datetime

    @property
    def ended(self) -> bool:
        """Whether it is deleted, or about to be."""
        return self.status in ("deleting", "deleted")


class Channels(Ways):
    """The channels of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        super().__init__(scope)
        self._announce = announce
        self._duty = Duty(scope, announce)

    async def get(self, channel_id: int) -> Channel | None:
        """One channel, deleted ones too."""
        return next(iter(await self._scope.read(_GET, _channel, id=channel_id)), None)

    async def by_state(self, state: str) -> Channel | None:
        """The channel of a scan, deleted ones too: their printed codes live on."""
        return next(iter(await self._scope.read(_BY_STATE, _channel, state=state)), None) if state else None

    async def page(
        self,
        *,
        before: int = FOREVER,
        most: int = 50,
        folder_id: int | None = None,
        archived: bool | None = None,
        words: str = "",
    ) -> tuple[Channel, ...]:
        """Channels, newest first: of a folder, archived or not, called so; `before` is the last id of a page."""
        called = f"%{escape(words)}%" if words else None
        named = {"folder_id": folder_id} if folder_id else {}
        rows = await self._scope.fetch(
            _PAGES[bool(folder_id), archived], before=before, limit=most, words=called, **named
        )
        return tuple(_channel(row) for row in rows)

    async def of_ways(self, config_ids: Collection[str]) -> dict[str, Channel]:
        """The channels of contact ways, by the way's id."""
        found = await self._scope.fetch(_OF_WAYS, config_ids=encode(sorted(config_ids)))
        return {channel.config_id: channel for channel in map(_channel, found)}

    async def count_ways(self) -> int:
        """How many have a way that WeCom's lists show."""
        (row,) = await self._scope.fetch(_COUNT_WAYS)
        return int(row["count"])

    async def unsighted(self, job_id: int, *, most: int) -> tuple[Channel, ...]:
        """Channels whose way was not among those that a job has sighted at WeCom."""
        return tuple(map(_channel, await self._scope.fetch(_UNSIGHTED, job_id=job_id, most=most)))

    def add(self, draft: Draft) -> Channel:
        """Want a new channel; WeCom is told after the commit. A temporary one ends with its code. Raises `Invalid`."""
        _check(draft)
        identity, now = new_id(), self._scope.now
        if draft.temporary and not draft.expires_at:
            draft = replace(draft, expires_at=now + timedelta(seconds=draft.temporary))
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
        self._duty.stand(identity, draft)
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
        self._duty.stand(channel.id, draft)
        self.converge(channel.id, channel.version + 1)

    def remove(self, channel: Channel) -> None:
        """Want a channel no more; its row stays, and late scans still find it."""
        self._scope.write(_REMOVE, id=channel.id, changed_at=self._scope.at)
        self._duty.stand(channel.id, None)
        self.converge(channel.id, channel.version + 1)

    def converge(self, channel_id: int, version: int) -> None:
        """Have WeCom brought in step, after the commit."""
        self._announce(
            ChannelChanged(corp_id=self._scope.corp_id, at=self._scope.now, channel_id=channel_id, version=version)
        )

    def revisit(self, channel_id: int) -> None:
        """Have it looked at, after the commit, whom a channel shows."""
        self._announce(ChannelTurned(corp_id=self._scope.corp_id, at=self._scope.now, channel_id=channel_id))


def _check(draft: Draft) -> None:
    if found := channels.check(draft):
        raise Invalid(found)


def _wanted(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WANTED}


def _stored(draft: Draft) -> dict[str, Any]:
    values = {name: encode(value) if name in _DOCUMENTS else value for name, value in _wanted(draft).items()}
    return values | {"expires_at": maybe_ms(draft.expires_at)}


def _channel(row: Row) -> Channel:
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    values |= {name: decoder.decode(values[name]) for name, decoder in _DOCUMENTS.items()}
    values |= {name: _view.decode(values[name]) if values[name] else None for name in _VIEWS}
    values |= {name: bool(values[name]) for name in _FLAGS}
    values |= {name: from_ms(values[name]) for name in ("balanced_at", "created_at", "changed_at")}
    return Channel(**values | {"expires_at": maybe_moment(values["expires_at"])})
