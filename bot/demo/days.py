"""A virtual week: flows, a broadcast with approval and a moment, with faults on; then the books are compared."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import Service
from bot.demo import season
from bot.demo.campaign import Campaign
from bot.demo.desk import Desk
from bot.demo.diary import Diary, reached
from bot.demo.operator import Operator
from bot.demo.season import CLOCK
from bot.demo.seed import Seed
from bot.demo.stage import FOLDER, SEED, Stage, build, open_callbacks
from bot.demo.town import HABITS
from bot.demo.virtual import Virtual
from bot.demo.warehouse import Warehouse, opened
from bot.demo.webshop import Webshop
from simulator import Kind
from simulator.behaviour import Habits
from storage import migrations
from storage.tokens import Tokens

BEGINS = datetime(2026, 9, 21, 8, 30, tzinfo=CLOCK)  # a Monday; the Friday after it is Mid-Autumn Festival
DAYS = 7
HOUR = timedelta(hours=1)
BROADCAST_AT, MOMENT_AT = 10, 14  # of the first day
HANDOVER_AT = 9  # of each day: what those who have left had goes to colleagues
CARTS = 2  # an hour, while the shop is open
GATHERED = timedelta(seconds=10)  # after which what was just planned is in a task
ROLES = ("admin", "reviewer", "operator")  # who writes, who approves, and the web shop
_MINUTES = 1440.0  # of a day
LIFE: Habits = replace(
    HABITS,
    arrivals=30 / _MINUTES,
    shifts=2 / _MINUTES,
    gatherings=2 / _MINUTES,
    friends=6 / _MINUTES,
    quits=4 / _MINUTES,
    news=2 / _MINUTES,
    resigns=0.5 / _MINUTES,
    replies=0.3,
    pace=1800,
    rest=7200,
    errand=5400,
)
Fault = tuple[Kind, str, dict[str, Any]]
MAKING, POSTING = "externalcontact/add_msg_template", "externalcontact/add_moment_task"
FAULTS: tuple[Fault, ...] = (
    (Kind.SILENCE, MAKING, {"count": 1}),  # taken, but the answer never comes: the service waits for its time-out
    (Kind.RESET_AFTER, MAKING, {"probability": 0.15}),  # taken, then the connection breaks
    (Kind.GATEWAY, MAKING, {"probability": 0.1, "code": 502}),
    (Kind.REFUSE, MAKING, {"probability": 0.1, "code": 45009}),
    (Kind.RESET_AFTER, POSTING, {"count": 1}),
    (Kind.RESET_BEFORE, "externalcontact/get_groupmsg_send_result", {"probability": 0.1}),
    (Kind.REFUSE, "*", {"probability": 0.02}),  # -1: the system is busy
    (Kind.TOKEN_DEATH, "*", {"probability": 0.005}),
    (Kind.DUPLICATE, "*", {"probability": 0.2}),
    (Kind.REORDER, "*", {"probability": 0.1, "seconds": 1.0}),
)
Say = Callable[[str], None]


@dataclass(slots=True)
class Week:
    """The company, the service and those who work with it, over some virtual days."""

    stage: Stage
    service: Service
    time: Virtual
    operator: Operator
    campaign: Campaign
    webshop: Webshop
    warehouse: Warehouse
    desk: Desk
    say: Say
    broadcast: str = ""
    moment: str = ""
    days: int = 0
    diary: Diary = field(default_factory=Diary)

    async def live(self, days: int, faults: Sequence[Fault] = FAULTS) -> None:
        """The first morning, then day after day."""
        open_callbacks(self.stage)
        shop = await Seed(self.operator)()
        await self.campaign.prepare()
        await self.campaign.connect(self.warehouse.url)
        await self.webshop.open(await self._customers())
        simulator = self.stage.wecom.simulator
        simulator.behaviour.live(replace(LIFE, addresses=tuple(shop.addresses)))
        for kind, path, settings in faults:
            simulator.fail(kind, path, **settings)
        self.say(self.diary.head())
        for day in range(days):
            self.days += 1
            await self._day(BEGINS.replace(minute=0) + timedelta(days=day), first=not day)
        await self.time.rest()

    async def _day(self, morning: datetime, *, first: bool) -> None:
        for hour in range(24):
            now = morning + (hour + 1) * HOUR
            await self.time.reach(now)
            if season.OPENS <= now.hour < season.CLOSES:
                await self.webshop.trade(await self._customers(), CARTS)
            if now.hour == HANDOVER_AT:
                await self.desk.look()
            if first and now.hour == BROADCAST_AT:
                at = now.replace(tzinfo=None) + timedelta(days=1, hours=1)
                self.broadcast = await self.campaign.broadcast(at.isoformat())
            if first and now.hour == MOMENT_AT:
                self.moment = await self.campaign.moment()
            await self.time.reach(now + GATHERED)
        await self._tell(f"{morning:%a %Y-%m-%d}")

    async def _customers(self) -> list[str]:
        return [one["external_user_id"] for one in await self.operator.list("customers", status="active")]

    async def _tell(self, day: str) -> None:
        """What the day has come to."""
        faults = sum(one.hits for one in self.stage.wecom.simulator.faults.active.values())
        counts = {
            "carts": self.webshop.orders,
            "paid": self.webshop.paid,
            "told": len(self.warehouse.taken),
            "faults": faults + self.warehouse.refused + self.warehouse.forgot,
        }
        broadcasts = self.stage.company.corp.broadcasts.by_id.values()
        self.say(self.diary.line(day, len(await self._customers()), counts | reached(broadcasts)))


@asynccontextmanager
async def company(say: Say, *, folder: Path = FOLDER) -> AsyncIterator[Week]:
    """The virtual company and the service, at the beginning of the week."""
    stage = await build(folder, begin=BEGINS.timestamp())
    clock = stage.wecom.simulator.clock
    service = Service(stage.config, now=lambda: datetime.fromtimestamp(clock.now(), UTC), monotonic=clock.now)
    operators: list[Operator] = []
    try:
        await migrations.migrate(stage.config.database.url)
        await service.start()
        for role in ROLES:
            token = await Tokens(service.database).create(role, name="demo", now=service.now())
            operators.append(Operator(stage.config.server.public_url, token))
        author, approver, shop = operators
        time = Virtual(stage.wecom.simulator, service)

        def note(text: str) -> None:
            say(f"    {time.now().astimezone(CLOCK):%a %H:%M}  {text.strip()}")

        campaign, desk = Campaign(author, approver, note), Desk(author, note)
        async with opened(SEED) as warehouse:
            yield Week(stage, service, time, author, campaign, Webshop(shop, SEED), warehouse, desk, say)
    finally:
        for operator in operators:
            await operator.close()
        await service.stop()
        await stage.wecom.stop()
