"""The sync of customers: pages of up to 100 members' customers, read side by side, then counted on both sides.

A step commits the rows of a few pages together with WeCom's cursor. When all pages of a part are read, both sides are
counted for each of its members, and members whose counts differ are compared customer by customer.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from handlers.sync import comparing, merging
from sop import sync
from sop.events import StepDue
from sop.jobs import Job, Part, Plan, Progress
from sop.sync import Scan
from storage.store import Store
from storage.sync.drifts import Place
from wecom.customers import Contact
from wecom.errors import Refused, TryLater
from wecom.ids import UserId

router = Router()
PAGES = 10  # of one step
SECONDS = 2.0  # after which a step reads no further page
BAD_CURSOR = 50100
HIDDEN = frozenset({40031, 60011, 60021, 60111, 84074})  # a member who is gone, out of sight, or without the function


@router.on(StepDue, of=sync.CUSTOMERS)
async def step(event: StepDue, store: Store, reader: Reader) -> None:
    """Plan the parts, or go on with one of them."""

    async def turn(job: Job, part: Part) -> Progress:
        if "users" not in part.body:
            return await _plan(job, store, reader)
        place = Place(
            job_id=job.id, part=part.number, repair=job.body.get("repair", True), listed=not part.body.get("first")
        )
        scan = sync.load(part.cursor, now=store.now)
        match scan.phase:
            case "read":
                return await _read(scan, part, store, reader=reader, place=place)
            case "count":
                return await comparing.count(scan, _members(scan, part), store, place=place)
            case _:
                return await comparing.compare(scan, store, reader, place=place)

    await walk(event, store, turn)


async def _plan(job: Job, store: Store, reader: Reader) -> Progress:
    """Deal everybody who may have customers out to parts of about the same size."""
    known = await store.scans.sizes()
    hands = sync.deal({user_id: known.get(user_id, 0) for user_id in await reader.follow_users()})
    first = not known
    parts = [
        Plan(
            name=f"{hand[0]} + {len(hand) - 1}",
            body={"users": hand, "first": first},
            total=None if first else sum(known.get(user_id, 0) for user_id in hand),
            size=len(hand),
        )
        for hand in hands
    ]
    store.jobs.extend(job, parts)
    return Progress(cursor=None)


async def _read(scan: Scan, part: Part, store: Store, *, reader: Reader, place: Place) -> Progress:
    """Read a few pages, and keep them together with the cursor of the next."""
    if not scan.page:  # also when it begins anew, with the same or fewer members
        store.drifts.restart(place)
    members = _members(scan, part)
    if not members:
        return Progress(cursor=None)
    try:
        contacts, cursor = await _pages(members, scan.page, reader)
    except Refused as refused:
        return Progress(cursor=(await _recover(refused, scan, members, reader=reader)).dump())
    await merging.merge(contacts, store, place)
    store.drifts.show(place, Counter(each.follow.user_id for each in contacts))
    following = replace(scan, page=cursor) if cursor else replace(scan, page="", phase="count")
    return Progress(cursor=following.dump(), done=len(contacts), passed=_passed(contacts, members, part))


async def _pages(members: Sequence[UserId], cursor: str, reader: Reader) -> tuple[list[Contact], str]:
    """The contacts of a few pages, each pair once, and where to go on.

    What fails after pages that worked is asked for again by the next step, which then has to deal with it.
    """
    loop = asyncio.get_running_loop()
    found: dict[tuple[str, str], Contact] = {}
    end = loop.time() + SECONDS
    for turn in range(PAGES):
        try:
            page = await reader.contacts(members, cursor)
        except (Refused, TryLater):
            if not turn:
                raise
            break
        found.update(((each.customer.external_user_id, each.follow.user_id), each) for each in page.items)
        cursor = page.cursor
        if not cursor or loop.time() > end:
            break
    return list(found.values()), cursor


def _passed(contacts: Sequence[Contact], members: Sequence[UserId], part: Part) -> int:
    """How many members' customers have been read: those before the last one on the page, as WeCom goes by their order.

    That order is not promised (unverified): what is shown of how far it is must not go back.
    """
    last = contacts[-1].follow.user_id if contacts else None
    return max(part.passed, members.index(last) if last in members else 0)


async def _recover(refused: Refused, scan: Scan, members: Sequence[UserId], *, reader: Reader) -> Scan:
    """Begin anew after a cursor that WeCom does not know any more, or without members who have gone out of sight."""
    if refused.code == BAD_CURSOR and scan.page:
        return replace(scan, page="", began=scan.began)
    if refused.code in HIDDEN:
        visible = set(await reader.follow_users())
        hidden = tuple(member for member in members if member not in visible)
        if hidden:
            return replace(scan, page="", hidden=(*scan.hidden, *hidden))
    raise refused


def _members(scan: Scan, part: Part) -> list[UserId]:
    users: list[Any] = part.body["users"]
    return [UserId(user_id) for user_id in users if user_id not in scan.hidden]
