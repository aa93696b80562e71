"""What WeCom counts of groups and links, day by day: read each morning of the days before, and kept for good.

An owner seen for the first time is read back by the month, one by one; all others together, by the day. The last days
are read anew, since WeCom may be late with its numbers.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from handlers.groups.sync import STRANGERS
from handlers.jobs import renew, walk
from handlers.reader import Reader
from handlers.router import Router
from handlers.upkeep import LINKS, MOST_LINKS
from sop.daycounts import DAY, SPAN, GroupCounts, day_of, midnight, owed
from sop.events import JobEnded, StepDue, UpkeepDue
from sop.jobs import Job, Part, Plan, Progress
from storage.daycounts import Due, LinkCounts
from storage.store import Store
from wecom.errors import Refused
from wecom.groups import Counts
from wecom.ids import LinkId, UserId

OF_GROUPS, OF_LINKS = "count_groups", "count_links"  # the jobs
OWNERS = 100  # of one question
AT_ONCE = 10  # days of a link in one step
WIDTH = 4  # links read side by side

router = Router()


class _Batch(msgspec.Struct, frozen=True):
    """Owners to be read from a day on; one alone who is `new`, by the month."""

    owners: tuple[str, ...]
    since: date
    new: bool = False

    def halve(self) -> "tuple[_Batch, ...]":
        """Both halves; nothing of one owner."""
        middle = len(self.owners) // 2
        halves = (self.owners[:middle], self.owners[middle:]) if middle else ()
        return tuple(msgspec.structs.replace(self, owners=half) for half in halves)


class _Cursor(msgspec.Struct, frozen=True):
    """What is still to be read of the owners found so far, up to which day, and the last owner found."""

    until: date
    batches: tuple[_Batch, ...] = ()
    owner: str = ""

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()


@router.on(UpkeepDue)
async def begin(_: UpkeepDue, store: Store) -> None:
    """Let the days of all owners of groups be read."""
    await renew(store, OF_GROUPS, [Plan(name=OF_GROUPS)])


@router.on(StepDue, of=OF_GROUPS)
async def read_groups(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next days of some owners."""

    async def turn(job: Job, part: Part) -> Progress:
        until = day_of(job.created_at) - DAY
        cursor = msgspec.json.decode(part.cursor, type=_Cursor) if part.cursor else _Cursor(until)
        if cursor.batches:
            return await _read(cursor, store, reader)
        due = await store.daycounts.due(after=cursor.owner, most=OWNERS)
        if not due:
            return Progress(cursor=None)
        return Progress(cursor=_Cursor(until, tuple(_plan(due, job.created_at)), due[-1].owner).dump())

    await walk(event, store, turn)


def _plan(due: Sequence[Due], now: datetime) -> list[_Batch]:
    known = [one for one in due if one.last]
    since = min((owed(one.last, now)[0] for one in known), default=None)
    together = [_Batch(tuple(one.owner for one in known), since)] if since else []
    return [*together, *(_Batch((one.owner,), owed(None, now)[0], new=True) for one in due if not one.last)]


async def _read(cursor: _Cursor, store: Store, reader: Reader) -> Progress:
    """One question. Owners among whom WeCom finds a stranger are halved, until the stranger stands alone."""
    batch, *rest = cursor.batches
    since = max(batch.since, owed(None, store.now)[0])  # it may have stood still for days
    try:
        done = await (_look_back if batch.new else _look)(batch.owners, since, cursor.until, store, reader)
    except Refused as refused:
        if refused.code not in STRANGERS:
            raise
        return Progress(cursor=msgspec.structs.replace(cursor, batches=(*batch.halve(), *rest)).dump())
    following = since + (SPAN if batch.new else 1) * DAY
    left = [msgspec.structs.replace(batch, since=following)] if following <= cursor.until else []
    return Progress(cursor=msgspec.structs.replace(cursor, batches=(*left, *rest)).dump(), done=done)


async def _look(owners: Sequence[str], day: date, _: date, store: Store, reader: Reader) -> int:
    """A day of many owners; of whom WeCom says nothing there was nothing."""
    told = await reader.count_groups([UserId(owner) for owner in owners], midnight(day))
    spelt = {owner.lower(): counts for owner, counts in told.items()}
    for owner in owners:
        store.daycounts.note_groups(owner, day, _translate(spelt.get(owner.lower(), Counts())))
    return len(owners)


async def _look_back(owners: Sequence[str], since: date, until: date, store: Store, reader: Reader) -> int:
    """A month of one owner; the days before the first group are left out, but not the last of all."""
    (owner,), end = owners, min(since + (SPAN - 1) * DAY, until)
    told = {day_of(one.day): _translate(one.data) for one in await reader.count_days(
        UserId(owner), midnight(since), midnight(end)
    )}  # fmt: skip
    if end == until:
        told.setdefault(until, GroupCounts())
    noted = {day: counts for day, counts in told.items() if counts != GroupCounts() or day == until}
    for day, counts in noted.items():
        store.daycounts.note_groups(owner, day, counts)
    return len(noted)


@router.on(JobEnded, of=LINKS)
async def go_on(event: JobEnded, store: Store) -> None:
    """Read the days of every link that is there."""
    if event.status == "cancelled":
        return
    live = [link for link in await store.links.page(most=MOST_LINKS) if link.link_id and link.status != "deleted"]
    plans = [
        Plan(
            name=link.name,
            body={"link": link.id, "link_id": link.link_id, "began": day_of(link.created_at).isoformat()},
        )
        for link in live
    ]
    await renew(store, OF_LINKS, plans, width=WIDTH)


@router.on(StepDue, of=OF_LINKS)
async def read_links(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next days of a link, each with a question of its own."""

    async def turn(job: Job, part: Part) -> Progress:
        if part.cursor:
            since = max(date.fromisoformat(part.cursor), owed(None, store.now)[0])
        else:
            last, began = await store.daycounts.last(part.body["link"]), date.fromisoformat(part.body["began"])
            since = owed(last, job.created_at, began=began)[0]
        until = day_of(job.created_at) - DAY
        days = [since + number * DAY for number in range(AT_ONCE) if since + number * DAY <= until]
        looks = [reader.link_visits(LinkId(part.body["link_id"]), midnight(day)) for day in days]
        found = await asyncio.gather(*looks, return_exceptions=True)
        for day, visits in zip(days, found, strict=True):
            if isinstance(visits, BaseException):
                raise visits
            store.daycounts.note_link(
                part.body["link"], day, LinkCounts(clicks=visits.clicks, customers=visits.customers)
            )
        following = since + AT_ONCE * DAY
        return Progress(cursor=following.isoformat() if following <= until else None, done=len(days))

    await walk(event, store, turn)


def _translate(told: Counts) -> GroupCounts:
    return GroupCounts(**msgspec.structs.asdict(told))
