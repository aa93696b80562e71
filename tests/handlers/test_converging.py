"""Whatever order callbacks, our own marks and their ends come in, and however often: we end with the tags WeCom has.

The staff tags by hand (x, y and the rule's own r); a rule wants r on everyone who carries x. A rule-owned r goes when x
is gone, a hand-set one never.
"""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handlers.customers import refresh
from handlers.tags.marks import keep
from handlers.tags.rules import judge, notice
from sop import events as own
from sop import intents
from sop.events import FactsChanged, Outcome, Settled
from sop.relations import Deed
from sop.tags.rules import Draft
from storage.engine.sql import Statement
from storage.tags import Tag, TagGroup, marking
from tests.handlers.desk import START, Desk
from wecom.customers import Mark
from wecom.events import ContactEdited

OPEN_INTENTS = Statement("SELECT id, body, lane FROM intents WHERE corp_id = :corp_id AND open ORDER BY id")
CLOSE_INTENT = Statement("UPDATE intents SET open = FALSE WHERE corp_id = :corp_id AND id = :id")
OPEN_EVENTS = Statement("SELECT id, kind, body FROM events WHERE corp_id = :corp_id AND open ORDER BY id")
CLOSE_EVENT = Statement("UPDATE events SET open = FALSE WHERE corp_id = :corp_id AND id = :id")
LIBRARY = TagGroup(id="g1", name="g", tags=tuple(Tag(id=each, name=each, group_id="g1") for each in "xyr"))
numbers = itertools.count()

DELIVER, DISPATCH = ("deliver", 0, False, False), ("dispatch",)
TAGS = st.sampled_from("xyr")
STEPS = st.one_of(
    st.tuples(st.just("put"), TAGS),
    st.tuples(st.just("take"), TAGS),
    st.tuples(st.just("deliver"), st.integers(0, 3), st.booleans(), st.booleans()),
    st.tuples(st.just("perform"), st.booleans()),
    st.just(("dispatch",)),
)


@dataclass
class Life:
    """One customer of chen's at WeCom, and everything that is on its way between WeCom and us."""

    desk: Desk
    person: str
    there: set[str] = field(default_factory=set)
    callbacks: list[ContactEdited] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)  # what we saw the staff put on
    touched: bool = False  # r, by the staff

    @property
    def pair(self):
        return self.person, "chen"

    async def act(self, step) -> None:
        self.desk.now += timedelta(seconds=1)
        what, *about = step
        await getattr(self, what)(*about)

    async def put(self, tag_id: str) -> None:
        self.there.add(tag_id)
        await self._edit(tag_id)

    async def take(self, tag_id: str) -> None:
        self.there.discard(tag_id)
        self.by_hand.discard(tag_id)
        await self._edit(tag_id)

    async def deliver(self, which: int, again: bool = False, meanwhile: bool = False) -> None:
        """Hand a callback over; `again`: it will come once more, `meanwhile`: a mark is performed after the look."""
        if not self.callbacks:
            return
        event = self.callbacks[which % len(self.callbacks)]
        if not again:
            self.callbacks.remove(event)
        await self._look()
        self._show()
        store = self.desk.store()
        for handler in (refresh, notice):
            await handler(event, store, *([self.desk.world] if handler is refresh else []))
        if meanwhile:
            self.desk.now += timedelta(milliseconds=500)
            await self.perform(quiet=False)
        await store.commit()

    async def perform(self, quiet: bool) -> None:
        """Carry the next mark to WeCom; its end is written at once, or comes as an event."""
        rows = [row for row in await self._rows(OPEN_INTENTS) if self.person in row["lane"]]
        if not rows:
            return
        intent = intents.load("mark_tags", rows[0]["body"])
        self.there = (self.there - set(intent.remove)) | set(intent.add)
        end = Settled(
            corp_id="ww1",
            at=self.desk.now,
            intent_id=rows[0]["id"],
            intent_kind=intent.kind,
            body=rows[0]["body"],
            outcome=Outcome.DONE,
            lane=intent.lane,
        )
        store = self.desk.store()
        store.scope.write(CLOSE_INTENT, id=rows[0]["id"])
        if quiet and not await self._rows(OPEN_EVENTS):
            await keep(end, store)
        else:
            store.announce(end)
        await store.commit()

    async def dispatch(self) -> None:
        """Handle the oldest event of our own."""
        rows = await self._rows(OPEN_EVENTS)
        if not rows:
            return
        event = own.load(rows[0]["kind"].partition(":")[0], rows[0]["body"])
        store = self.desk.store()
        await (judge if isinstance(event, FactsChanged) else keep)(event, store)
        store.scope.write(CLOSE_EVENT, id=rows[0]["id"])
        await store.commit()

    async def settle(self) -> None:
        """Let everything arrive."""
        while self.callbacks or await self._rows(OPEN_EVENTS) or await self._rows(OPEN_INTENTS):
            for step in (("dispatch",), ("deliver", 0), ("perform", True)):
                await self.act(step)

    async def bound(self) -> set[str]:
        return {each.tag_id for each in await self.desk.store().tags.bindings(*self.pair)}

    async def _edit(self, tag_id: str) -> None:
        self.touched |= tag_id == "r"
        self.callbacks.append(
            ContactEdited(corp_id="ww1", at=self.desk.now, external_user_id=self.person, user_id="chen")
        )

    async def _look(self) -> None:
        """What a reading now shows to be set by hand: it is new, and no mark of ours can have put it there."""
        coming = await marking.under_way(self.desk.store(), *self.pair)
        self.by_hand |= self.there - await self.bound() - {tag for mark in coming for tag in mark.add}

    def _show(self) -> None:
        marks = tuple(Mark(tag_id=tag_id, kind=1) for tag_id in sorted(self.there))
        self.desk.world.show("小周", self.person, marks=marks)

    async def _rows(self, statement):
        return await self.desk.store().scope.fetch(statement)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@example(steps=[("put", "x"), DELIVER, DISPATCH, ("perform", False), ("take", "r"), DELIVER, DISPATCH])
@example(steps=[("put", "r"), DELIVER, DISPATCH, ("put", "x"), DELIVER, DISPATCH, ("take", "x"), DELIVER, DISPATCH])
@example(steps=[("put", "x"), DELIVER, DISPATCH, ("take", "x"), ("deliver", 0, False, True), DISPATCH, DISPATCH])
@example(steps=[("put", "x"), DELIVER, DISPATCH, ("perform", False), ("put", "y"), DELIVER, DISPATCH, ("take", "x")])
@given(steps=st.lists(STEPS, min_size=8, max_size=30))
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_we_end_with_the_tags_that_wecom_has(desk, steps):
    life = Life(desk, f"wm{next(numbers)}")
    await desk.record(Deed.ADDED, external_user_id=life.person)
    store = desk.store()
    store.tags.put(LIBRARY, at=START)
    if not await store.tags.rules.matter():
        store.tags.rules.add(Draft(name="r of x", tag_id="r", condition={"tag": ["x"]}))
    await store.commit()
    for step in steps:
        await life.act(step)
    await life.settle()
    assert await life.bound() == life.there
    assert life.by_hand <= life.there
    if not life.touched:
        assert ("r" in life.there) is ("x" in life.there)
