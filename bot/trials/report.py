"""What a trial came to: who would get what and when, what is held back and why, and what members have to confirm."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bot.trials.spec import APP, CORP, Spec
from storage.database import Database
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.store import Store
from storage.values import decode, from_ms

SHOWN = 1000  # customers whose plans are told
_MESSAGES = Statement("""
    SELECT d.subject, d.user_id, d.node, d.status, d.reason, d.due_at, d.content_id, c.body FROM deliveries AS d
    LEFT JOIN contents AS c ON c.id = d.content_id WHERE d.origin_id = :flow_id ORDER BY d.due_at, d.subject, d.id
""")
_TASKS = Statement("SELECT external_user_id, user_id, title, due_at, created_at FROM tasks ORDER BY created_at, id")
_ENDS = Statement("""
    SELECT status, reason, COUNT(*) AS count FROM enrolments WHERE flow_id = :flow_id GROUP BY status, reason
""")
_PUT_OFF = Statement("SELECT reason, COUNT(*) AS count FROM decisions WHERE verdict = 'delayed' GROUP BY reason")
_ARMS = Statement("""
    SELECT node, arm, COUNT(*) AS exposed, COUNT(converted_at) AS converted FROM exposures
    WHERE flow_id = :flow_id GROUP BY node, arm ORDER BY node, arm
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message or task of one customer; without a reason it goes out."""

    subject: str
    user_id: str
    node: str
    what: str  # message, task
    text: str
    at: datetime
    reason: str = ""  # why it was skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one member has to confirm on one day: so many mass messages, to so many customers."""

    user_id: str
    day: str
    mailings: int
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome; `plans` are told of at most a thousand customers, all else counts everybody."""

    entered: int
    ended: dict[str, int]  # by reason; "" are those still inside
    sent: dict[str, int]  # by day
    skipped: dict[str, int]  # by reason
    delayed: dict[str, int]  # by reason
    tasks: dict[str, int]  # by day
    load: tuple[Load, ...]
    arms: tuple[dict[str, Any], ...]
    plans: tuple[Line, ...]


async def gather(database: Database, spec: Spec, flow_id: int) -> Report:
    """Read it from the database of the trial."""
    store = Store(Scope(database=database, corp_id=CORP, app=APP, now=spec.end))
    zone = (await store.settings.voice()).zone
    messages = [_message(row) for row in await database.fetch(_MESSAGES, flow_id=flow_id)]
    tasks = [_task(row) for row in await database.fetch(_TASKS)]
    ends = {row["reason"]: row["count"] for row in await database.fetch(_ENDS, flow_id=flow_id)}
    sent = [one for one in messages if not one.reason]
    shown = set(sorted({one.subject for one in (*messages, *tasks)})[:SHOWN])
    return Report(
        entered=sum(ends.values()),
        ended=ends,
        sent=_count(_day(one.at, zone) for one in sent),
        skipped=_count(one.reason for one in messages if one.reason),
        delayed={row["reason"]: row["count"] for row in await database.fetch(_PUT_OFF)},
        tasks=_count(_day(one.at, zone) for one in tasks),
        load=_load(sent, zone),
        arms=tuple(dict(row) for row in await database.fetch(_ARMS, flow_id=flow_id)),
        plans=tuple(one for one in sorted([*messages, *tasks], key=lambda one: one.at) if one.subject in shown),
    )


def dump(report: Report) -> str:
    """As JSON."""
    return msgspec.json.encode(report).decode()


def _load(sent: list[Line], zone: ZoneInfo) -> tuple[Load, ...]:
    """One mass message is what one member sends of one content within one gathering."""
    people: dict[tuple[str, str], set[str]] = {}
    mailings: dict[tuple[str, str], set[tuple[str, datetime]]] = {}
    for one in sent:
        key = one.user_id, _day(one.at, zone)
        people.setdefault(key, set()).add(one.subject)
        mailings.setdefault(key, set()).add((one.text, one.at))
    return tuple(
        Load(user_id=user_id, day=day, mailings=len(mailings[user_id, day]), customers=len(people[user_id, day]))
        for user_id, day in sorted(people)
    )


def _count(keys: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for key in keys:
        found[key] = found.get(key, 0) + 1
    return dict(sorted(found.items()))


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"


def _message(row: Row) -> Line:
    body = decode(row["body"]) or {}
    skipped = row["status"] == "skipped"
    return Line(
        subject=row["subject"],
        user_id=row["user_id"],
        node=row["node"],
        what="message",
        text=body.get("text", ""),
        at=from_ms(row["due_at"]),
        reason=row["reason"] if skipped else "",
    )


def _task(row: Row) -> Line:
    return Line(
        subject=row["external_user_id"],
        user_id=row["user_id"],
        node="",
        what="task",
        text=row["title"],
        at=from_ms(row["created_at"]),
    )
