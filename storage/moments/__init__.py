"""Moments as they are written, and how far they have come at WeCom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, update

from sop.events import MomentDue, Own
from sop.intents import Attachment
from sop.moments import Draft, Status
from storage.engine.sql import Row, Statement, insert
from storage.moments.media import Media
from storage.moments.parts import Parts
from storage.moments.reactions import Reactions
from storage.schema.moments import moments
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, maybe_moment, maybe_ms, new_id, to_ms

_WRITTEN = ("name", "text", "attachments", "departments", "tags", "due_at")
_DOCUMENTS = ("attachments", "departments", "tags", "invalid")
_MOMENTS = ("due_at", "asked_at", "posted_at", "looked_at", "created_at", "changed_at", "ended_at")
_ADD = insert("moments", ("id", "corp_id", "effect", "status", "author", *_WRITTEN, "created_at", "changed_at"))
_GET = Statement("SELECT * FROM moments WHERE corp_id = :corp_id AND id = :id")
_OF_EFFECT = Statement("SELECT id, status FROM moments WHERE corp_id = :corp_id AND effect = :effect AND effect <> ''")
_KNOWN = Statement("""
    SELECT moment_id FROM moments WHERE corp_id = :corp_id AND moment_id <> ''
      AND moment_id IN (SELECT value FROM {each}(CAST(:ids AS {json})))
""")
_REMOVE = Statement("DELETE FROM moments WHERE corp_id = :corp_id AND id = :id AND status = 'draft'")
_attachments = msgspec.json.Decoder(tuple[Attachment, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Draft):
    """A moment as it stands; `users` are in its parts. `asked_at`: posting began; `posted_at`: WeCom created it."""

    id: int
    effect: str = ""
    status: Status = Status.DRAFT
    author: str = ""
    approver: str = ""
    version: int = 1
    attempt: int = 0
    job_id: str = ""
    moment_id: str = ""
    code: int = 0
    reason: str = ""
    said: str = ""
    invalid: Mapping[str, Any] = field(default_factory=dict)
    cancelling: bool = False
    asked_at: datetime | None = None
    posted_at: datetime | None = None
    looked_at: datetime | None = None
    look_id: int | None = None
    reminders: int = 0
    created_at: datetime
    changed_at: datetime
    ended_at: datetime | None = None


class Moments:
    """The moments of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        self._scope = scope
        self._announce = announce
        self.parts = Parts(scope)
        self.reactions = Reactions(scope)
        self.media = Media(scope)

    def add(self, draft: Draft, *, author: str, status: Status = Status.DRAFT, effect: str = "") -> Moment:
        """Store a moment. One of the same `effect` is a `Conflict` at commit."""
        scope = self._scope
        moment = Moment(
            **{name: getattr(draft, name) for name in ("users", *_WRITTEN)},
            id=new_id(),
            effect=effect,
            status=status,
            author=author,
            created_at=scope.now,
            changed_at=scope.now,
        )
        times = {"created_at": scope.at, "changed_at": scope.at}
        scope.write(_ADD, id=moment.id, effect=effect, status=status.value, author=author, **_written(draft), **times)
        self.parts.want(moment.id, draft.users)
        return moment

    async def post(self, draft: Draft, *, effect: str, author: str) -> int:
        """Have a moment posted that needs nobody's approval, once per effect; its id.

        Wanted again while it waits for `due_at`, it is to be published by these members too: a flow has one moment a
        day for everybody who comes to it.
        """
        rows = await self._scope.fetch(_OF_EFFECT, effect=effect)
        if rows:
            if rows[0]["status"] == Status.APPROVED:
                self.parts.want(rows[0]["id"], draft.users)
            found: int = rows[0]["id"]
            return found
        moment = self.add(draft, author=author, status=Status.APPROVED, effect=effect)
        self.stir(moment.id)
        return moment.id

    def stir(self, identity: int) -> None:
        """Have it take its next step."""
        self._announce(MomentDue(corp_id=self._scope.corp_id, at=self._scope.now, moment_id=identity))

    async def get(self, identity: int) -> Moment | None:
        """One moment, without its members."""
        return next((_moment(row) for row in await self._scope.fetch(_GET, id=identity)), None)

    async def draft(self, identity: int) -> Moment | None:
        """One moment with the members who are named."""
        moment = await self.get(identity)
        return replace(moment, users=await self.parts.named(identity)) if moment else None

    async def page(
        self, *, statuses: Sequence[Status] = (), before: int = FOREVER, most: int = 50
    ) -> tuple[Moment, ...]:
        """Moments, newest first, those in one of these states; `before` is the last id of the page before."""
        own = moments.c
        query = select(moments).where(own.corp_id == self._scope.corp_id, own.id < before)
        if statuses:
            query = query.where(own.status.in_([status.value for status in statuses]))
        rows = await self._scope.database.fetch(Statement(query.order_by(own.id.desc()).limit(most)))
        return tuple(map(_moment, rows))

    async def known(self, moment_ids: Sequence[str]) -> frozenset[str]:
        """Those of WeCom's ids that belong to a moment of ours."""
        rows = await self._scope.fetch(_KNOWN, ids=encode(list(moment_ids)))
        return frozenset(row["moment_id"] for row in rows)

    async def rewrite(self, moment: Moment, draft: Draft, *, author: str) -> None:
        """Change what is written: it is a draft again, and whoever has changed it is its author."""
        await self.parts.rename(moment.id, draft.users)
        wanted = _written(draft) | {"author": author, "approver": "", "version": moment.version + 1}
        self._update(moment, status=Status.DRAFT.value, code=0, reason="", said="", **wanted)

    def move(self, moment: Moment, status: Status | None = None, **values: Any) -> None:
        """Bring it further; `LostLease` at commit where somebody else has meanwhile. Moments and plain values."""
        stored = {
            name: maybe_ms(value) if name in _MOMENTS else encode(value) if name in _DOCUMENTS else value
            for name, value in values.items()
        }
        self._update(moment, status=(status or moment.status).value, **stored)

    def remove(self, moment: Moment) -> None:
        """Forget a draft."""
        self.parts.forget(moment.id)
        self._scope.write(_REMOVE, id=moment.id)

    def _update(self, moment: Moment, **stored: Any) -> None:
        own = moments.c
        query = (
            update(moments)
            .where(
                own.corp_id == self._scope.corp_id,
                own.id == moment.id,
                own.status == moment.status.value,
                own.version == moment.version,
            )
            .values(changed_at=self._scope.at, **stored)
        )
        self._scope.unit.guard(Statement(query))


def _written(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "text": draft.text,
        "attachments": encode(draft.attachments),
        "departments": encode(draft.departments),
        "tags": encode(draft.tags),
        "due_at": None if draft.due_at is None else to_ms(draft.due_at),
    }


def _moment(row: Row) -> Moment:
    names = ("id", "effect", "name", "text", "author", "approver", "version", "attempt", "job_id", "moment_id", "code",
             "reason", "said", "reminders", "look_id")  # fmt: skip
    values = {name: row[name] for name in names}
    moments_: dict[str, Any] = {name: maybe_moment(row[name]) for name in _MOMENTS}
    return Moment(
        **values,
        **moments_,
        status=Status(row["status"]),
        attachments=_attachments.decode(row["attachments"]),
        departments=tuple(decode(row["departments"])),
        tags=tuple(decode(row["tags"])),
        invalid=decode(row["invalid"]),
        cancelling=bool(row["cancelling"]),
    )
