"""The people: what they do of their own accord, each by its rate, or put on the world's agenda."""

from collections.abc import Callable
from dataclasses import replace

from simulator.actions import customers
from simulator.actions.errors import Impossible
from simulator.behaviour import arrivals, audiences, duties, gatherings
from simulator.behaviour.habits import RATES, Habits
from simulator.behaviour.will import Will
from simulator.world import World
from simulator.world.corp import Corp
from simulator.world.transfers import WAIT, Transfer

MINUTE = 60.0
NEVER = float("inf")
DEEDS: dict[str, Callable[[Will], None]] = {
    "arrivals": arrivals.arrive,
    "shifts": duties.rest,
    "gatherings": gatherings.gather,
    "friends": gatherings.bring,
    "quits": gatherings.quit_group,
    "news": gatherings.tell_news,
    "resigns": duties.resign,
}


class Behaviour(Will):
    """The people of a world."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._next: dict[str, float] = {}  # when which habit shows, for those that have a rate
        world.offers.append(self._consider)
        world.errands.append(lambda corp, errand: duties.undertake(self, corp, errand))
        world.posts.append(lambda corp, moment, part: audiences.react(self, corp, moment, part))
        world.mails.append(lambda corp, broadcast, task: audiences.answer(self, corp, broadcast, task))

    @property
    def next_at(self) -> float:
        """When something happens next, in virtual Unix seconds; infinity for never."""
        return min(min(self._next.values(), default=NEVER), self.world.agenda.next_at)

    def live(self, habits: Habits) -> None:
        """Take these habits up; rates that are other ones count from now, 0 stops something."""
        before, self.habits = self.habits, habits
        for name in RATES:
            if getattr(before, name) != getattr(habits, name) or not getattr(habits, name):
                self._next.pop(name, None)
            if name not in self._next and getattr(habits, name):
                self._next[name] = self.world.now() + self._wait(name)

    def arrivals(self, per_minute: float) -> None:
        """Let so many customers come per virtual minute from now on; 0 stops them."""
        self.live(replace(self.habits, arrivals=per_minute))

    def step(self) -> int:
        """Let all that is due happen; returns how many things did."""
        done = 0
        while (at := self.next_at) <= self.world.now():
            try:
                self._take(at)()
            except Impossible:
                continue  # somebody left, or was deleted, before it came to that
            done += 1
        return done

    def _take(self, at: float) -> Callable[[], object]:
        """What happens at that moment; a habit shows again later."""
        name = next((name for name, due in self._next.items() if due == at), "")
        if not name:
            return self.world.agenda.take()
        self._next[name] = at + self._wait(name)
        return lambda: DEEDS[name](self)

    def _wait(self, name: str) -> float:
        return self.world.random.expovariate(getattr(self.habits, name) / MINUTE)

    def _consider(self, corp: Corp, transfer: Transfer) -> None:
        """A customer who would rather not have another rep says so before the day is over."""
        if self.happens(self.habits.declines):
            pair = {"userid": transfer.takeover, "external_userid": transfer.external_userid}
            wait = self.world.random.uniform(0, WAIT)
            self.world.agenda.put(self.world.now() + wait, lambda: customers.decline(self.world, corp, **pair))
