"""What tests of broadcasts do again and again: write one, let it begin, let everything happen that it announces."""

from datetime import datetime, timedelta
from typing import Any

from handlers import broadcasts, jobs
from handlers.router import Router
from sop.broadcasts import document
from sop.events import BroadcastDue, JobEnded, Own, PartEnded, RunDue, StepDue
from sop.relations import Deed, Fact
from storage.broadcasts import Card, steering
from storage.broadcasts.runs import Run
from storage.customers import Customer
from storage.engine.sql import Statement
from storage.values import decode
from tests.handlers.desk import START, Desk

_ROWS = Statement("""
    SELECT d.subject, d.user_id, d.status, d.reason, d.arm, d.ordinal, d.due_at, d.origin_id, c.body
    FROM deliveries AS d JOIN contents AS c ON c.id = d.content_id
    WHERE d.corp_id = :corp_id AND d.origin = 'broadcast' ORDER BY d.subject, d.user_id, d.id
""")
_OURS = (BroadcastDue, StepDue, PartEnded, JobEnded, RunDue)
AUTHOR = "lin"


def draft(**about: Any) -> document.Broadcast:
    """A broadcast to everybody, unless it says otherwise."""
    whole = {"name": "a broadcast", "audience": {"everyone": True}, "contents": [{"text": "hello"}], **about}
    return document.parse(whole)


async def befriend(desk: Desk, *names: str, user_id: str = "chen", at: datetime = START) -> None:
    """Customers of a member."""
    store = desk.store()
    for name in names:
        await store.relations.record(name, user_id, fact=Fact(deed=Deed.ADDED, at=at))
        store.customers.put(Customer(external_user_id=name, name=name.title(), created_at=at, changed_at=at))
    await store.commit()


async def write(desk: Desk, **about: Any) -> Card:
    """A broadcast as an operator writes it."""
    store = desk.store()
    card = store.broadcasts.add(draft(**about), AUTHOR)
    await store.commit()
    return card


async def start(desk: Desk, **about: Any) -> Card:
    """A broadcast that goes out when it is to."""
    card = await write(desk, **about)
    await desk.apply(lambda store: steering.schedule(store, card))
    return await get(desk, card)


async def get(desk: Desk, card: Card) -> Card:
    """A broadcast as it stands now."""
    found = await desk.store().broadcasts.get(card.id)
    assert found is not None
    return found


class Loop:
    """Lets what was announced happen in order, all of it from the first event on.

    What was told before is told again, and must change nothing.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.done = 0
        self.router = Router()
        self.router.include(broadcasts, jobs)

    async def step(self) -> Own | None:
        """The next event, if there is one."""
        for event in (await self.desk.announced(self.done))[:1]:
            self.done += 1
            if isinstance(event, _OURS):
                for row in self.router.reactions(event.route):
                    await self.desk.run(row.run, event)
            return event
        return None

    async def run(self, *, most: int = 10_000) -> None:
        """All of them, and what they announce."""
        for _ in range(most):
            if await self.step() is None:
                return
        raise AssertionError("it does not end")


async def run(desk: Desk, *, after: timedelta | None = None) -> None:
    """Let everything happen that is announced."""
    if after is not None:
        desk.now = START + after
    await Loop(desk).run()


async def due(desk: Desk, card: Card, at: datetime) -> None:
    """The clock rings for it."""
    desk.now = at
    store = desk.store()
    store.announce(BroadcastDue(corp_id="ww1", at=at, broadcast_id=card.id))
    await store.commit()
    await run(desk)


async def rows(desk: Desk) -> list[dict[str, Any]]:
    """The messages of broadcasts."""
    found = await desk.store().scope.fetch(_ROWS)
    return [{**dict(row), "text": decode(row["body"])["text"]} for row in found]


async def told(desk: Desk) -> list[tuple[str, str, str]]:
    """To whom, by whom, and how it stands or why not."""
    return [(row["subject"], row["user_id"], row["reason"] or row["status"]) for row in await rows(desk)]


async def runs(desk: Desk, card: Card) -> tuple[Run, ...]:
    """The runs of a broadcast, the newest first."""
    return await desk.store().broadcasts.runs.page(card.id)
