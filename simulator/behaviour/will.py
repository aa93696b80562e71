"""Whether and when people do something: the world's chance, weighed by habits."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from simulator.actions import staff
from simulator.actions.errors import Impossible
from simulator.behaviour.habits import Habits
from simulator.world import World
from simulator.world.corp import Corp

REMEMBERED = 1000  # customers who may come back
T = TypeVar("T")


class Will:
    """The world and its people's habits."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.habits = Habits()
        self.known: deque[tuple[Corp, str]] = deque(maxlen=REMEMBERED)

    def happens(self, probability: float) -> bool:
        """Whether something of this probability comes to pass."""
        return self.world.random.random() < probability

    def later(self, act: Callable[[], object], mean: float | None = None) -> None:
        """Have somebody act in their own time, after so many virtual seconds in the mean (`pace`)."""
        wait = self.world.random.expovariate(1 / (mean or self.habits.pace))
        self.world.agenda.put(self.world.now() + wait, act)

    def pick(self, things: Sequence[T]) -> T:
        """One of these; Impossible when there is none."""
        if not things:
            raise Impossible("there is none")
        return self.world.random.choice(things)

    def corp(self, fits: Callable[[Corp], object] = bool) -> Corp:
        """A corp in which something can be done."""
        return self.pick([corp for corp in self.world.corps.values() if fits(corp)])

    def server(self, corp: Corp) -> str:
        """A member who may have customers."""
        return self.pick([member.userid for member in corp.directory if member.serves])

    def write(self, corp: Corp, userid: str, text: str) -> None:
        """A member writes to the app that listens."""
        app = self.pick([app.name for app in corp.apps.values() if app.receiver][:1])
        staff.write(self.world, corp, userid=userid, app=app, text=text)
