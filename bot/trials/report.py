"""What a trial came to: who would get what and when, what is held back and why, and what members have to confirm."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bot.trials.spec import Spec
from storage.flows.numbers import Arm
from storage.scope import Scope
from storage.store import Store
from storage.trials import Line, Sandbox
from storage.trials.people import APP, CORP

SHOWN = 1000  # customers whose plans are told


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
    arms: tuple[Arm, ...]
    plans: tuple[Line, ...]


async def gather(sandbox: Sandbox, spec: Spec, flow_id: int) -> Report:
    """Read it from the database of the trial."""
    store = Store(Scope(database=sandbox.database, corp_id=CORP, app=APP, now=spec.end))
    zone = (await store.settings.voice()).zone
    messages, tasks = await sandbox.messages(flow_id), await sandbox.tasks(flow_id)
    ends = await sandbox.ends(flow_id)
    sent = [one for one in messages if not one.reason]
    shown = set(sorted({one.subject for one in (*messages, *tasks)})[:SHOWN])
    return Report(
        entered=sum(ends.values()),
        ended=ends,
        sent=_count(_day(one.at, zone) for one in sent),
        skipped=_count(one.reason for one in messages if one.reason),
        delayed=await sandbox.put_off(),
        tasks=_count(_day(one.at, zone) for one in tasks),
        load=_load(sent, zone),
        arms=await store.flownumbers.arms(flow_id),
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
