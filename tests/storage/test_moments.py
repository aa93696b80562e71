"""Moments, the members in them and what customers make of them, on both stores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop.intents import Attachment
from sop.moments import Draft, Part, Status
from storage.errors import Conflict, LostLease
from storage.moments.reactions import Reaction
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
DRAFT = Draft(
    name="上新",
    text="春季上新",
    attachments=(Attachment(kind="image", material="12"),),
    users=("chen", "lin"),
    departments=(5,),
    tags=("et1",),
    due_at=NOW + timedelta(hours=1),
)
HEALTHY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(database):
    def make(hours=0, corp_id="ww1"):
        return Store(Scope(database=database, corp_id=corp_id, app="crm", now=NOW + timedelta(hours=hours)))

    return make


async def add(store, draft=DRAFT, **more):
    mine = store()
    moment = mine.moments.add(draft, author="token:1", **more)
    await mine.commit()
    return moment


async def test_a_moment_is_kept_as_it_was_written(store):
    moment = await add(store)
    found = await store().moments.draft(moment.id)
    assert found == moment
    assert (found.users, found.status) == (("chen", "lin"), Status.DRAFT)
    assert await store(corp_id="ww2").moments.get(moment.id) is None


async def test_what_is_rewritten_is_a_draft_of_another_version_and_members(store):
    moment = await add(store, status=Status.APPROVED)
    mine = store()
    await mine.moments.rewrite(moment, replace(DRAFT, text="夏", users=("xu",), due_at=None), author="gao")
    await mine.commit()
    found = await store().moments.draft(moment.id)
    assert (found.text, found.users, found.due_at) == ("夏", ("xu",), None)
    assert (found.status, found.version, found.author) == (Status.DRAFT, 2, "gao")


async def test_who_was_overtaken_changes_nothing(store):
    moment = await add(store)
    first, second = store(), store()
    first.moments.move(moment, Status.WAITING)
    second.moments.move(moment, Status.CANCELLED)
    await first.commit()
    with pytest.raises(LostLease):
        await second.commit()
    assert (await store().moments.get(moment.id)).status is Status.WAITING


async def test_a_moment_of_wecom_is_never_two_of_ours(store):
    one, two = await add(store), await add(store)
    mine = store()
    mine.moments.move(one, Status.LIVE, moment_id="mom1")
    await mine.commit()
    mine = store()
    mine.moments.move(two, Status.LIVE, moment_id="mom1")
    with pytest.raises(Conflict):
        await mine.commit()
    assert await store().moments.known(["mom1", "mom2"]) == {"mom1"}


async def test_a_flow_posts_one_for_everybody_who_comes_on_a_day(store):
    for users in (("chen",), ("lin", "chen"), ("xu",)):
        mine = store()
        identity = await mine.moments.post(replace(DRAFT, users=users), effect="flow:7:n1:2026-05-04", author="flow:7")
        await mine.commit()
    [found] = await store().moments.page()
    assert (found.id, found.status) == (identity, Status.APPROVED)
    assert (await store().moments.draft(identity)).users == ("chen", "lin", "xu")
    mine = store()
    mine.moments.move(found, Status.POSTING)
    await mine.commit()
    mine = store()
    assert await mine.moments.post(replace(DRAFT, users=("he",)), effect=found.effect, author="flow:7") == identity
    await mine.commit()
    assert (await store().moments.draft(identity)).users == ("chen", "lin", "xu")


async def test_two_batches_of_a_flow_at_once_make_one(store):
    one, two = store(), store()
    await one.moments.post(DRAFT, effect="flow:7", author="flow:7")
    await two.moments.post(DRAFT, effect="flow:7", author="flow:7")
    await one.commit()
    with pytest.raises(Conflict):
        await two.commit()


async def test_moments_come_by_pages_in_the_states_asked_for(store):
    ids = [(await add(store)).id for _ in range(3)]
    other = await add(store, status=Status.APPROVED)
    drafts = await store().moments.page(statuses=[Status.DRAFT], most=2)
    assert [one.id for one in drafts] == ids[:0:-1]
    rest = await store().moments.page(statuses=[Status.DRAFT], before=drafts[-1].id)
    assert [one.id for one in rest] == ids[:1]
    assert (await store().moments.page(most=1))[0].id == other.id


async def test_only_a_draft_can_be_forgotten(store):
    moment, kept = await add(store), await add(store, status=Status.APPROVED)
    for one in (moment, kept):
        mine = store()
        mine.moments.remove(one)
        await mine.commit()
    assert [one.id for one in await store().moments.page()] == [kept.id]


async def tell(store, moment, hours=0, **states):
    mine = store(hours)
    mine.moments.parts.tell(moment.id, {user: Part(state) for user, state in states.items()})
    await mine.commit()


async def test_who_has_published_stays_so_whatever_comes_late(store):
    moment = await add(store)
    await tell(store, moment, 1, chen="published", lin="asked", xu="asked")
    await tell(store, moment, 2, chen="asked", lin="published", xu="asked")
    parts = await store().moments.parts.page(moment.id)
    assert [(one.user_id, one.state.value) for one in parts] == [
        ("chen", "published"),
        ("lin", "published"),
        ("xu", "asked"),
    ]
    assert [one.published_at for one in parts] == [NOW + timedelta(hours=1), NOW + timedelta(hours=2), None]
    mine = store()
    mine.moments.parts.end(moment.id, Part.MISSED)
    await mine.commit()
    numbers = await store().moments.parts.numbers(moment.id)
    assert numbers.states == {Part.PUBLISHED: 2, Part.MISSED: 1}


async def test_members_are_seen_within_the_data_scope_and_by_state(store):
    moment = await add(store)
    await tell(store, moment, chen="published", lin="asked", xu="asked")
    parts = store().moments.parts
    assert [one.user_id for one in await parts.page(moment.id, staff=frozenset({"lin", "gao"}))] == ["lin"]
    assert [one.user_id for one in await parts.page(moment.id, state=Part.ASKED, after="lin")] == ["xu"]
    assert [one.user_id for one in await parts.after(moment.id, Part.ASKED, most=1)] == ["lin"]


async def test_members_see_what_waits_for_them_the_newest_first(store):
    posted = []
    for number in range(3):
        posted.append(await add(store, replace(DRAFT, name=f"第{number}条")))
        await tell(store, posted[-1], chen="published" if number else "asked", lin="asked")
    for moment in posted:
        mine = store()
        mine.moments.move(moment, Status.LIVE, posted_at=NOW, moment_id=f"mom{moment.id}")
        await mine.commit()
    await tell(store, await add(store), chen="asked")  # not at WeCom yet
    parts = store().moments.parts
    assert [name for name, _ in await parts.tasks(staff=frozenset({"chen"}))] == ["第2条", "第1条", "第0条"]
    assert [name for name, _ in await parts.tasks(staff=frozenset({"chen"}), state=Part.ASKED)] == ["第0条"]
    everything, before = [], (2**62, "")
    while page := await parts.tasks(before=before, most=2):
        everything += [(name, part.user_id) for name, part in page]
        before = (page[-1][1].moment_id, page[-1][1].user_id)
    assert everything == [(f"第{number}条", user) for number in (2, 1, 0) for user in ("chen", "lin")]
    assert await store(corp_id="ww2").moments.parts.tasks() == ()


async def test_whom_wecom_does_not_ask_is_left_out(store):
    moment = await add(store)
    await tell(store, moment, chen="asked")
    mine = store()
    mine.moments.parts.leave_out(moment.id)
    await mine.commit()
    assert (await store().moments.parts.numbers(moment.id)).states == {Part.ASKED: 1, Part.LEFT_OUT: 1}


TOLD = [
    Reaction(user_id="chen", what="liked", by_id="wm1", at=NOW),
    Reaction(user_id="chen", what="liked", by_id="wm1", at=NOW + timedelta(hours=1)),  # taken back, and liked again
    Reaction(user_id="chen", what="commented", by_id="wm1", at=NOW),
    Reaction(user_id="chen", what="commented", by_id="wm1", at=NOW + timedelta(hours=2)),
    Reaction(user_id="chen", what="liked", by_id="wm2", at=NOW),
    Reaction(user_id="chen", what="commented", by_id="chen", at=NOW, staff=True),
]


@HEALTHY
@given(looks=st.lists(st.lists(st.sampled_from(TOLD), max_size=8), max_size=5))
async def test_each_like_and_comment_is_told_once_however_often_it_is_read(store, looks):
    moment = await add(store)
    fresh = 0
    for look in looks:
        mine = store()
        fresh += await mine.moments.reactions.hear(moment.id, "chen", look, name="上新")
        await mine.commit()
    marks = {one.mark for look in looks for one in look}
    kept = await store().moments.reactions.page(moment.id)
    assert {one.mark for one in kept} == marks
    assert len(kept) == len(marks) == fresh
    effects = [entry.facts["moment"] for entry in await store().history.timeline("wm1", most=1000)]
    mine_told = {mark for mark in marks if mark[1] == "wm1"}
    assert effects.count(str(moment.id)) == len(mine_told)


async def test_reactions_come_newest_first_by_pages_and_within_the_scope(store):
    moment = await add(store)
    mine = store()
    await mine.moments.reactions.hear(moment.id, "chen", TOLD, name="上新")
    other = [replace(one, user_id="lin") for one in TOLD[:1]]
    await mine.moments.reactions.hear(moment.id, "lin", other, name="上新")
    await mine.commit()
    reactions = store().moments.reactions
    everything = await reactions.page(moment.id)
    paged, after = [], None
    while page := await reactions.page(moment.id, most=2, **({"after": after} if after else {})):
        paged += page
        last = page[-1]
        after = (int(last.at.timestamp() * 1000), last.what, last.by_id, last.user_id)
    assert paged == list(everything)
    assert [one.at for one in paged] == sorted((one.at for one in paged), reverse=True)
    assert {one.user_id for one in await reactions.page(moment.id, staff=frozenset({"lin"}))} == {"lin"}


async def test_what_wecom_lends_for_moments_is_kept_apart(store):
    mine = store()
    material = await mine.materials.add("image", "a.png", content=b"\x89PNG" + b"0" * 20)
    await mine.commit()
    wanted = [str(material.id), "12"]
    loan = (await store().moments.media.of(wanted))[str(material.id)]
    assert not loan.good(NOW)
    mine = store()
    mine.moments.media.ask(material.id)
    await mine.commit()
    assert (await store().moments.media.of(wanted))[str(material.id)].asked_at == NOW
    mine = store()
    mine.moments.media.lend(material.id, "M1", expires_at=NOW + timedelta(days=3))
    await mine.commit()
    found = await store().moments.media.of(wanted)
    assert list(found) == [str(material.id)]
    loan = found[str(material.id)]
    assert (loan.media_id, loan.asked_at, loan.good(NOW)) == ("M1", None, True)
    assert not loan.good(NOW + timedelta(days=3))


async def test_a_material_of_a_moment_to_come_is_in_use(store):
    material = {"kind": "image", "material": "12"}
    assert await store().uses.of("material", 12) == ()
    moment = await add(store, replace(DRAFT, attachments=(Attachment(**material),)))
    assert [use.name for use in await store().uses.of("material", 12)] == ["上新"]
    mine = store()
    mine.moments.move(moment, Status.CANCELLED)
    await mine.commit()
    assert await store().uses.of("material", 12) == ()
