"""The virtual world: corps and the rules they live by, without any input or output."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from simulator.clock import Clock
from simulator.world.agenda import Agenda
from simulator.world.broadcasts import Broadcast, Task
from simulator.world.corp import App, Corp
from simulator.world.errands import Errand
from simulator.world.facts import Fact
from simulator.world.mint import Mint
from simulator.world.moments import Moment, Publication
from simulator.world.people import Department, Member
from simulator.world.transfers import Transfer

Announce = Callable[[Corp, App, Fact, float], None]
Consider = Callable[[Corp, Transfer], None]
Assign = Callable[[Corp, Errand], None]
Show = Callable[[Corp, Moment, Publication], None]
Hand = Callable[[Corp, Broadcast, Task], None]


@dataclass(slots=True)
class World:
    """All corps, one clock with its agenda, one source of chance.

    `outlets` are told what apps must learn, and when it was; `offers` hear of each customer who is to be handed over,
    `errands` of what members are asked to confirm, `posts` of what customers get to see in their moments,
    `mails` of what members have sent to many.
    """

    clock: Clock
    seed: int = 0
    pictures: str = "https://wework.qpic.cn"  # where the pictures of codes are
    corps: dict[str, Corp] = field(default_factory=dict)
    agenda: Agenda = field(default_factory=Agenda)
    outlets: list[Announce] = field(default_factory=list)
    offers: list[Consider] = field(default_factory=list)
    errands: list[Assign] = field(default_factory=list)
    posts: list[Show] = field(default_factory=list)
    mails: list[Hand] = field(default_factory=list)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - chance, not secrecy

    def now(self) -> float:
        """Return the virtual time in Unix seconds."""
        return self.clock.now()

    def found(self, corp_id: str, name: str) -> Corp:
        """Create a corp with nothing but its root department."""
        corp = Corp(corp_id, name, Mint(f"{self.seed}/{corp_id}"))
        corp.directory.found(Department(1, name, 0))
        self.corps[corp_id] = corp
        return corp

    def tell(self, corp: Corp, app: App, fact: Fact) -> None:
        """Announce a fact to one app."""
        if app.receiver is None or not app.enabled:
            return
        now = self.now()
        for outlet in self.outlets:
            outlet(corp, app, fact, now)

    def ask(self, corp: Corp, errand: Errand) -> None:
        """Ask a member to confirm something."""
        for assign in self.errands:
            assign(corp, errand)

    def broadcast(self, corp: Corp, fact: Fact, *, about: Member | None = None) -> None:
        """Announce a fact of customer contact: about a member to the apps that see it, else to all."""
        for app in corp.apps.values():
            if app.customer_contact and (about is None or app.scope.covers(about, corp.directory)):
                self.tell(corp, app, fact)
