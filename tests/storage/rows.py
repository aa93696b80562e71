"""Rows for the tests of what is due: flows and those who are in them, without the engine."""

from datetime import datetime

from storage.database import Database
from storage.engine.sql import Unit, insert
from storage.values import new_id, to_ms

_FLOW = insert("flows", ("id", "corp_id", "app", "name", "subject", "status", "created_at", "changed_at"))
_ENROL = insert(
    "enrolments",
    ("id", "corp_id", "flow_id", "subject", "status", "entered_at", "node_at", "due_at"),
)


async def flow(database: Database, corp_id: str, *, app: str = "", status: str = "running") -> int:
    """A flow; its id."""
    unit, identity = Unit(), new_id()
    values = {"corp_id": corp_id, "app": app, "name": str(identity), "subject": "customer", "status": status}
    unit.add(_FLOW, id=identity, created_at=0, changed_at=0, **values)
    await database.commit(unit)
    return identity


async def enrol(database: Database, corp_id: str, flow_id: int, *dues: datetime, status: str = "parked") -> None:
    """Somebody in a flow for each moment that something is due."""
    unit = Unit()
    for due_at in dues:
        identity = new_id()
        values = {"corp_id": corp_id, "flow_id": flow_id, "subject": f"wm{identity}", "status": status}
        unit.add(_ENROL, id=identity, entered_at=0, node_at=0, due_at=to_ms(due_at), **values)
    await database.commit(unit)
