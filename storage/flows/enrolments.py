"""Enrolments as rows: who is due, who comes in, who is woken."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sop.flows.document import Entry
from sop.flows.enrolments import Enrolment, Entrant, Signal
from storage.engine.many import bulk, joined
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, from_ms, new_id, to_ms

_COLUMNS = (
    "id, flow_id, version, subject, user_id, key, cause, status, node, visit, visits, context, signal, woken, fence, "
    "entered_at, node_at, due_at, reason"
)
_DUE = Statement(
    f"""
    SELECT {_COLUMNS} FROM enrolments WHERE flow_id = :flow_id AND status = 'parked' AND due_at <= :now
    ORDER BY due_at, id LIMIT :most
    """,
    patient=True,
    by_keys=True,
)
_OF_SUBJECT = Statement(f"""
    SELECT {_COLUMNS} FROM enrolments WHERE corp_id = :corp_id AND subject = :subject AND status = 'parked' ORDER BY id
""")
_OF_ALL = joined(
    ", ".join(f"t.{name.strip()}" for name in _COLUMNS.split(",")),
    "enrolments AS t",
    on="t.corp_id = :corp_id AND t.subject = k.subject AND t.status = 'parked'",
    then="ORDER BY t.id",
    subject="TEXT",
)
# The plus keeps both stores from looking through all of a flow for each subject.
# Whether somebody may come in: not while they are inside under the same key, nor again sooner than the entry says.
_ENROL = bulk(
    """
    INSERT INTO enrolments (id, corp_id, flow_id, version, subject, user_id, key, cause, status, node, visit, visits,
                            context, entered_at, node_at, due_at)
    SELECT r.id, :corp_id, :flow_id, :version, r.subject, r.user_id, r.key, r.cause, 'parked', :node, 1, :visits,
           r.context, r.at, r.at, r.at
    FROM {rows} AS r
    WHERE NOT EXISTS (
        SELECT 1 FROM enrolments AS e
        WHERE e.corp_id = :corp_id AND e.subject = r.subject AND +e.flow_id = :flow_id AND e.key = r.key
          AND (e.status = 'parked' OR COALESCE(e.ended_at, 0) > :since))
    ON CONFLICT DO NOTHING
    """,
    id="BIGINT", subject="TEXT", user_id="TEXT", key="TEXT", cause="TEXT", context="TEXT", at="BIGINT",
)  # fmt: skip
# Who is looked at sooner is due now; who was due before that is as late as they are.
_WAKE = Statement("""
    UPDATE enrolments SET signal = :signal, woken = woken + 1, due_at = CASE WHEN due_at < :at THEN due_at ELSE :at END
    WHERE id = :id AND status = 'parked' AND reason = ''
""")
_LEAVE = Statement("""
    UPDATE enrolments SET reason = :reason, woken = woken + 1, due_at = :at
    WHERE id = :id AND status = 'parked' AND reason = ''
""")
_LEAVE_ALL = bulk(
    """
    UPDATE enrolments SET reason = :reason, woken = enrolments.woken + 1, due_at = :at FROM {rows} AS r
    WHERE enrolments.corp_id = :corp_id AND enrolments.subject = r.subject AND +enrolments.flow_id = :flow_id
      AND enrolments.status = 'parked' AND enrolments.reason = ''
    """,
    subject="TEXT",
)
_HAND_OVER = Statement("""
    UPDATE enrolments SET user_id = :taker
    WHERE corp_id = :corp_id AND subject = :subject AND user_id = :giver AND status = 'parked'
""")
_STIR = Statement("""
    UPDATE enrolments SET due_at = CASE WHEN due_at < :at THEN due_at ELSE :at END, fence = fence + 1 WHERE id IN (
        SELECT id FROM enrolments
        WHERE flow_id = :flow_id AND status = 'parked' AND id > :after AND id <= :last
          AND node IN (SELECT value FROM {each}(CAST(:nodes AS {json}))))
""")
_NEXT_PARKED = Statement("""
    SELECT MAX(id) AS last FROM (
        SELECT id FROM enrolments WHERE flow_id = :flow_id AND status = 'parked' AND id > :after
        ORDER BY id LIMIT :most) AS page
""")
_signal = msgspec.json.Decoder(Signal | None)


class Enrolments:
    """The enrolments of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def due(self, flow_id: int, *, most: int) -> list[Enrolment]:
        """Those of a flow whose next step is due, in their order."""
        rows = await self._scope.fetch(_DUE, flow_id=flow_id, now=self._scope.at, most=most)
        return [_enrolment(row) for row in rows]

    async def of(self, subject: str) -> list[Enrolment]:
        """Where a customer or a group is just now."""
        return [_enrolment(row) for row in await self._scope.fetch(_OF_SUBJECT, subject=subject)]

    async def of_all(self, subjects: Collection[str]) -> dict[str, list[Enrolment]]:
        """Where many are just now."""
        found: dict[str, list[Enrolment]] = {}
        for row in await self._scope.fetch(_OF_ALL, keys=encode([[each] for each in sorted(subjects)])):
            found.setdefault(row["subject"], []).append(_enrolment(row))
        return found

    def enrol(self, flow_id: int, entrants: Sequence[Entrant], *, version: int, start: str, entry: Entry) -> None:
        """Let people in at the start, each cause once, but for those who are inside or may not come again."""
        if not entrants:
            return
        always = entry.again == "always"
        self._scope.unit.stirs.add("timers")
        self._scope.write(
            _ENROL,
            flow_id=flow_id,
            version=version,
            node=start,
            visits=encode({start: 1}),
            since=_since(entry, self._scope.now),
            id=[new_id() for _ in entrants],
            subject=[one.subject for one in entrants],
            user_id=[one.user_id for one in entrants],
            key=[f"{one.key}#{one.cause}" if always else one.key for one in entrants],
            cause=[one.cause for one in entrants],
            context=[encode(one.data) for one in entrants],
            at=[to_ms(one.at or self._scope.now) for one in entrants],
        )

    def wake(self, enrolment: Enrolment, signal: Signal | None) -> None:
        """Have somebody who waits looked at now, because of what has happened."""
        self._stir(_WAKE, enrolment, signal=encode(signal))

    def leave(self, enrolment: Enrolment, reason: str) -> None:
        """Have somebody leave the flow at their next turn, which is now."""
        self._stir(_LEAVE, enrolment, reason=reason)

    def leave_all(self, flow_id: int, subjects: Sequence[str], reason: str) -> None:
        """Have many leave a flow at their next turn, which is now."""
        if subjects:
            self._scope.unit.stirs.add("timers")
            self._scope.write(_LEAVE_ALL, flow_id=flow_id, subject=list(subjects), reason=reason, at=self._scope.at)

    def hand_over(self, subject: str, *, giver: str, taker: str) -> None:
        """Let another member stand in for one from now on."""
        self._scope.write(_HAND_OVER, subject=subject, giver=giver, taker=taker)

    async def follow(self, flow_id: int, nodes: Sequence[str], *, after: int, most: int) -> int | None:
        """Have up to `most` of those who are at changed nodes looked at anew; the last one's id, None at the end."""
        (row,) = await self._scope.fetch(_NEXT_PARKED, flow_id=flow_id, after=after, most=most)
        last: int | None = row["last"]
        if last is not None:
            self._stir_all(flow_id, nodes, after=after, last=last)
        return last

    def _stir_all(self, flow_id: int, nodes: Sequence[str], *, after: int, last: int) -> None:
        self._scope.unit.stirs.add("timers")
        self._scope.unit.add(_STIR, flow_id=flow_id, nodes=encode(nodes), after=after, last=last, at=self._scope.at)

    def _stir(self, statement: Statement, enrolment: Enrolment, **values: Any) -> None:
        self._scope.unit.stirs.add("timers")
        self._scope.unit.add(statement, id=enrolment.id, at=self._scope.at, **values)


def _since(entry: Entry, now: datetime) -> int:
    """Who has ended after that may not come again: never, or the time of rest not over."""
    if entry.again == "never":
        return -1
    rest: timedelta | None = entry.cooldown if entry.again == "after_exit" else None
    return to_ms(now - rest) if rest else FOREVER


def _enrolment(row: Row) -> Enrolment:
    return Enrolment(
        id=row["id"],
        flow_id=row["flow_id"],
        version=row["version"],
        subject=row["subject"],
        user_id=row["user_id"],
        key=row["key"],
        cause=row["cause"],
        node=row["node"],
        visit=row["visit"],
        visits=_document(row["visits"]),
        context=_document(row["context"]),
        signal=_signal.decode(row["signal"]),
        leaving=row["reason"] if row["status"] == "parked" else "",
        entered_at=from_ms(row["entered_at"]),
        node_at=from_ms(row["node_at"]),
        due_at=from_ms(row["due_at"]),
        woken=row["woken"],
        fence=row["fence"],
        status=row["status"],
        reason=row["reason"],
    )


def _document(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = decode(text)
    return found
