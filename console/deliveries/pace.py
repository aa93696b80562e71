"""When mailings are read, reminded of, escalated and given up."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Shape
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import SETTING, read_pace

routes = Routes()
_Hours = Annotated[float, Field(ge=0.25, le=24 * 30)]
_Minutes = Annotated[float, Field(ge=0.25, le=24 * 60)]
_Clock = Annotated[int, Field(ge=0, le=24)]


class PaceChange(Shape):
    """What is to be different; what is left out stays. Hours and minutes count from when the task was made.

    Members are reminded from `remind_from` until `remind_until` o'clock. After a lost answer WeCom is asked at
    `look_minutes`; what it does not list after `proof_minutes` was never made.
    """

    remind_hours: Annotated[tuple[_Hours, ...], Field(max_length=10)] | None = None
    remind_from: _Clock | None = None
    remind_until: _Clock | None = None
    escalate_hours: _Hours | None = None
    end_days: Annotated[float, Field(ge=0.25, le=30)] | None = None
    look_minutes: Annotated[tuple[_Minutes, ...], Field(min_length=1, max_length=20)] | None = None
    proof_minutes: Annotated[float, Field(ge=5, le=24 * 60)] | None = None
    poll_minutes: Annotated[tuple[_Minutes, ...], Field(min_length=1, max_length=20)] | None = None


class Pace(Answer):
    """The pace in force."""

    remind_hours: tuple[float, ...]
    remind_from: int
    remind_until: int
    escalate_hours: float
    end_days: float
    look_minutes: tuple[float, ...]
    proof_minutes: float
    poll_minutes: tuple[float, ...]


@routes.on("GET /settings/mailings", Permission.READ_RULES, "查看群发节奏", "Show the pace of mailings")
async def show(call: Call) -> Pace:
    """Defaults where nothing was set."""
    return Pace.model_validate(await _read(call))


@routes.on("PATCH /settings/mailings", Permission.WRITE_RULES, "修改群发节奏", "Change the pace of mailings")
async def change(call: Call, body: PaceChange) -> Pace:
    """For all mailings, those under way too."""
    changed = {**asdict(await _read(call)), **body.model_dump(exclude_none=True)}
    call.store.settings.put(SETTING, changed)
    return Pace.model_validate(changed)


async def _read(call: Call) -> rules.Pace:
    return read_pace(await call.store.settings.get(SETTING, dict[str, object]()))
