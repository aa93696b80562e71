"""Settings of a corp: when many removals are an alarm, who hears it, how and when staff are spoken to."""

from typing import Annotated, Literal

from pydantic import Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Shape
from console.names import check_staff, fresh
from sop.approvals import SETTING, Subject
from sop.errors import Invalid
from sop.feed import STRANGERS, UNDECLARED
from sop.removals import MINUTES, MOST
from sop.tasks import agenda
from storage.transfers.candidates import CAPACITY

routes = Routes()
_Customers = Annotated[int, Field(ge=0, le=1_000_000)]
_NAMES = {
    "alarm_removals": "removals.most",
    "alarm_minutes": "removals.minutes",
    "alarm_receivers": "alarm.receivers",
    "language": "language",
    "transfer_receivers": "transfers.receivers",
    "transfer_capacity": CAPACITY,
    "undeclared_events": UNDECLARED,
    "unknown_customers": STRANGERS,
    "digest_enabled": agenda.ENABLED,
    "digest_hour": agenda.AT,
    "approvals": SETTING,
}


_RECEIVERS = ("alarm_receivers", "transfer_receivers")


class SettingsChange(Shape):
    """What is to be different; what is left out stays. Receivers hear alarms beside the member's leads.

    `transfer_receivers` hear of the customers of members who left; `transfer_capacity` is how many customers a member
    may have, by user id. `undeclared_events` are business events of kinds that nobody has declared, `unknown_customers`
    what becomes of events of those who are no customers yet. With `digest_enabled` members are told each working day at
    `digest_hour`, on the corp's clocks, what it brings. `approvals`: what goes out
    only when somebody else than its author has approved it.
    """

    alarm_removals: Annotated[int, Field(ge=2, le=1000)] | None = None
    alarm_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    alarm_receivers: Annotated[tuple[Key, ...], Field(max_length=100)] | None = None
    language: Literal["zh", "en"] | None = None
    transfer_receivers: Annotated[tuple[Key, ...], Field(max_length=100)] | None = None
    transfer_capacity: Annotated[dict[Key, _Customers], Field(max_length=5000)] | None = None
    undeclared_events: Literal["refuse", "take"] | None = None
    unknown_customers: Literal["park", "refuse"] | None = None
    digest_enabled: bool | None = None
    digest_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    approvals: Annotated[tuple[Subject, ...], Field(max_length=10)] | None = None


class CorpSettings(Answer):
    """The settings in force."""

    alarm_removals: int
    alarm_minutes: int
    alarm_receivers: tuple[str, ...]
    language: str
    transfer_receivers: tuple[str, ...]
    transfer_capacity: dict[str, int]
    undeclared_events: str
    unknown_customers: str
    digest_enabled: bool
    digest_hour: int
    approvals: tuple[str, ...]


@routes.on("GET /settings", Permission.READ_RULES, "查看设置", "Show the settings")
async def show(call: Call) -> CorpSettings:
    """Defaults where nothing was set."""
    return await _read(call)


@routes.on("PATCH /settings", Permission.WRITE_RULES, "修改设置", "Change settings")
async def change(call: Call, body: SettingsChange) -> CorpSettings:
    """In force for whatever happens from now on; who is named must be there, or alarms would reach nobody."""
    wanted = {name: value for name, value in body if value is not None}
    before = await _read(call)
    named = {name: fresh(wanted.get(name, ()), getattr(before, name)) for name in _RECEIVERS}
    found = await check_staff(call, named, must="work")
    limited = fresh(wanted.get("transfer_capacity", ()), before.transfer_capacity)
    if found := found + await check_staff(call, {"transfer_capacity": limited}, must="exist"):
        raise Invalid(found)
    for name, value in wanted.items():
        call.store.settings.put(_NAMES[name], value)
    return before.model_copy(update=wanted)


async def _read(call: Call) -> CorpSettings:
    settings = call.store.settings
    return CorpSettings(
        alarm_removals=await settings.get(_NAMES["alarm_removals"], MOST),
        alarm_minutes=await settings.get(_NAMES["alarm_minutes"], MINUTES),
        alarm_receivers=tuple(await settings.get(_NAMES["alarm_receivers"], list[str]())),
        language=await settings.get(_NAMES["language"], "zh"),
        transfer_receivers=tuple(await settings.get(_NAMES["transfer_receivers"], list[str]())),
        transfer_capacity=await settings.get(_NAMES["transfer_capacity"], dict[str, int]()),
        undeclared_events=await settings.get(UNDECLARED, "refuse"),
        unknown_customers=await settings.get(STRANGERS, "park"),
        digest_enabled=await settings.get(_NAMES["digest_enabled"], False),
        digest_hour=await settings.get(_NAMES["digest_hour"], agenda.HOUR),
        approvals=tuple(await settings.get(SETTING, list[str]())),
    )
