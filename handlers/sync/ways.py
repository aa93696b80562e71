"""The sync of contact ways: each is read in full and compared with its channel, whose wish is brought there again."""

from collections.abc import Iterable

from handlers.jobs import walk
from handlers.reader import UNKNOWN_WAY, Reader
from handlers.router import Router
from sop import sync
from sop.channels.turns import View
from sop.drift import Drift, differing
from sop.events import StepDue
from sop.jobs import Job, Part, Progress
from storage.channels import Channel
from storage.store import Store
from storage.sync.drifts import Place
from wecom.contactways import ContactWay
from wecom.errors import Refused
from wecom.ids import ConfigId

router = Router()
WAYS = 100  # read in one step
MISSING = 50  # looked for in one step
LAST = "missing"  # the cursor once all that there are have been read


@router.on(StepDue, of=sync.WAYS)
async def inspect(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next ways, or look for channels whose way nobody has shown."""

    async def turn(job: Job, part: Part) -> Progress:
        place = Place(job_id=job.id, part=part.number, repair=job.body.get("repair", True))
        if part.cursor == LAST:
            return await _miss(store, reader, place)
        ways, cursor = await reader.contact_ways(part.cursor, most=WAYS)
        await _compare(ways, store, place)
        total = part.total or await store.channels.count_ways() or None
        return Progress(cursor=cursor or LAST, done=len(ways), total=total)

    await walk(event, store, turn)


async def _compare(ways: Iterable[ContactWay], store: Store, place: Place) -> None:
    told = {str(way.config_id): way for way in ways}
    seen = await store.drifts.sighted(place.job_id, "way")
    channels = await store.channels.of_ways(told)
    found: list[Drift] = []
    for config_id, way in told.items():
        channel = channels.get(config_id)
        if channel is None and config_id not in seen:
            found.append(Drift(kind="way", key=config_id, what="missing_here", fields={"state": way.state}))
        elif channel and not channel.asked and channel.shown and (fields := _differing(channel, way)):
            found.append(Drift(kind="way", key=config_id, what="different", fields=fields))
            if place.repair:
                _repair(channel, store, config_id=config_id, shown=_view(way))
    strange = [each for each in found if each.what == "missing_here"]
    await store.drifts.note(Place(job_id=place.job_id, part=place.part, repair=False), strange)
    await store.drifts.note(place, [each for each in found if each.what == "different"])
    store.drifts.sight(place.job_id, "way", told)


async def _miss(store: Store, reader: Reader, place: Place) -> Progress:
    """A way that no list has shown is asked for by name, since lists leave some out, before it is made anew."""
    channels = await store.channels.unsighted(place.job_id, most=MISSING)
    gone = [channel for channel in channels if not await _is_there(channel, reader)]
    await store.drifts.note(place, [Drift(kind="way", key=each.config_id, what="missing_there") for each in gone])
    store.drifts.sight(place.job_id, "way", [each.config_id for each in channels])
    if place.repair:
        for channel in gone:
            _repair(channel, store, config_id="", shown=None)
    if len(channels) == MISSING:
        return Progress(cursor=LAST)
    store.drifts.unsight(place.job_id)
    return Progress(cursor=None)


async def _is_there(channel: Channel, reader: Reader) -> bool:
    try:
        return await reader.contact_way(ConfigId(channel.config_id)) is not None
    except Refused as error:
        if error.code == UNKNOWN_WAY:
            return False
        raise


def _repair(channel: Channel, store: Store, *, config_id: str, shown: View | None) -> None:
    store.channels.observe(channel.id, channel.version, config_id=config_id, shown=shown)
    store.channels.converge(channel.id, channel.version)
    reason = sync.WAY_DIFFERS if config_id else sync.WAY_GONE
    store.decide("sync", "repaired", reason, rule=f"channel:{channel.id}", version=channel.version)


def _view(way: ContactWay) -> View:
    return View(users=way.users, departments=way.parties, remark=way.remark, skip_verify=way.skip_verify)


def _differing(channel: Channel, way: ContactWay) -> dict[str, object]:
    held, told = ({"users": sorted(each.users), "departments": sorted(each.departments), "remark": each.remark,
                   "skip_verify": each.skip_verify} for each in (channel.shown or _view(way), _view(way)))  # fmt: skip
    return dict(differing(held | {"state": channel.state}, told | {"state": way.state}))
