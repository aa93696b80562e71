"""A Store is one transaction: it reads at once, collects what is to be written, and its owner commits it whole."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sop import events as own
from sop import intents
from sop.events import Own
from sop.intents import Intent
from storage import timers
from storage.arrivals import Arrivals
from storage.candidates import Candidates
from storage.channels import Channels
from storage.customers import Customers
from storage.decisions import decide
from storage.duty import Duty
from storage.folders import Folders
from storage.followups import Followups
from storage.groupcodes import GroupCodes
from storage.groups import Groups
from storage.groupwelcomes import GroupWelcomes
from storage.history import History
from storage.inbox import Arrival, remember
from storage.jobs import Jobs
from storage.materials import Materials
from storage.pictures import Pictures
from storage.relations import Relations
from storage.rides import Rides
from storage.scope import Scope
from storage.settings import Settings
from storage.staff import Staff
from storage.tags import Tags
from storage.tasks import Tasks
from storage.transfers import Transfers
from storage.unassigned import Unassigned
from storage.welcomes import Welcomes
from storage.wishes import Wish, intend

__all__ = ["Scope", "Store"]

PATIENCE = timedelta(hours=24)  # how long an ordinary intent makes sense
SOON = timedelta(hours=1)  # the deadline of our own events: behind a welcome, before a sync


class Store:
    """What a handler or a request may read and write, by subject; nothing happens before `commit`."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @property
    def now(self) -> datetime:
        """The moment this transaction works at."""
        return self.scope.now

    @cached_property
    def customers(self) -> Customers:
        """People outside the corp."""
        return Customers(self.scope)

    @cached_property
    def relations(self) -> Relations:
        """Who looks after whom."""
        return Relations(self.scope)

    @cached_property
    def history(self) -> History:
        """What happened between customers and staff."""
        return History(self.scope)

    @cached_property
    def settings(self) -> Settings:
        """What operators set by name."""
        return Settings(self.scope)

    @cached_property
    def staff(self) -> Staff:
        """Members and departments."""
        return Staff(self.scope, self.announce)

    @cached_property
    def tags(self) -> Tags:
        """The tag library, and tags on customers."""
        return Tags(self.scope)

    @cached_property
    def tasks(self) -> Tasks:
        """What staff have to do."""
        return Tasks(self.scope)

    @cached_property
    def welcomes(self) -> Welcomes:
        """The rules by which new customers are greeted."""
        return Welcomes(self.scope)

    @cached_property
    def channels(self) -> Channels:
        """The codes that customers scan."""
        return Channels(self.scope, self.announce)

    @cached_property
    def folders(self) -> Folders:
        """Groups of channels."""
        return Folders(self.scope)

    @cached_property
    def duty(self) -> Duty:
        """Who is there for customers."""
        return Duty(self.scope, self.announce)

    @cached_property
    def arrivals(self) -> Arrivals:
        """Who came by which channel."""
        return Arrivals(self.scope)

    @cached_property
    def materials(self) -> Materials:
        """Pictures, videos and files."""
        return Materials(self.scope, self.announce)

    @cached_property
    def pictures(self) -> Pictures:
        """What WeCom's codes look like."""
        return Pictures(self.scope)

    @cached_property
    def followups(self) -> Followups:
        """What is done some time after an add."""
        return Followups(self.scope)

    @cached_property
    def groups(self) -> Groups:
        """Customer groups and who is in them."""
        return Groups(self.scope)

    @cached_property
    def groupcodes(self) -> GroupCodes:
        """Codes through which customers come into groups."""
        return GroupCodes(self.scope, self.announce)

    @cached_property
    def groupwelcomes(self) -> GroupWelcomes:
        """What newcomers of groups are told."""
        return GroupWelcomes(self.scope, self.announce)

    @cached_property
    def jobs(self) -> Jobs:
        """Long work in parts."""
        return Jobs(self.scope, self.announce, self.schedule)

    @cached_property
    def transfers(self) -> Transfers:
        """Customers and groups handed over, as it was asked for."""
        return Transfers(self.scope, self.jobs)

    @cached_property
    def rides(self) -> Rides:
        """How each of them stands."""
        return Rides(self.scope)

    @cached_property
    def candidates(self) -> Candidates:
        """Who could be handed over."""
        return Candidates(self.scope)

    @cached_property
    def unassigned(self) -> Unassigned:
        """Customers of members who have left."""
        return Unassigned(self.scope)

    def intend(self, intent: Intent, *, deadline: datetime | None = None, due_at: datetime | None = None) -> int:
        """Want something to happen at WeCom, once per effect; the intent's id. Default deadline: in a day."""
        scope = self.scope
        wish = Wish(
            corp_id=scope.corp_id,
            app=scope.app,
            kind=intent.kind,
            effect=intent.effect,
            lane=intent.lane,
            body=intents.dump(intent),
            created_at=scope.now,
            deadline_at=deadline or (due_at or scope.now) + PATIENCE,
            due_at=due_at,
            event_id=scope.event_id,
            handler=scope.handler,
        )
        return intend(scope.unit, wish, scope.hands)

    def schedule(self, event: Own, *, name: str, due_at: datetime) -> None:
        """Have an event of ours happen later; a timer of the same name stays as it is."""
        timers.schedule(
            self.scope.unit, event, app=self.scope.app, name=name, due_at=due_at, event_id=self.scope.event_id
        )

    def cancel(self, name: str) -> None:
        """Take a timer away."""
        timers.cancel(self.scope.unit, corp_id=self.scope.corp_id, name=name)

    async def waiting(self, names: Collection[str]) -> dict[str, datetime]:
        """Those of the timers that are there, and when they are due."""
        return await timers.find(self.scope.database, names, corp_id=self.scope.corp_id)

    def announce(self, event: Own) -> int:
        """Let an event of ours happen now, together with what this store writes; its id."""
        arrival = Arrival(
            corp_id=self.scope.corp_id,
            app=self.scope.app,
            kind=event.route,
            lane=event.key,
            body=own.dump(event),
            origin=self.scope.handler or "console",
            occurred_at=event.at,
            received_at=self.scope.now,
            deadline_at=self.scope.now + SOON,
            salt=str(self.scope.event_id or ""),
        )
        return remember(self.scope.unit, arrival)

    def decide(self, what: str, verdict: str, reason: str, **about: Any) -> None:
        """Note why something was or was not done.

        `about` may give external_user_id, user_id, rule, version and intent_id; all else becomes the facts.
        """
        decide(self.scope, what, verdict, reason, about)

    async def commit(self) -> None:
        """Write everything; only dispatch and the HTTP edge call this. Raises `StorageError`."""
        if self.scope.unit.steps:
            await self.scope.database.commit(self.scope.unit)
