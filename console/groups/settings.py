"""Settings of customer groups: when something is an alarm, and of which city departments and channels are."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Line, Shape
from console.names import check_channels, check_departments, fresh
from sop.errors import Invalid
from sop.groups.invitations import CITIES
from sop.limits import Violation
from storage.groups.alarms import SETTINGS, GroupAlarms

routes = Routes()
_LONGEST = 10  # digits of a department
_Count = Annotated[int, Field(ge=1, le=10_000)]


class City(Shape):
    """Customers who are added through this channel, or else by a member of this department, are of this city."""

    kind: Literal["department", "channel"]
    id: Key
    city: Line


class GroupSettingsChange(Shape):
    """What is to be different; what is left out stays. The cities given replace all."""

    full_percent: Annotated[int, Field(ge=20, le=100)] | None = None
    leaves: _Count | None = None
    leave_minutes: _Count | None = None
    joins: _Count | None = None
    join_seconds: _Count | None = None
    groups: _Count | None = None
    cities: Annotated[tuple[City, ...], Field(max_length=1000)] | None = None


class CityOut(Answer):
    """Of which city a department or a channel is."""

    kind: str
    id: str
    city: str


class GroupSettings(Answer):
    """The settings in force: a group is nearly full at so many percent; so many leaves or joins in a time are many."""

    full_percent: int
    leaves: int
    leave_minutes: int
    joins: int
    join_seconds: int
    groups: int
    cities: tuple[CityOut, ...]


@routes.on("GET /group-settings", Permission.READ_RULES, "查看群设置", "Show the settings of groups")
async def show(call: Call) -> GroupSettings:
    """Defaults where nothing was set."""
    return await _read(call)


@routes.on("PATCH /group-settings", Permission.WRITE_RULES, "修改群设置", "Change the settings of groups")
async def change(call: Call, body: GroupSettingsChange) -> GroupSettings:
    """In force for whatever happens from now on."""
    wanted = {name: value for name, value in body if value is not None and name != "cities"}
    if found := await _check_cities(call, body.cities or ()):
        raise Invalid(found)
    for name, value in wanted.items():
        call.store.settings.put(SETTINGS[name], value)
    shown = (await _read(call)).model_copy(update=wanted)
    if body.cities is None:
        return shown
    cities = {f"{one.kind}:{one.id}": one.city for one in body.cities}
    call.store.settings.put(CITIES, cities)
    return shown.model_copy(update={"cities": _show(cities)})


async def _check_cities(call: Call, cities: Sequence[City]) -> list[Violation]:
    """Departments and channels that do not exist; of those that have a city already nothing is looked up."""
    known = await call.store.settings.get(CITIES, dict[str, str]())
    new = [one for one in cities if f"{one.kind}:{one.id}" not in known]
    found = await check_channels(call, [one.id for one in new if one.kind == "channel"], field="cities")
    numbers = [one.id for one in new if one.kind == "department"]
    odd = [each for each in numbers if not (each.isascii() and each.isdigit() and len(each) <= _LONGEST)]
    found += [Violation("cities", f"没有部门 {each}", f"there is no department {each}") for each in fresh(odd)]
    return found + await check_departments(call, [int(each) for each in fresh(numbers, odd)], field="cities")


async def _read(call: Call) -> GroupSettings:
    thresholds = await GroupAlarms(call.store.scope).thresholds(call.store.settings)
    values = {name: getattr(thresholds, name) for name in SETTINGS}
    return GroupSettings(**values, cities=_show(await call.store.settings.get(CITIES, dict[str, str]())))


def _show(cities: dict[str, str]) -> tuple[CityOut, ...]:
    parts = [(*name.partition(":"), city) for name, city in sorted(cities.items())]
    return tuple(CityOut(kind=kind, id=identity, city=city) for kind, _, identity, city in parts)
