"""A town: customers, reps and administrators who live by chance, with a seed, while WeCom and the network misbehave."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from simulator import Kind
from simulator.actions.errors import Impossible
from storage.engine.sql import Statement
from tests.life.deeds import Deeds
from tests.stage import Stage

_DUE = Statement("""
    SELECT (SELECT COUNT(*) FROM events WHERE open AND due_at <= :now)
         + (SELECT COUNT(*) FROM intents WHERE open AND due_at <= :now) AS count
""")


class Town(Deeds):
    """Who lives before the service, and what they do."""

    def __init__(self, stage: Stage, seed: int = 11) -> None:
        super().__init__(stage, seed)
        self.done: Counter[str] = Counter()
        self.deeds: dict[Callable[[], Any], float] = {
            self.scan: 30, self.search: 5, self.half: 5, self.come_back: 5, self.reply: 10, self.leave: 6,
            self.tag: 12, self.note: 8, self.remove: 5, self.new_tag: 2, self.rename_tag: 2, self.delete_tag: 1,
            self.shuffle: 1, self.found_group: 2, self.invite: 8, self.quit: 4, self.kick: 2, self.rename_group: 2,
            self.post_notice: 1, self.pass_group: 1, self.dismiss: 1, self.resign: 0.5,
            self.decline: 3, self.hand_over: 2, self.place: 1, self.bulk_tag: 1, self.come_and_go: 2,
            self.part: 3,
        }  # fmt: skip

    def misbehave(self) -> None:
        """Let callbacks be lost, doubled, late and out of order, and calls fail in every way."""
        fail = self.stage.fail
        fail(Kind.LOSE, "*", probability=0.05)
        fail(Kind.DUPLICATE, "*", probability=0.1)
        fail(Kind.REORDER, "*", probability=0.2, seconds=900.0)
        fail(Kind.REFUSE, "externalcontact/*", probability=0.03, code=-1)
        fail(Kind.RESET_AFTER, "externalcontact/*", probability=0.02)
        fail(Kind.RESET_BEFORE, "externalcontact/*", probability=0.02)
        fail(Kind.GATEWAY, "*", probability=0.01, code=502)
        fail(Kind.TOKEN_DEATH, "externalcontact/get", probability=0.005)

    def behave(self) -> None:
        """Nothing fails any more."""
        self.stage.simulator.faults.clear()

    async def calm(self, hours: float) -> None:
        """Let time pass in which nobody does anything, and what was begun comes to its end."""
        for _ in range(int(hours * 4)):
            await self.rest()
            self.stage.push(900)
        await self.rest()

    async def live(self, days: float, *, deeds: int, step: float = 1800.0) -> None:
        """Let so many days pass with so many deeds in them, `step` virtual seconds at a time."""
        steps = int(days * 86_400 / step)
        for number in range(steps):
            for _ in range(deeds * (number + 1) // steps - deeds * number // steps):
                await self.act()
            await self.rest()
            self.stage.push(step)

    async def act(self) -> None:
        """One deed of somebody's."""
        (deed,) = self.chance.choices(list(self.deeds), list(self.deeds.values()))
        try:
            doing = deed()
            if doing is not None:
                await doing
        except Impossible:
            return
        self.done[deed.__name__] += 1

    async def rest(self) -> None:
        """Wait until the service has done what is due: seen twice, since a callback may be on its way."""
        await self.stage.until(self.rested, seconds=60)
        await asyncio.sleep(0.05)
        await self.stage.until(self.rested, seconds=60)

    async def rested(self) -> bool:
        """Whether nothing is due."""
        now = self.stage.simulator.clock.now()
        if any(lane and lane[0].due <= now for lane in self.stage.simulator.delivery._lanes):
            return False
        (row,) = await self.stage.database.fetch(_DUE, now=int(now * 1000))
        return not row["count"]
