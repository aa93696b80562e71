"""Deliveries: what was judged becomes rows, as many at once as there are.

A row is the decision about its message: planned, or skipped with the reason. Planned ones carry the ordinal that the
gate read of their subject; two gates that read the same meet at its unique key, and one of them judges anew.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cached_property
from typing import assert_never

from sop.deliveries import Message, Origin, Status, gathered_at
from sop.events import CancelDue, MailingsDue, Own
from sop.policy import Delay, Send, Skip, Verdict
from storage.deliveries.gathering import Gathering
from storage.deliveries.late import Late
from storage.deliveries.lists import Lists
from storage.deliveries.mailings import Mailings
from storage.deliveries.results import Results
from storage.deliveries.stopping import Stopping
from storage.deliveries.workload import Workload
from storage.engine.many import bulk
from storage.engine.sql import Statement
from storage.jobs import Schedule
from storage.scope import Scope
from storage.values import encode, new_id, to_ms

Judged = tuple[Message, Verdict, int]
"""A message, what the policy said of it, and the ordinal it takes if it is planned."""

_KEEP = bulk(
    """
    INSERT INTO contents (id, corp_id, digest, body)
    SELECT r.id, CAST(:corp_id AS TEXT), r.digest, r.body FROM {rows} AS r WHERE TRUE
    ON CONFLICT (corp_id, digest) DO NOTHING
    """,
    id="BIGINT",
    digest="TEXT",
    body="TEXT",
)
_ORIGIN = bulk(
    """
    INSERT INTO delivery_origins (corp_id, origin, origin_id, at)
    SELECT CAST(:corp_id AS TEXT), r.origin, r.origin_id, CAST(:at AS BIGINT) FROM {rows} AS r WHERE TRUE
    ON CONFLICT (corp_id, origin, origin_id) DO UPDATE SET at = excluded.at
    WHERE excluded.at > delivery_origins.at + 3600000
    """,
    origin="TEXT",
    origin_id="BIGINT",
)
_PLAN = bulk(
    """
    INSERT INTO deliveries (id, corp_id, kind, subject, ordinal, user_id, content_id, origin, origin_id, node, version,
                            enrolment_id, arm, topic, effect, status, reason, transactional, due_at, at, ended_at)
    SELECT r.id, CAST(:corp_id AS TEXT), r.kind, r.subject, r.ordinal, r.user_id,
           (SELECT c.id FROM contents AS c WHERE c.corp_id = CAST(:corp_id AS TEXT) AND c.digest = r.digest),
           r.origin, r.origin_id, r.node, r.version, r.enrolment_id, r.arm, r.topic, r.effect, r.status, r.reason,
           r.transactional = 1, r.due_at, CAST(:at AS BIGINT), r.ended_at
    FROM {rows} AS r WHERE TRUE
    ON CONFLICT (corp_id, effect) DO NOTHING
    """,
    id="BIGINT", kind="TEXT", subject="TEXT", ordinal="BIGINT", user_id="TEXT", digest="TEXT", origin="TEXT",
    origin_id="BIGINT", node="TEXT", version="BIGINT", enrolment_id="BIGINT", arm="TEXT", topic="TEXT", effect="TEXT",
    status="TEXT", reason="TEXT", transactional="BIGINT", due_at="BIGINT", ended_at="BIGINT",
)  # fmt: skip
_HOLD = Statement("""
    INSERT INTO delivery_origins (corp_id, origin, origin_id, held, at)
    VALUES (:corp_id, :origin, :origin_id, :held, :at)
    ON CONFLICT (corp_id, origin, origin_id) DO UPDATE SET held = excluded.held, at = excluded.at
""")
_STOP = Statement("""
    INSERT INTO delivery_origins (corp_id, origin, origin_id, stopped_at, at)
    VALUES (:corp_id, :origin, :origin_id, :at, :at)
    ON CONFLICT (corp_id, origin, origin_id) DO UPDATE SET stopped_at = excluded.stopped_at, at = excluded.at
""")
_WITHDRAW = bulk(
    """
    UPDATE deliveries SET status = 'cancelled', reason = :reason, ended_at = :at
    FROM {rows} AS r
    WHERE deliveries.corp_id = :corp_id AND deliveries.effect = r.effect AND deliveries.status = 'planned'
    """,
    effect="TEXT",
)
_REVOKE = Statement("""
    UPDATE deliveries SET status = 'cancelled', reason = :reason, ended_at = :at
    WHERE corp_id = :corp_id AND subject = :subject AND ordinal IS NOT NULL AND status = 'planned'
      AND (CAST(:topic AS TEXT) = '' OR topic = :topic OR (topic = '' AND :topic = 'marketing'))
      AND NOT (transactional AND :spare)
""")
_SAME = ("kind", "subject", "user_id", "origin", "origin_id", "node", "version", "enrolment_id", "arm", "topic",
         "effect", "transactional")  # fmt: skip
_JUDGED = ("ordinal", "status", "reason", "due_at", "ended_at")


class Deliveries:
    """The messages of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int], schedule: Schedule) -> None:
        self._scope = scope
        self._announce = announce
        self._schedule = schedule

    @cached_property
    def gathering(self) -> Gathering:
        """What is due."""
        return Gathering(self._scope)

    @cached_property
    def late(self) -> Late:
        """What should have gone out by now."""
        return Late(self._scope)

    @cached_property
    def mailings(self) -> Mailings:
        """The tasks at WeCom."""
        return Mailings(self._scope)

    @cached_property
    def results(self) -> Results:
        """What became of them."""
        return Results(self._scope)

    @cached_property
    def lists(self) -> Lists:
        """Deliveries as they are looked at."""
        return Lists(self._scope)

    @cached_property
    def stopping(self) -> Stopping:
        """What is called off."""
        return Stopping(self._scope)

    @cached_property
    def workload(self) -> Workload:
        """What members have to confirm."""
        return Workload(self._scope)

    def plan(self, judged: Sequence[Judged]) -> None:
        """Write what was judged, once per effect; what may go is gathered when it is due.

        At commit it is a `Conflict` if another has taken one of the ordinals: judge anew by what is there then.
        """
        due = [moment for message, verdict, _ in judged if (moment := _due(message, verdict))]
        if due:
            self._note({(message.origin, message.origin_id) for message, _, _ in judged})
        if judged:  # in the order of their subjects: two writers never wait for each other
            self._write(sorted(judged, key=lambda each: (each[0].subject, each[2])))
        if due:
            self.ring(min(due))

    def ring(self, due_at: datetime) -> None:
        """Have what is due then gathered a moment later, together with what becomes due until then."""
        scope = self._scope
        moment = gathered_at(max(due_at, scope.now))
        event = MailingsDue(corp_id=scope.corp_id, at=moment)
        self._schedule(event, name=f"mailings:{to_ms(moment)}", due_at=moment)

    def hold(self, origin: Origin, origin_id: int) -> None:
        """Pause: nothing planned of a flow or broadcast is gathered, and nothing is lost."""
        self._scope.write(_HOLD, origin=origin, origin_id=origin_id, held=True, at=self._scope.at)

    def release(self, origin: Origin, origin_id: int) -> None:
        """Resume what was paused."""
        self._scope.write(_HOLD, origin=origin, origin_id=origin_id, held=False, at=self._scope.at)
        self.ring(self._scope.now)

    def cancel(self, origin: Origin, origin_id: int) -> None:
        """Call off what is planned or not confirmed yet of a flow or broadcast: at once here, in batches at WeCom."""
        scope = self._scope
        scope.write(_STOP, origin=origin, origin_id=origin_id, at=scope.at)
        self._announce(CancelDue(corp_id=scope.corp_id, at=scope.now, origin=origin, origin_id=origin_id))

    def withdraw(self, effects: Collection[str], *, reason: str) -> None:
        """Call off single messages that are only planned, by their effects."""
        if effects:
            self._scope.write(_WITHDRAW, effect=sorted(effects), reason=reason, at=self._scope.at)

    def revoke(self, subject: str, *, reason: str, topic: str = "", spare_transactional: bool = True) -> None:
        """Call off what is only planned for a customer or group, of all topics or one."""
        about = {"subject": subject, "topic": topic, "spare": spare_transactional}
        self._scope.write(_REVOKE, reason=reason, at=self._scope.at, **about)

    def _note(self, origins: Collection[tuple[str, int]]) -> None:
        names, ids = zip(*sorted(origins), strict=True)
        self._scope.write(_ORIGIN, at=self._scope.at, origin=names, origin_id=ids)

    def _write(self, judged: Sequence[Judged]) -> None:
        bodies = {message.content: encode(message.content) for message, _, _ in judged}
        digests = {content: hashlib.sha256(body.encode()).hexdigest() for content, body in bodies.items()}
        kept = sorted((digests[content], body) for content, body in bodies.items())
        self._scope.write(
            _KEEP, id=[new_id() for _ in kept], digest=[each for each, _ in kept], body=[body for _, body in kept]
        )
        now = self._scope.at
        rows = [_row(message, verdict, ordinal, now) for message, verdict, ordinal in judged]
        columns = dict(zip(_JUDGED, zip(*rows, strict=True), strict=True))
        for name in _SAME:
            columns[name] = tuple(getattr(message, name) for message, _, _ in judged)
        columns["digest"] = tuple(digests[message.content] for message, _, _ in judged)
        self._scope.write(_PLAN, at=now, id=[new_id() for _ in judged], **columns)


def _due(message: Message, verdict: Verdict) -> datetime | None:
    match verdict:
        case Send():
            return message.due_at
        case Delay():
            return verdict.until
        case Skip():
            return None
    assert_never(verdict)


def _row(message: Message, verdict: Verdict, ordinal: int, now: int) -> tuple[int | str | None, ...]:
    """The columns `_JUDGED` of one."""
    due = _due(message, verdict)
    if due is None:
        return None, Status.SKIPPED.value, verdict.reason, to_ms(message.due_at), now
    return ordinal, Status.PLANNED.value, verdict.reason, to_ms(due), None
