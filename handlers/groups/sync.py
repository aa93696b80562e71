"""All customer groups with their members, as a job that can be killed and goes on where it stood.

The owners' groups are listed, a page at a time, and every one is read; what was read, how it differed and the cursor
are committed together. At the end groups that no list has shown are asked for by name: absence alone proves nothing.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from handlers.groups.ledger import DISSOLVED, HIDDEN, UNKNOWN, observe, translate
from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from sop import groups, sync
from sop.drift import Drift
from sop.events import StepDue
from sop.groups import Difference, Group, Status
from sop.jobs import Job, Part, Plan, Progress
from storage.store import Store
from storage.sync.drifts import Place
from wecom.errors import Refused
from wecom.groups import Listed
from wecom.ids import ChatId, UserId

router = Router()
OWNERS = 100  # of one list
GROUPS = 20  # read side by side in one step
STRANGERS = frozenset({40003, 40031, 60111, *HIDDEN})  # one of the owners is unknown or out of sight
_STATUSES: tuple[Status, ...] = ("normal", "resigned", "transferring", "transferred")


class _Cursor(msgspec.Struct, frozen=True):
    """Where the job stands: the owners being listed, those put off, WeCom's page; then the last group verified."""

    batches: tuple[tuple[str, ...], ...] = ()
    page: str = ""
    owner: str = ""  # the last one of whom it was or will be asked
    verifying: bool = False
    group: str = ""

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()


async def start(store: Store) -> int:
    """Begin the sync of all groups; the job's id. At commit a `Conflict` while one is open."""
    return store.jobs.start(sync.GROUPS, [Plan(name="plan")], body={"repair": True}, alone=True)


@router.on(StepDue, of=sync.GROUPS)
async def step(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next groups of some owners, or the next that nobody has listed."""

    async def turn(job: Job, part: Part) -> Progress:
        cursor = msgspec.json.decode(part.cursor, type=_Cursor) if part.cursor else _Cursor()
        place = Place(job_id=job.id, part=part.number, repair=job.body.get("repair", True))
        if cursor.verifying:
            return await _verify(job, cursor, place, store, reader=reader)
        size = part.size
        if not cursor.batches:
            left = await _owners(cursor.owner, store, reader)
            if not left:
                return Progress(cursor=_Cursor(verifying=True).dump())
            size, owners = part.passed + len(left), left[:OWNERS]
            cursor = msgspec.structs.replace(cursor, batches=(owners,), owner=owners[-1])
        progress = await _list(cursor, place, store, reader=reader)
        return replace(progress, size=size, passed=part.passed + (progress.passed or 0))

    await walk(event, store, turn)


async def _owners(after: str, store: Store, reader: Reader) -> tuple[str, ...]:
    """The rest of those who may have groups: WeCom names some whom the first sync of a corp has not read yet."""
    everyone = {*await store.groups.owners(), *map(str, await reader.follow_users())}
    return tuple(sorted(each for each in everyone if each > after))


async def _list(cursor: _Cursor, place: Place, store: Store, *, reader: Reader) -> Progress:
    """Read a page of groups, and tell how many owners are passed with it.

    Owners among whom WeCom finds a stranger are halved, until the stranger stands alone.
    """
    owners, *rest = cursor.batches
    try:
        page = await reader.groups(tuple(map(UserId, owners)), cursor=cursor.page, most=GROUPS)
    except Refused as refused:
        if refused.code not in STRANGERS:
            raise
        middle = len(owners) // 2
        halves = (owners[:middle], owners[middle:]) if middle else ()
        following = msgspec.structs.replace(cursor, batches=(*halves, *rest), page="")
        return Progress(cursor=following.dump(), passed=0 if halves else len(owners))
    seen = await _look([(str(each.chat_id), _status(each)) for each in page.items], place, store, reader=reader)
    batches = cursor.batches if page.cursor else tuple(rest)
    following = msgspec.structs.replace(cursor, batches=batches, page=page.cursor)
    passed = 0 if page.cursor else len(owners)
    return Progress(cursor=following.dump(), done=len(seen), failed=seen.count(False), passed=passed)


async def _verify(job: Job, cursor: _Cursor, place: Place, store: Store, *, reader: Reader) -> Progress:
    chat_ids = await store.groups.unseen(before=job.created_at, after=cursor.group, most=GROUPS)
    if place.repair:
        await _look([(chat_id, None) for chat_id in chat_ids], place, store, reader=reader)
    if len(chat_ids) < GROUPS:
        return Progress(cursor=None)
    return Progress(cursor=msgspec.structs.replace(cursor, group=chat_ids[-1]).dump())


async def _look(
    wanted: Sequence[tuple[str, Status | None]], place: Place, store: Store, *, reader: Reader
) -> list[bool]:
    """Read groups side by side, note how they differed, and unless only that is wanted, write them."""
    looks = [_read(chat_id, status, place, store, reader=reader) for chat_id, status in wanted]
    found = await _all(looks)
    drifts = [_sum_up(differences) for _, differences in found if differences]
    await store.drifts.note(place, drifts)
    return [there for there, _ in found]


async def _read(
    chat_id: str, status: Status | None, place: Place, store: Store, *, reader: Reader
) -> tuple[bool, tuple[Difference, ...]]:
    """One group: both look at the same answer. What a callback has told of already is no difference."""
    there = await observe(chat_id, store, reader, status=status) if place.repair else True
    known = await store.groups.get(chat_id)
    if await store.groups.turns(chat_id):
        return there, ()
    ours = None
    if known and known.dismissed_at is None:
        facts = {name: getattr(known, name) for name in ("chat_id", "name", "owner", "notice", "admins", "created_at")}
        ours = Group(**facts, stays=await store.groups.inside(chat_id))
    try:
        theirs = translate(await reader.group(ChatId(chat_id)), store)
    except Refused as refused:
        if refused.code not in {DISSOLVED, *UNKNOWN, *HIDDEN}:
            raise
        return False, () if refused.code in HIDDEN else groups.compare(ours, None)
    return there, groups.compare(ours, theirs)


def _sum_up(differences: Iterable[Difference]) -> Drift:
    """The differences of one group as one: members are counted, not named."""
    all_ = tuple(differences)
    first, members = all_[0], [each for each in all_ if each.what.startswith("member:")]
    if not first.what:
        return Drift(kind="group", key=first.chat_id, what=first.kind)
    fields: dict[str, Any] = {each.what: (each.ours, each.theirs) for each in all_ if each not in members}
    counts = [sum(each.kind == kind for each in members) for kind in ("missing_there", "missing_here")]
    return Drift(
        kind="group", key=first.chat_id, what="different", fields=fields | ({"members": counts} if any(counts) else {})
    )


def _status(listed: Listed) -> Status | None:
    return _STATUSES[listed.status] if listed.status < len(_STATUSES) else None


async def _all(
    looks: Sequence[Coroutine[Any, Any, tuple[bool, tuple[Difference, ...]]]],
) -> list[tuple[bool, tuple[Difference, ...]]]:
    """Side by side; the first failure counts once all have ended, so that nothing is written after it."""
    seen = await asyncio.gather(*looks, return_exceptions=True)
    for one in seen:
        if isinstance(one, BaseException):
            raise one
    return [one for one in seen if not isinstance(one, BaseException)]
