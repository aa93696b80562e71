"""What becomes due in rows of its own: each kind says how to find it, the clock announces it.

A subject whose rows hold their next moment (flows, broadcasts, segments …) adds a `Due` to `DUES`. Twice a second its
`find` tells whom an event is due for; nothing is announced while the same event of that lane is still open. So a batch
at a time is under way, and what was missed comes in as soon as anybody looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop import events as own
from sop.events import BroadcastDue, FlowDue, Own, TasksDue
from storage.database import Database
from storage.engine.sql import Row, Statement, Unit
from storage.inbox import Arrival, remember
from storage.leases import Lease, keep
from storage.values import encode, from_ms, maybe_moment, to_ms

MOST = 500  # events of a kind announced at once
COUNTED = 10_000  # overdue rows are counted up to here
_OPEN = Statement("""
    SELECT DISTINCT lane, kind FROM events
    WHERE open AND lane IN (SELECT value FROM {each}(CAST(:lanes AS {json})))
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One kind of rows that become due.

    `find` takes `:now` and `:most`; its rows have `corp_id`, `due_at` (of the earliest), the event's own fields, and
    `app` unless the corp's first one will do. It must be answered from an index: it is asked twice a second.
    `ahead` takes `:now` and `:most` and answers with one row: `overdue` (counted up to `most`), `first`, `next`.
    """

    name: str
    event: type[Own]
    find: Statement
    ahead: Statement


@dataclass(frozen=True, slots=True)
class Announced:
    """An event that was announced, and how late its earliest row was by then."""

    name: str
    late: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What is due of a kind: how many rows overdue (`COUNTED` is that many or more), how late, and the next moment."""

    name: str
    overdue: int
    late: timedelta
    next_at: datetime | None


def ahead(table: str, *, where: str = "TRUE", column: str = "due_at") -> Statement:
    """The `ahead` of a table that has an index on its moment, of the rows that `where` picks."""
    return Statement(
        f"""
        SELECT (SELECT COUNT(*) FROM (
                    SELECT 1 FROM {table} WHERE {where} AND {column} <= :now
                    ORDER BY {column} LIMIT :most) AS o) AS overdue,
               (SELECT MIN({column}) FROM {table} WHERE {where}) AS first,
               (SELECT MIN({column}) FROM {table} WHERE {where} AND {column} > :now) AS next
        """,
        patient=True,
    )


FLOWS = Due(
    name="flows",
    event=FlowDue,
    find=Statement("""
        SELECT corp_id, app, flow_id, due_at FROM (
            SELECT f.corp_id, f.app, f.id AS flow_id,
                   (SELECT MIN(e.due_at) FROM enrolments AS e WHERE e.flow_id = f.id AND e.status = 'parked') AS due_at
            FROM flows AS f WHERE f.status = 'running') AS r
        WHERE due_at <= :now ORDER BY due_at LIMIT :most
    """),
    ahead=Statement(
        """
        SELECT (SELECT COUNT(*) FROM (
                    SELECT 1 FROM flows AS f JOIN enrolments AS e
                    ON e.flow_id = f.id AND e.status = 'parked' AND e.due_at <= :now
                    WHERE f.status = 'running' LIMIT :most) AS o) AS overdue,
               (SELECT MIN(first) FROM (
                    SELECT (SELECT MIN(e.due_at) FROM enrolments AS e
                            WHERE e.flow_id = f.id AND e.status = 'parked') AS first
                    FROM flows AS f WHERE f.status = 'running') AS r) AS first,
               (SELECT MIN(next) FROM (
                    SELECT (SELECT MIN(e.due_at) FROM enrolments AS e
                            WHERE e.flow_id = f.id AND e.status = 'parked' AND e.due_at > :now) AS next
                    FROM flows AS f WHERE f.status = 'running') AS r) AS next
        """,
        patient=True,
    ),
)
TASKS = Due(
    name="tasks",
    event=TasksDue,
    find=Statement("""
        SELECT corp_id, MIN(look_at) AS due_at FROM (
            SELECT corp_id, look_at FROM tasks WHERE look_at <= :now ORDER BY look_at, id LIMIT :most) AS r
        GROUP BY corp_id
    """),
    ahead=ahead("tasks", where="look_at IS NOT NULL", column="look_at"),
)
BROADCASTS = Due(
    name="broadcasts",
    event=BroadcastDue,
    find=Statement("""
        SELECT corp_id, app, id AS broadcast_id, due_at FROM broadcasts
        WHERE due_at <= :now ORDER BY due_at LIMIT :most
    """),
    ahead=ahead("broadcasts", where="due_at IS NOT NULL"),
)
DUES: tuple[Due, ...] = (FLOWS, BROADCASTS, TASKS)
LOOKS: Mapping[str, Statement] = {"timers": ahead("timers"), **{due.name: due.ahead for due in DUES}}


async def announce(
    database: Database, lease: Lease, apps: Mapping[str, str], *, now: datetime, deadline: datetime
) -> Sequence[Announced]:
    """Announce what is due, unless it is being worked on; `apps` are the corps that are served, with their first app.

    Raises `LostLease` where somebody else leads by now, and then nothing was announced.
    """
    found: dict[tuple[str, str], tuple[Arrival, Announced]] = {}
    for due in DUES:
        for row in await database.fetch(due.find, now=to_ms(now), most=MOST):
            if row["corp_id"] in apps:
                arrival = _arrival(due, row, apps[row["corp_id"]], now=now, deadline=deadline)
                late = now - from_ms(row["due_at"])
                found[f"{arrival.corp_id}/{arrival.lane}", arrival.kind] = arrival, Announced(due.name, late)
    if not found:
        return ()
    lanes = encode([lane for lane, _ in found])
    for row in await database.fetch(_OPEN, lanes=lanes):
        found.pop((row["lane"], row["kind"]), None)
    if found:
        unit = Unit()
        keep(unit, lease)
        for arrival, _ in found.values():
            remember(unit, arrival)
        await database.commit(unit)
    return tuple(announced for _, announced in found.values())


async def look(database: Database, *, now: datetime) -> tuple[Ahead, ...]:
    """What is due of every kind."""
    found = []
    for name, statement in LOOKS.items():
        (row,) = await database.fetch(statement, now=to_ms(now), most=COUNTED)
        first = maybe_moment(row["first"])
        late = max(now - first, timedelta(0)) if first else timedelta(0)
        found.append(Ahead(name=name, overdue=row["overdue"], late=late, next_at=maybe_moment(row["next"])))
    return tuple(found)


def _arrival(due: Due, row: Row, app: str, *, now: datetime, deadline: datetime) -> Arrival:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row iterates over its values
    due_at, app = values.pop("due_at"), values.pop("app", "") or app
    fact = due.event(at=now, **values)
    return Arrival(
        corp_id=fact.corp_id,
        app=app,
        kind=fact.route,
        lane=fact.key,
        body=own.dump(fact),
        origin="clock",
        occurred_at=from_ms(due_at),
        received_at=now,
        deadline_at=deadline,
    )
