"""A Store is one transaction: it reads at once, collects what is to be written, and its owner commits it whole."""

from functools import cached_property

from sop.flows.document import ANYTHING
from storage.acts import PATIENCE, SOON
from storage.broadcasts import Broadcasts
from storage.channels import Channels
from storage.channels.arrivals import Arrivals
from storage.channels.duty import Duty
from storage.channels.folders import Folders
from storage.customers import Customers
from storage.deliveries import Deliveries
from storage.feed import Feed
from storage.fields import Fields
from storage.flows import Sheets
from storage.flows.enrolments import Enrolments
from storage.flows.numbers import Numbers
from storage.groups import Groups
from storage.groups.codes import GroupCodes
from storage.groups.invitations import Invitations
from storage.groups.welcomes import GroupWelcomes
from storage.history import History
from storage.jobs import Jobs
from storage.materials import Materials
from storage.moments import Moments
from storage.pictures import Pictures
from storage.policy import ContactPolicy
from storage.relations import Relations
from storage.scope import Scope
from storage.segments import Segments
from storage.settings import Settings
from storage.staff import Staff
from storage.sync.drifts import Drifts
from storage.sync.runs import Syncs
from storage.sync.scans import Scans
from storage.tags import Tags
from storage.tasks import Tasks
from storage.transfers import Transfers
from storage.transfers.candidates import Candidates
from storage.transfers.rides import Rides
from storage.transfers.unassigned import Unassigned
from storage.upkeep import Upkeep
from storage.uses import Uses
from storage.welcomes import Welcomes

__all__ = ["PATIENCE", "SOON", "Scope", "Store"]


class Store(Upkeep):
    """What a handler or a request may read and write, by subject; nothing happens before `commit`."""

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
    def segments(self) -> Segments:
        """Customers who meet a condition, kept as lists."""
        return Segments(self.scope)

    @cached_property
    def uses(self) -> Uses:
        """What uses what."""
        return Uses(self.scope)

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
        return Tasks(self.scope, self.announce)

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
    def moments(self) -> Moments:
        """What is posted to customers."""
        return Moments(self.scope, self.announce)

    @cached_property
    def pictures(self) -> Pictures:
        """What WeCom's codes look like."""
        return Pictures(self.scope)

    @cached_property
    def feed(self) -> Feed:
        """What other systems tell of customers."""
        return Feed(self.scope)

    @cached_property
    def fields(self) -> Fields:
        """What is noted of customers beyond WeCom."""
        return Fields(self.scope)

    @cached_property
    def flows(self) -> Sheets:
        """What happens to customers and groups over time."""
        return Sheets(self.scope)

    @cached_property
    def enrolments(self) -> Enrolments:
        """How far everybody has come in flows."""
        return Enrolments(self.scope)

    @cached_property
    def flownumbers(self) -> Numbers:
        """Who is where in flows, and how the others ended."""
        return Numbers(self.scope)

    async def hear(self) -> None:
        """Have flows told of what is written into customers' histories, as far as any of them wants to know.

        Whoever commits calls this before.
        """
        told = self.scope.happened
        ears = await self.flows.ears() if told else frozenset[str]()
        for fact in told if ears else ():
            if fact.name in ears or ANYTHING in ears:
                self.announce(fact)
        told.clear()

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
    def invitations(self) -> Invitations:
        """Into which groups customers are invited."""
        return Invitations(self.scope)

    @cached_property
    def policy(self) -> ContactPolicy:
        """What stands before every message."""
        return ContactPolicy(self.scope, settings=self.settings, announce=self.announce, deliveries=self.deliveries)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Messages to customers and groups."""
        return Deliveries(self.scope, self.announce, self.schedule)

    @cached_property
    def broadcasts(self) -> Broadcasts:
        """Messages to many, as operators keep them."""
        return Broadcasts(self.scope, self.announce)

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

    @cached_property
    def scans(self) -> Scans:
        """Customers by the page."""
        return Scans(self.scope)

    @cached_property
    def drifts(self) -> Drifts:
        """What differed between WeCom and us."""
        return Drifts(self.scope)

    @cached_property
    def syncs(self) -> Syncs:
        """Readings of everything."""
        return Syncs(self.scope, self.jobs)
