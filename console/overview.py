"""The corp in numbers, today and over the last seven days."""

from datetime import datetime, timedelta

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer
from storage.numbers import Numbers

routes = Routes()
WEEK = timedelta(days=6)  # today and the six days before


class Movement(Answer):
    """Comings and goings: `returns` are among the adds, `lost` left us, `removed` were removed by staff."""

    adds: int
    returns: int
    lost: int
    removed: int


class WelcomeCount(Answer):
    """Today's decisions about welcomes: those wanted end as one of the others; `dead` were tried in vain."""

    wanted: int = 0
    sent: int = 0
    skipped: int = 0
    late: int = 0
    refused: int = 0
    dead: int = 0


class Backlog(Answer):
    """What waits, since when, and what was given up and waits for a person."""

    open_events: int
    oldest_event_at: datetime | None
    open_intents: int
    oldest_intent_due_at: datetime | None
    dead_events: int
    dead_intents: int


class Overview(Answer):
    """A corp at a glance. Whose scope is a part of the staff sees that part's numbers, and no backlog."""

    corp_id: str
    corp_name: str
    at: datetime
    today: Movement
    week: Movement
    welcomes: WelcomeCount
    backlog: Backlog | None


@routes.on("GET /overview", Permission.READ_NUMBERS, "企业概览", "The corp in numbers")
async def show(call: Call) -> Overview:
    """Days begin at midnight on the corp's clocks."""
    numbers = Numbers(call.store.scope)
    today, staff = call.midnight, call.principal.staff
    return Overview(
        corp_id=call.corp.id,
        corp_name=call.corp.name,
        at=call.now,
        today=Movement.model_validate(await numbers.moves(since=today, staff=staff)),
        week=Movement.model_validate(await numbers.moves(since=today - WEEK, staff=staff)),
        welcomes=WelcomeCount.model_validate(await numbers.welcomes(since=today, staff=staff)),
        backlog=Backlog.model_validate(await numbers.work()) if staff is None else None,
    )
