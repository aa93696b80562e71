"""A desk for one handler at a time: it hands out what the handler asks for, commits, and shows what came of it."""

import inspect
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from handlers.links import Links
from handlers.reader import Reader
from simulator import Simulator
from simulator.company import Company
from sop import events as own
from sop import intents
from sop.channels import Draft
from sop.events import Outcome, Own, Settled
from sop.intents import Intent
from sop.relations import Deed, Fact
from storage.channels import Channel
from storage.customers import Customer
from storage.database import Database
from storage.engine.sql import Statement, Unit
from storage.scope import Scope
from storage.store import Store
from storage.values import decode
from wecom import customers as wecom
from wecom.budget import MemoryBudget
from wecom.calls import App
from wecom.client import Client
from wecom.errors import NotRelated
from wecom.ids import AgentId, CorpId
from wecom.staff import Department, Member
from wecom.tags import TagGroup
from wecom.tokens import MemoryTokens

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
PAIR = {"user_id": "chen", "external_user_id": "wm1"}
_INTENTS = Statement("SELECT kind, body FROM intents WHERE corp_id = :corp_id ORDER BY id")
_DECISIONS = Statement("SELECT what, verdict, reason, facts FROM decisions WHERE corp_id = :corp_id ORDER BY id")
_TIMERS = Statement("SELECT name, kind, due_at FROM timers WHERE corp_id = :corp_id ORDER BY name")
_EVENTS = Statement("SELECT kind, body FROM events WHERE corp_id = :corp_id ORDER BY id")


def after(**span: float) -> datetime:
    return START + timedelta(**span)


@dataclass
class World:
    """What WeCom would answer; an exception in the place of a customer is raised."""

    profiles: dict[str, wecom.Profile | Exception] = field(default_factory=dict)
    groups: tuple[TagGroup, ...] = ()
    strategy: tuple[TagGroup, ...] = ()
    tree: tuple[Department, ...] = ()
    staff: dict[str, Member] = field(default_factory=dict)
    followers: tuple[str, ...] = ()
    refusal: Exception | None = None

    def show(self, name: str, external_user_id: str = "wm1", **follow: Any) -> None:
        """Let a customer be followed by chen, as `follow` says."""
        customer = wecom.Customer(external_user_id=external_user_id, name=name, kind=1)
        told = wecom.Follow(**{"user_id": "chen", "added_at": START, **follow})
        self.profiles[external_user_id] = wecom.Profile(customer=customer, follows=(told,))

    async def customer(self, external_user_id: str) -> wecom.Profile:
        found = self.profiles.get(external_user_id) or NotRelated("externalcontact/get", code=84061)
        if isinstance(found, Exception):
            raise found
        return found

    async def tags(self, tag_ids: tuple[str, ...] = (), group_ids: tuple[str, ...] = ()) -> tuple[TagGroup, ...]:
        return pick(self.groups, tag_ids, group_ids)

    async def strategy_tags(self, tag_ids: tuple[str, ...] = (), group_ids: tuple[str, ...] = ()):
        if self.refusal:
            raise self.refusal
        return pick(self.strategy, tag_ids, group_ids)

    async def departments(self) -> tuple[Department, ...]:
        return self.tree

    async def members(self, department_id: int) -> tuple[Member, ...]:
        return tuple(member for member in self.staff.values() if department_id in member.departments)

    async def member(self, user_id: str) -> Member:
        if self.refusal:
            raise self.refusal
        return self.staff[user_id]

    async def follow_users(self) -> tuple[str, ...]:
        return self.followers


def reach(simulator: Simulator, company: Company) -> Client:
    """A client of the company's app, with nothing between it and a virtual WeCom."""
    app = company.app
    return Client(
        CorpId(company.corp.id),
        App(app.name, AgentId(app.agent_id), app.secret),
        transport=simulator.transport(),
        tokens=MemoryTokens(),
        budget=MemoryBudget(),
    )


def pick(groups: tuple[TagGroup, ...], tag_ids: tuple[str, ...], group_ids: tuple[str, ...]) -> tuple[TagGroup, ...]:
    """What WeCom tells of a library: all of it, or what is named, deleted or not."""
    if group_ids:
        return tuple(group for group in groups if group.id in group_ids)
    if not tag_ids:
        return tuple(group for group in groups if not group.deleted)
    chosen = ((group, tuple(tag for tag in group.tags if tag.id in tag_ids)) for group in groups)
    return tuple(msgspec.structs.replace(group, tags=tags) for group, tags in chosen if tags)


class Desk:
    """One corp's handlers, run by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.world = World()
        self.now = START
        self._events = 0

    def store(self) -> Store:
        self._events += 1
        return Store(Scope(database=self.database, corp_id="ww1", app="crm", now=self.now, event_id=self._events))

    async def run(self, handler: Callable[..., Awaitable[None]], event: object) -> None:
        """Run a handler as dispatch would, in a transaction of its own."""
        store = self.store()
        provided = {Store: store, Reader: self.world, Links: Links("http://siyu")}
        hints = typing.get_type_hints(handler)
        hints.pop("return")
        await handler(event, *[provided[kind] for kind in list(hints.values())[1:]])
        await store.commit()

    async def settle(self, handler: Callable[..., Awaitable[None]], intent: Intent, **ending: Any) -> None:
        """Tell a handler how an intent ended."""
        values = {"outcome": Outcome.DONE, "intent_id": 99, "at": self.now, **ending}
        settled = Settled(corp_id="ww1", intent_kind=intent.kind, body=intents.dump(intent), lane=intent.lane, **values)
        await self.run(handler, settled)

    async def channel(self, **wanted: Any) -> Channel:
        """An operator's channel."""
        store = self.store()
        channel = store.channels.add(Draft(**{"name": "上海门店", "staff": ("chen",), **wanted}))
        await store.commit()
        return channel

    async def record(self, deed: Deed, at: datetime = START, **about: Any) -> None:
        """A fact of the past."""
        store = self.store()
        pair = {**PAIR, **{name: about.pop(name) for name in PAIR if name in about}}
        fact = Fact(deed=deed, at=at, **about)
        await store.relations.record(pair["external_user_id"], pair["user_id"], fact=fact)
        await store.commit()

    async def know(self, name: str, external_user_id: str = "wm1") -> None:
        """A customer of the past."""
        store = self.store()
        store.customers.put(Customer(external_user_id=external_user_id, name=name, created_at=START, changed_at=START))
        await store.commit()

    async def intents(self, kind: type[Intent]) -> list[Any]:
        """What is to happen at WeCom."""
        rows = await self.store().scope.fetch(_INTENTS)
        return [intents.load(row["kind"], row["body"]) for row in rows if row["kind"] == kind.kind]

    async def decisions(self) -> list[tuple[str, str, str]]:
        rows = await self.store().scope.fetch(_DECISIONS)
        return [(row["what"], row["verdict"], row["reason"]) for row in rows]

    async def timers(self) -> list[tuple[str, str]]:
        return [(row["name"], row["kind"]) for row in await self.store().scope.fetch(_TIMERS)]

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """What was announced."""
        return [decode(row["body"]) for row in await self.store().scope.fetch(_EVENTS) if row["kind"] == kind]

    async def announced(self, skip: int) -> list[Own]:
        """Events of our own, oldest first, without the first so many."""
        rows = await self.store().scope.fetch(_EVENTS)
        return [own.load(row["kind"].partition(":")[0], row["body"]) for row in rows[skip:]]

    async def sql(self, statement: str) -> None:
        """Change the database behind everybody's back."""
        unit = Unit()
        unit.add(Statement(statement))
        await self.database.commit(unit)

    async def apply(self, work: Callable[[Store], Any]) -> None:
        """Do something in a transaction of its own."""
        store = self.store()
        done = work(store)
        if inspect.isawaitable(done):
            await done
        await store.commit()

    async def timeline(self, external_user_id: str = "wm1") -> list[str]:
        """What the history says happened, oldest first."""
        entries = await self.store().history.timeline(external_user_id)
        return [entry.what for entry in reversed(entries)]
