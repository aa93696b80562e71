"""Transfers and the ways of those in them, chosen by filter with what stands for or against each, on both stores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sop.errors import Invalid
from sop.groups import Changes, Group
from sop.relations import Deed, Fact
from sop.transfers import Draft, State
from sop.transfers.takers import Candidate, Given, LeftOut, Taker
from storage.groups.lists import GroupLists
from storage.scope import Scope
from storage.store import Store
from storage.tags import Binding
from storage.transfers.candidates import Which
from storage.transfers.unassigned import Orphan

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
DRAFT = Draft(handover="chen", takers=(Taker(user_id="lin"), Taker(user_id="xu", capacity=3)))
LEFT = Draft(handover="chen", takers=(Taker(user_id="lin"),), resigned=True)
TAKERS = ["lin", "xu"]


@pytest.fixture
def store(database):
    return lambda days=0: Store(Scope(database=database, corp_id="ww1", app="crm", now=NOW + timedelta(days=days)))


@pytest.fixture
async def past(store):
    """Four customers of chen, of whom lin knows one; the first carries a tag, the second came by a channel."""
    for number in range(4):
        mine = store()
        fact = Fact(deed=Deed.ADDED, at=NOW - timedelta(days=9 - number), channel_id=7 if number == 1 else None)
        await mine.relations.record(f"wm{number}", "chen", fact=fact)
        await mine.commit()
    mine = store()
    await mine.relations.record("wm2", "lin", fact=Fact(deed=Deed.ADDED, at=NOW))
    mine.tags.bind("wm0", "chen", bindings=[Binding(tag_id="et1", source="staff", at=NOW)])
    await mine.commit()
    mine = store()
    await mine.relations.record("wm3", "chen", fact=Fact(deed=Deed.LOST, at=NOW))
    await mine.commit()


async def choose(store, which=None, draft=DRAFT):
    found, cursor = await store().candidates.turn(draft, which or Which(), takers=TAKERS)
    assert cursor is None
    return found


async def begin(store, *subjects, draft=DRAFT, source_id=None, taker="lin"):
    mine = store()
    transfer = mine.transfers.add(draft, which=Which(), source_id=source_id)
    mine.rides.plan(transfer, [Given(subject, taker) for subject in subjects])
    mine.rides.ask(transfer.id, subjects)
    await mine.commit()
    return transfer


async def end(store, transfer, subject, state, *, days=0):
    mine = store(days)
    (ride,) = [one for one in await mine.rides.page(transfer.id) if one.subject == subject]
    mine.rides.move(ride, state, at=mine.now)
    await mine.commit()


@pytest.mark.parametrize(
    ("which", "subjects"),
    [
        (Which(), ["wm0", "wm1", "wm2"]),
        (Which(statuses=("lost",)), ["wm3"]),
        (Which(tags=("et1", "et2")), ["wm0"]),
        (Which(channels=(7,)), ["wm1"]),
        (Which(since=NOW - timedelta(days=8), until=NOW - timedelta(days=7)), ["wm1"]),
    ],
)
async def test_customers_are_chosen_by_filter(past, store, which, subjects):
    assert [one.subject for one in await choose(store, which)] == subjects


@pytest.mark.parametrize(
    ("which", "subjects"),
    [
        (Which(), ["wr0", "wr1", "wr2"]),
        (Which(tags=("5", "6")), ["wr1"]),
        (Which(since=NOW - timedelta(days=2), until=NOW), ["wr1"]),
        (Which(subjects=("wr2", "wr9")), ["wr2"]),
    ],
)
async def test_groups_are_chosen_by_label_founding_and_name(store, which, subjects):
    mine = store()
    for number in range(3):
        founded = NOW - timedelta(days=4 - 2 * number)
        group = Group(chat_id=f"wr{number}", name="群", owner="chen", created_at=founded, version="v", stays=())
        mine.groups.put(None, group, Changes(), status="normal")
    await mine.commit()
    mine = store()
    for chat_id, label in (("wr0", 4), ("wr1", 5)):
        GroupLists(mine.scope).bind(chat_id, (label,))
    await mine.commit()
    found, _ = await store().candidates.turn(replace(DRAFT, what="groups"), which, takers=TAKERS)
    assert [one.subject for one in found if one.related] == subjects


async def test_who_is_named_comes_related_or_not(past, store):
    found = await choose(store, Which(subjects=("wm9", "wm2", "wm3")))
    assert found == [
        Candidate(subject="wm2", known=frozenset({"lin"})),
        Candidate(subject="wm3", related=False),
        Candidate(subject="wm9", related=False),
    ]


async def test_pages_follow_each_other(store):
    for start in range(0, 600, 100):
        mine = store()
        for number in range(start, start + 100):
            fact = Fact(deed=Deed.ADDED, at=NOW + timedelta(seconds=number // 2))
            await mine.relations.record(f"wm{number}", "chen", fact=fact)
        await mine.commit()
    first, cursor = await store().candidates.turn(DRAFT, Which(), takers=TAKERS)
    rest, end_ = await store().candidates.turn(DRAFT, Which(), takers=TAKERS, cursor=cursor)
    assert (len(first), len(rest), end_) == (500, 100, None)
    assert len({one.subject for one in first + rest}) == 600


async def test_a_transfer_under_way_and_those_of_ninety_days_stand_against_another(past, store):
    for days in (-91, -89):
        transfer = await begin(store, "wm0")
        await end(store, transfer, "wm0", State.DONE, days=days)
    await begin(store, "wm1")
    found = {one.subject: one for one in await choose(store)}
    assert (found["wm0"].moves, found["wm0"].waiting) == (1, False)
    assert (found["wm1"].moves, found["wm1"].waiting) == (0, True)


async def test_misses_are_chosen_again_with_whom_it_came_to_nothing(past, store):
    transfer = await begin(store, "wm0", "wm1")
    await end(store, transfer, "wm0", State.REFUSED)
    await end(store, transfer, "wm1", State.DONE)
    assert await choose(store, Which(source_id=transfer.id)) == [Candidate(subject="wm0", tried=frozenset({"lin"}))]


async def test_of_who_left_those_that_are_nobodys_are_chosen(past, store):
    mine = store()
    mine.unassigned.see(
        Orphan(handover="chen", external_user_id=one, left_at=NOW, seen_at=NOW) for one in ("wm0", "wm1", "wm8")
    )
    mine.unassigned.place_one("chen", "wm1")
    await mine.commit()
    assert [one.subject for one in await choose(store, draft=LEFT)] == ["wm0", "wm8"]
    assert [one.subject for one in await choose(store, Which(tags=("et1",)), LEFT)] == ["wm0"]


async def test_how_many_a_taker_can_take_is_given_set_or_learnt(past, store):
    transfer = await begin(store, "wm0", taker="zhou")
    await end(store, transfer, "wm0", State.LIMIT)
    coming = await begin(store, "wm1", taker="lin")
    mine = store()
    mine.settings.put("transfers.capacity", {"lin": 10})
    await mine.commit()
    names = ("lin", "xu", "zhou")
    draft = Draft(handover="chen", takers=(*(Taker(user_id=one) for one in names), Taker(user_id="wu", capacity=5)))
    assert await rooms(store(), draft) == [8, None, 0, 5]
    assert await rooms(store(8), draft) == [8, None, None, 5]
    assert await rooms(store(), draft, apart_from=coming.id) == [9, None, 0, 5]
    assert await rooms(store(), replace(draft, what="groups")) == [None, None, None, 5]


async def rooms(mine, draft, **how):
    return [taker.capacity for taker in await mine.candidates.takers(draft, **how)]


async def test_a_less_certain_state_never_overwrites(store):
    transfer = await begin(store, "wm0")
    await end(store, transfer, "wm0", State.DONE)
    await end(store, transfer, "wm0", State.REFUSED)
    await end(store, transfer, "wm0", State.WAITING)
    (ride,) = await store().rides.page(transfer.id)
    assert (ride.state, ride.ended_at) == (State.DONE, NOW)
    assert await store().rides.open("chen", "lin", resigned=False) == ()


async def test_a_transfer_is_counted_by_taker_and_state(store):
    mine = store()
    transfer = mine.transfers.add(DRAFT, which=Which(tags=("et1",)))
    mine.rides.plan(transfer, [Given("wm0", "lin"), Given("wm1", "xu"), LeftOut("wm2", "taker_full")])
    mine.rides.ask(transfer.id, ["wm0"])
    await mine.commit()
    assert await store().transfers.get(transfer.id) == transfer
    counts = await store().transfers.counts(transfer.id)
    assert counts.by_taker == {"": {State.LEFT_OUT: 1}, "lin": {}, "xu": {State.PLANNED: 1}} | {"lin": {State.ASKED: 1}}
    assert (counts.states, counts.undecided) == ({State.LEFT_OUT: 1, State.PLANNED: 1, State.ASKED: 1}, 2)
    mine = store()
    mine.rides.give_up(transfer.id, reason="cancelled")
    await mine.commit()
    assert [one.state for one in await store().rides.page(transfer.id, taker="xu")] == [State.FAILED]
    assert len(await store().rides.page(transfer.id, state="left_out")) == 1


async def test_transfers_are_listed_newest_first_within_scope(store):
    first, second = await begin(store), await begin(store)
    assert [one.id for one in await store().transfers.page()] == [second.id, first.id]
    assert [one.id for one in await store().transfers.page(before=second.id)] == [first.id]
    assert await store().transfers.page(staff={"lin"}) == ()
    assert len(await store().transfers.page(staff={"chen"})) == 2


async def test_open_ones_are_found_by_pair_and_when_they_were_asked_for(store):
    await begin(store, "wm0", "wm1")
    await begin(store, "wm2", draft=LEFT)
    rides = await store().rides.open("chen", "lin", resigned=False)
    assert [ride.subject for ride in rides] == ["wm0", "wm1"]
    assert await store().rides.open("chen", "lin", resigned=False, after="wm0", most=1) == rides[1:]
    assert await store().rides.open("chen", "lin", resigned=False, among=["wm1", "wm2"]) == rides[1:]
    assert await store().rides.asked("chen", "lin", resigned=False) == (NOW,)
    assert [one.subject for one in await store().rides.of_subject("wm2", until=NOW)] == ["wm2"]
    assert await store().rides.of_subject("wm2", until=NOW - timedelta(seconds=2)) == ()


async def test_a_wrong_transfer_is_not_begun(store):
    with pytest.raises(Invalid):
        store().transfers.add(Draft(handover="chen", takers=()), which=Which())


async def test_the_unassigned_are_those_of_the_latest_whole_look(store):
    mine = store()
    mine.unassigned.see(
        Orphan(handover=who, external_user_id=one, left_at=NOW, seen_at=NOW)
        for who, one in (("chen", "wm1"), ("chen", "wm2"), ("lin", "wm1"))
    )
    await mine.commit()
    assert [(one.handover, one.count) for one in await store().unassigned.counts()] == [("chen", 2), ("lin", 1)]
    later = store(1)
    later.unassigned.see([Orphan(handover="chen", external_user_id="wm2", left_at=NOW, seen_at=later.now)])
    later.unassigned.place(since=later.now)
    await later.commit()
    assert [one.external_user_id for one in await store().unassigned.page()] == ["wm2"]
    again = store(2)
    again.unassigned.see([Orphan(handover="lin", external_user_id="wm1", left_at=NOW, seen_at=again.now)])
    await again.commit()
    assert len(await store().unassigned.page()) == 2
    assert [one.handover for one in await store().unassigned.page(after=("chen", "wm2"))] == ["lin"]
    assert await store().unassigned.page(staff={"wu"}) == ()
