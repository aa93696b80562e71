"""What a store may read and write beside customers: links, rules, strategies and quotas at WeCom, other systems."""

from functools import cached_property

from storage.acquisition import Links
from storage.acts import Acts
from storage.daycounts import DayCounts
from storage.intercepts import Intercepts
from storage.newcomers import Newcomers
from storage.quotas import Quotas
from storage.strategies import Strategies
from storage.webhooks import Webhooks


class Upkeep(Acts):
    """A part of the store."""

    @cached_property
    def links(self) -> Links:
        """Acquisition links."""
        return Links(self.scope, self.announce)

    @cached_property
    def newcomers(self) -> Newcomers:
        """Who came by acquisition links."""
        return Newcomers(self.scope)

    @cached_property
    def daycounts(self) -> DayCounts:
        """What WeCom counts of groups and links, day by day."""
        return DayCounts(self.scope)

    @cached_property
    def intercepts(self) -> Intercepts:
        """What staff may not write to customers."""
        return Intercepts(self.scope, self.announce)

    @cached_property
    def strategies(self) -> Strategies:
        """Who administers which part of the staff."""
        return Strategies(self.scope)

    @cached_property
    def quotas(self) -> Quotas:
        """How much of the platform is used."""
        return Quotas(self.scope)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Other systems that are told of things."""
        return Webhooks(self.scope)
