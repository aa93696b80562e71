"""What handlers may ask of WeCom: reads only, each asked once per event however many handlers want it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from handlers.outreach import Outreach
from wecom import transfers
from wecom.acquisition import Chat, Link, Newcomer, Quota, Visits
from wecom.client import Apis
from wecom.contactways import ContactWay
from wecom.customers import Contact, Profile
from wecom.errors import Refused
from wecom.groups import Counts, DayCounts, Group, Listed
from wecom.ids import (
    ChatId,
    ConfigId,
    DepartmentId,
    ExternalUserId,
    LinkId,
    RuleId,
    StrategyId,
    TagGroupId,
    TagId,
    UserId,
)
from wecom.intercepts import Listed as ListedRule
from wecom.intercepts import Rule
from wecom.joinways import JoinWay
from wecom.pages import Page
from wecom.staff import Department, Member
from wecom.strategies import Node, Strategy
from wecom.tags import TagGroup

T = TypeVar("T")
UNKNOWN_WAY = 41044  # WeCom's code for a contact way that is not, or no longer, there
_EPOCH = datetime.fromtimestamp(0, UTC)


class Reader(Outreach):
    """The read side of one app's client, with a memory as long as the event it was made for.

    Pages of syncs are asked for by `patient`, which leaves room for others, and are not remembered.
    """

    def __init__(self, apis: Apis, patient: Apis | None = None) -> None:
        super().__init__(apis, patient)
        self._asked: dict[Hashable, asyncio.Future[Any]] = {}

    async def customer(self, external_user_id: ExternalUserId) -> Profile:
        """A customer with all followers. Raises `NotRelated`, `Refused` or `TryLater`."""
        return await self._once(("customer", external_user_id), lambda: self._apis.customers.get(external_user_id))

    async def member(self, user_id: UserId) -> Member:
        """A member of staff."""
        return await self._once(("member", user_id), lambda: self._apis.staff.get(user_id))

    async def members(self, department_id: DepartmentId) -> tuple[Member, ...]:
        """The direct members of a department."""
        return await self._once(("members", department_id), lambda: self._apis.staff.list(department_id))

    async def departments(self) -> tuple[Department, ...]:
        """Every department the app may see."""
        return await self._once("departments", self._apis.staff.departments)

    async def follow_users(self) -> tuple[UserId, ...]:
        """The members who have the customer-contact function."""
        return await self._once("followers", self._apis.staff.followers)

    async def tags(
        self, tag_ids: tuple[TagId, ...] = (), group_ids: tuple[TagGroupId, ...] = ()
    ) -> tuple[TagGroup, ...]:
        """The tag library, or the part of it that is named."""
        return await self._once(
            ("tags", tag_ids, group_ids), lambda: self._apis.tags.library(tag_ids, group_ids=group_ids)
        )

    async def strategy_tags(
        self, tag_ids: tuple[TagId, ...] = (), group_ids: tuple[TagGroupId, ...] = ()
    ) -> tuple[TagGroup, ...]:
        """The tags of rule groups, or those of them that are named."""
        return await self._once(
            ("strategy_tags", tag_ids, group_ids), lambda: self._apis.tags.strategy(tag_ids, group_ids=group_ids)
        )

    async def contact_way(self, config_id: ConfigId) -> ContactWay | None:
        """A contact way as WeCom has it."""
        return await self._once(("way", config_id), lambda: self._apis.contactways.get(config_id))

    async def groups(self, owners: tuple[UserId, ...], *, cursor: str, most: int) -> Page[Listed]:
        """A page of the groups of these owners, those who have resigned too."""
        return await self._once(
            ("groups", owners, cursor), lambda: self._apis.groups.list(owners, cursor=cursor, limit=most)
        )

    async def group(self, chat_id: ChatId) -> Group:
        """A group with its members, as it was about two seconds ago."""
        return await self._once(("group", chat_id), lambda: self._apis.groups.get(chat_id))

    async def count_groups(self, owners: Sequence[UserId], day: datetime) -> dict[UserId, Counts]:
        """What WeCom counts of the groups of up to 100 owners on the day that begins then; some may be left out."""
        found: dict[UserId, Counts] = {}
        offset = 0
        while True:
            rows, offset = await self._patient.groups.count_owners(owners, begin=day, end=day, offset=offset)
            found |= {row.owner: row.data for row in rows}
            if not offset:
                return found

    async def count_days(self, owner: UserId, begin: datetime, end: datetime) -> tuple[DayCounts, ...]:
        """What WeCom counts of an owner's groups from day to day, at most 30."""
        return await self._patient.groups.count_days([owner], begin=begin, end=end)

    async def join_way(self, config_id: ConfigId) -> JoinWay | None:
        """A group code as WeCom has it."""
        return await self._once(("join way", config_id), lambda: self._apis.joinways.get(config_id))

    async def transfer_results(
        self, handover: UserId, taker: UserId, cursor: str, *, resigned: bool
    ) -> Page[transfers.Standing]:
        """A page of how the customers between two members stand."""
        return await self._apis.transfers.results(handover, taker, cursor, resigned=resigned)

    async def unassigned(self, cursor: str) -> Page[transfers.Unassigned]:
        """A page of the customers of members who have left."""
        return await self._apis.transfers.unassigned(cursor)

    async def contacts(self, user_ids: Sequence[UserId], cursor: str) -> Page[Contact]:
        """A page of the customers of up to 100 members."""
        return await self._patient.customers.batch(user_ids, cursor)

    async def customers_of(self, user_id: UserId) -> tuple[ExternalUserId, ...]:
        """All customers of a member."""
        return await self._patient.customers.list(user_id)

    async def colleagues(self, department_id: DepartmentId) -> tuple[Member, ...]:
        """The direct members of a department, for a sync."""
        return await self._patient.staff.list(department_id)

    async def contact_ways(self, cursor: str, *, most: int) -> tuple[tuple[ContactWay, ...], str]:
        """A page of the contact ways of all times, each in full; those deleted meanwhile are left out."""
        page = await self._patient.contactways.list(start=_EPOCH, cursor=cursor, limit=most)
        ways = await asyncio.gather(*(self._way(config_id) for config_id in page.items), return_exceptions=True)
        for way in ways:
            if isinstance(way, BaseException):
                raise way
        return tuple(way for way in ways if isinstance(way, ContactWay)), page.cursor

    async def _way(self, config_id: ConfigId) -> ContactWay | None:
        try:
            return await self._patient.contactways.get(config_id)
        except Refused as error:
            if error.code == UNKNOWN_WAY:
                return None
            raise

    async def links(self, cursor: str, *, most: int) -> Page[LinkId]:
        """A page of the acquisition links that the app has made."""
        return await self._patient.acquisition.list(cursor, limit=most)

    async def link(self, link_id: LinkId) -> Link:
        """An acquisition link with whom it leads to."""
        return await self._patient.acquisition.get(link_id)

    async def link_customers(self, link_id: LinkId, cursor: str) -> Page[Newcomer]:
        """A page of those who came by a link."""
        return await self._patient.acquisition.customers(link_id, cursor)

    async def link_visits(self, link_id: LinkId, day: datetime) -> Visits:
        """What WeCom counts of a link on the day that begins then."""
        return await self._patient.acquisition.visits(link_id, day, day)

    async def link_chat(self, chat_key: str) -> Chat:
        """Who has written, by the key of a callback."""
        return await self._apis.acquisition.chat(chat_key)

    async def link_quota(self) -> Quota:
        """How many customers may still come by links."""
        return await self._apis.acquisition.quota()

    async def intercepts(self) -> tuple[ListedRule, ...]:
        """Every intercept rule of the corp."""
        return await self._patient.intercepts.list()

    async def intercept(self, rule_id: RuleId) -> Rule:
        """An intercept rule with its words."""
        return await self._patient.intercepts.get(rule_id)

    async def strategies(self, cursor: str, *, most: int) -> Page[StrategyId]:
        """A page of the customer strategies that the app has made."""
        return await self._patient.strategies.list(cursor, limit=most)

    async def strategy(self, strategy_id: StrategyId) -> Strategy | None:
        """A customer strategy."""
        return await self._patient.strategies.get(strategy_id)

    async def strategy_range(self, strategy_id: StrategyId, cursor: str) -> Page[Node]:
        """A page of those for whom a strategy holds."""
        return await self._patient.strategies.range(strategy_id, cursor)

    async def _once(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Share one question among the handlers that ask it at the same time or later.

        A handler that stops waiting takes nothing from the others.
        """
        if key not in self._asked:
            self._asked[key] = asyncio.ensure_future(ask())
            self._asked[key].add_done_callback(lambda future: future.cancelled() or future.exception())
        return cast(T, await asyncio.shield(self._asked[key]))
