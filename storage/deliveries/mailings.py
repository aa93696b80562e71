"""Mailings: the tasks at WeCom, whom each is for, and how it stands."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import or_, select

from sop.deliveries import Content
from sop.deliveries.mailings import Mailing, Status
from storage.engine.sql import Row, Statement
from storage.schema.deliveries import mailing_members, mailings
from storage.scope import Scope
from storage.sight import MEANT, Staff, among, name
from storage.values import FOREVER, encode, from_ms, maybe_moment, maybe_ms, to_ms

_NAMES = tuple(field.name for field in fields(Mailing))
_COLUMNS = ", ".join(_NAMES)
_GET = Statement(f"SELECT {_COLUMNS} FROM mailings WHERE corp_id = :corp_id AND id = :id")
_CONTENT = Statement("SELECT body FROM contents WHERE corp_id = :corp_id AND id = :id")
_RECIPIENTS = Statement(
    "SELECT subject FROM deliveries WHERE mailing_id = :id AND status = 'tasked' ORDER BY subject LIMIT :most",
    patient=True,
    by_keys=True,
)
_MOVE = Statement("""
    UPDATE mailings SET status = :status, msg_id = :msg_id, count = :count, failed = :failed,
        tries = :tries, looks = :looks, code = :code, reason = :reason, reminders = :reminders,
        reminded_at = CAST(:reminded_at AS BIGINT), escalated_at = CAST(:escalated_at AS BIGINT),
        asked_at = :asked_at, made_at = CAST(:made_at AS BIGINT), polled_at = CAST(:polled_at AS BIGINT),
        poll_at = CAST(:poll_at AS BIGINT), ended_at = CAST(:ended_at AS BIGINT)
    WHERE corp_id = :corp_id AND id = :id
""")
# By itself: what handlers note meanwhile must not take it back.
_WANT_END = Statement("""
    UPDATE mailings SET ending = :ending
    WHERE corp_id = :corp_id AND id = :id AND ending = '' AND status IN ('filling', 'making', 'unknown', 'made')
""")
_OURS = Statement("""
    SELECT msg_id FROM mailings
    WHERE corp_id = :corp_id AND msg_id <> ''
      AND msg_id IN (SELECT value FROM {each}(CAST(:msg_ids AS {json})))
""")
_THEIRS = Statement(f"SELECT 1 FROM mailing_members WHERE mailing_id = :mailing_id AND {MEANT} LIMIT 1")
_RIVALS = Statement(f"""
    SELECT {_COLUMNS} FROM mailings
    WHERE corp_id = :corp_id AND status IN ('making', 'unknown') AND kind = :kind AND content_id = :content_id
      AND id <> :id
    ORDER BY id LIMIT 200
""")
_OPEN_OF = Statement(f"""
    SELECT {_COLUMNS} FROM mailings
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id
      AND status IN ('filling', 'making', 'unknown', 'made') AND ending = ''
    ORDER BY id LIMIT :most
""")
_FORGOTTEN = Statement(f"""
    SELECT {_COLUMNS} FROM mailings
    WHERE corp_id = :corp_id AND status IN ('making', 'unknown', 'made') AND poll_at < :before
    ORDER BY poll_at LIMIT :most
""")
_MOMENTS = ("reminded_at", "escalated_at", "made_at", "polled_at", "poll_at", "ended_at")


class Mailings:
    """The mailings of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, mailing_id: int) -> Mailing | None:
        """One of them."""
        rows = await self._scope.fetch(_GET, id=mailing_id)
        return _mailing(rows[0]) if rows else None

    async def page(
        self,
        *,
        origin: str = "",
        origin_id: int | None = None,
        status: str = "",
        staff: Staff = None,
        before: int = FOREVER,
        most: int = 50,
    ) -> tuple[Mailing, ...]:
        """Newest first: of a flow or broadcast, of a status, and sent by any of `staff`."""
        own, member = mailings.c, mailing_members.c
        query = select(*[own[name] for name in _NAMES]).where(own.corp_id == self._scope.corp_id, own.id < before)
        for column, value in ((own.origin, origin), (own.origin_id, origin_id), (own.status, status)):
            if value:
                query = query.where(column == value)
        if staff is not None:
            theirs = select(member.mailing_id).where(member.mailing_id == own.id, among(member.user_id, staff))
            query = query.where(or_(among(own.user_id, staff), theirs.exists()))
        rows = await self._scope.database.fetch(Statement(query.order_by(own.id.desc()).limit(most)))
        return tuple(map(_mailing, rows))

    async def sees(self, mailing: Mailing, staff: Staff) -> bool:
        """Whether any of `staff` has to confirm it."""
        if staff is None or mailing.user_id in staff:
            return True
        rows = await self._scope.fetch(_THEIRS, mailing_id=mailing.id, staff=name(staff))
        return bool(rows)

    async def content(self, content_id: int) -> Content:
        """What it says."""
        rows = await self._scope.fetch(_CONTENT, id=content_id)
        return msgspec.json.decode(rows[0]["body"], type=Content) if rows else Content()

    async def recipients(self, mailing_id: int, *, most: int) -> tuple[str, ...]:
        """Whom it is for: customers or groups, by id."""
        rows = await self._scope.fetch(_RECIPIENTS, id=mailing_id, most=most)
        return tuple(row["subject"] for row in rows)

    def move(self, mailing: Mailing) -> None:
        """Note how it stands; a `Conflict` at commit if another has the same message at WeCom."""
        values: dict[str, Any] = {name: getattr(mailing, name) for name in _NAMES}
        moments = {name: maybe_ms(values[name]) for name in _MOMENTS}
        self._scope.write(_MOVE, **values | moments | {"asked_at": to_ms(mailing.asked_at)})

    def want_end(self, mailing_id: int, ending: str) -> None:
        """Note how it is to end: `unsent` when nobody waits any longer, `cancelled` when it is called off."""
        self._scope.write(_WANT_END, id=mailing_id, ending=ending)

    async def ours(self, msg_ids: Sequence[str]) -> frozenset[str]:
        """Those of WeCom's messages that are known as ours."""
        rows = await self._scope.fetch(_OURS, msg_ids=encode(msg_ids)) if msg_ids else ()
        return frozenset(row["msg_id"] for row in rows)

    async def rivals(self, mailing: Mailing) -> tuple[Mailing, ...]:
        """Others with the same content of which nobody knows either whether WeCom has them."""
        about = {"kind": mailing.kind, "content_id": mailing.content_id, "id": mailing.id}
        return tuple(map(_mailing, await self._scope.fetch(_RIVALS, **about)))

    async def open_of(self, origin: str, origin_id: int, *, most: int) -> tuple[Mailing, ...]:
        """Those of a flow or broadcast that go on, and are not to end yet."""
        rows = await self._scope.fetch(_OPEN_OF, origin=origin, origin_id=origin_id, most=most)
        return tuple(map(_mailing, rows))

    async def forgotten(self, *, since: timedelta, most: int = 500) -> tuple[Mailing, ...]:
        """Those that should have been looked at so long ago."""
        rows = await self._scope.fetch(_FORGOTTEN, before=to_ms(self._scope.now - since), most=most)
        return tuple(map(_mailing, rows))


def _mailing(row: Row) -> Mailing:
    values: dict[str, Any] = {name: row[name] for name in _NAMES}
    moments: dict[str, datetime | None] = {name: maybe_moment(values[name]) for name in _MOMENTS}
    certain = {name: from_ms(values[name]) for name in ("created_at", "asked_at")}
    return Mailing(**values | moments | certain | {"status": Status(row["status"])})
