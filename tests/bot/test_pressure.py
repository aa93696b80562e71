"""Pressure tells a loop that is behind from one at ease."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.dispatch import Dispatch
from bot.pressure import LATE, PERIOD, Pressure
from bot.wake import Bells
from handlers.router import Router
from storage.database import connect
from storage.inbox import Arrival, Inbox
from wecom.events import ContactAdded


async def watched(work):
    pressure = Pressure()
    watching = asyncio.create_task(pressure.watch())
    await work()
    watching.cancel()
    return pressure.high


async def test_a_loop_held_up_is_under_pressure():
    async def hold() -> None:
        await asyncio.sleep(0)
        time.sleep(PERIOD + 5 * LATE)  # noqa: ASYNC251 - this is what pressure is
        await asyncio.sleep(0.001)

    assert await watched(hold)


async def test_a_loop_at_ease_is_not():
    async def rest() -> None:
        await asyncio.sleep(0)

    assert not await watched(rest)


class Behind(Pressure):
    """A loop that is never on time."""

    high = True


BODY = (
    "<xml><ToUserName>ww1</ToUserName><CreateTime>{number}</CreateTime><MsgType>event</MsgType>"
    "<Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>"
    "<UserID>chen</UserID><ExternalUserID>wm{number}</ExternalUserID><WelcomeCode>c</WelcomeCode></xml>"
)


@pytest.mark.parametrize("held_up", [True, False])
async def test_under_pressure_what_has_a_deadline_runs_first_and_the_rest_afterwards(migrated_url, held_up):
    count = 600 if held_up else 100  # more than fit into the hands are pressure, too
    ran: list[str] = []
    router = Router()

    @router.on(ContactAdded, deadline=timedelta(seconds=20))
    async def greet(event: ContactAdded) -> None:
        ran.append("greet")

    @router.on(ContactAdded)
    async def note(event: ContactAdded) -> None:
        ran.append("note")

    database = connect(migrated_url)
    await database.open()
    inbox, now = Inbox(database), datetime.now(UTC)
    for number in range(count):
        await inbox.remember(
            Arrival(
                corp_id="ww1", app="crm", kind="contact_added", lane=f"customer:wm{number}", origin="callback",
                body=BODY.format(number=number), occurred_at=now, received_at=now,
                deadline_at=now + timedelta(seconds=20),
            )
        )  # fmt: skip
    stop = asyncio.Event()
    dispatch = Dispatch(database, router, lambda *_: {}, bells=Bells(), now=lambda: datetime.now(UTC))
    dispatch.hands.pressure = Behind() if held_up else Pressure()
    running = asyncio.create_task(dispatch.run(stop))
    async with asyncio.timeout(30):
        while len(ran) < 2 * count:  # noqa: ASYNC110 - the loop under test rings no bell for us
            await asyncio.sleep(0.02)
    stop.set()
    await running
    assert (await inbox.backlog())[0] == 0
    await database.close()
    assert (ran.count("greet"), ran.count("note")) == (count, count)
    assert (ran[:count] == ["greet"] * count) is held_up
