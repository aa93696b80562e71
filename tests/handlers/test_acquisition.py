"""Links are brought to WeCom; who comes by one is known with its source, and what becomes of a link is told."""

from datetime import timedelta

import pytest

from handlers import acquisition as handlers
from sop import acquisition
from sop.acquisition import Draft, Origin
from sop.events import LinkChanged, LinkCustomerWrote, Outcome
from sop.intents import CreateLink, DeleteLink, MarkTags, Prompt, UpdateLink
from tests.handlers.desk import PAIR, START
from wecom.acquisition import Chat
from wecom.errors import Refused
from wecom.events import (
    ChatStarted,
    ContactAdded,
    ContactHalfAdded,
    CustomerMessaged,
    FriendRequested,
    LinkContactLost,
    LinkDeleted,
    LinkUnavailable,
    ProfileOpened,
)

DRAFT = Draft(name="海报", staff=("chen",), tags=("et1",))
MADE = {"link_id": "caw1", "url": "https://l/1"}


async def want(desk, draft=DRAFT, link=None):
    store = desk.store()
    if link is None:
        link = store.links.add(draft)
    elif draft is None:
        store.links.remove(link)
    else:
        store.links.change(link, draft)
    await store.commit()
    return await desk.store().links.get(link.id)


async def look(desk, link):
    await desk.run(handlers.converge, LinkChanged(corp_id="ww1", at=START, row=link.id, version=link.version))


@pytest.fixture
async def live(desk):
    link = await want(desk)
    await look(desk, link)
    (call,) = await desk.intents(CreateLink)
    await desk.settle(handlers.settled, call, result=MADE)
    await desk.apply(lambda store: store.settings.put("alarm.receivers", ["boss"]))
    return await desk.store().links.get(link.id)


def added(link, source="poster", **more):
    state = acquisition.make_state(Origin(link.id, source))
    return ContactAdded(corp_id="ww1", at=START, state=state, **{**PAIR, **more})


def about(kind, link_id="caw1", **more):
    return kind(corp_id="ww1", at=START, link_id=link_id, **more)


async def newcomer(desk):
    return await desk.store().newcomers.find(PAIR["external_user_id"], PAIR["user_id"])


async def test_a_link_is_made_changed_and_deleted_one_call_at_a_time(desk, live):
    assert (live.status, live.link_id, live.url) == ("live", "caw1", "https://l/1")
    (made,) = await desk.intents(CreateLink)
    assert made.label == acquisition.label("海报", live.id)
    link = await want(desk, Draft(name="展会", staff=("li",)), live)
    await look(desk, link)
    await look(desk, link)
    (update,) = await desk.intents(UpdateLink)
    assert (update.link_id, update.users, update.version) == ("caw1", ("li",), 2)
    link = await want(desk, None, await desk.store().links.get(link.id))
    await look(desk, link)
    assert not await desk.intents(DeleteLink), "an update is under way"
    await desk.settle(handlers.settled, update)
    assert (await desk.store().links.get(link.id)).status == "deleting"
    await look(desk, link)
    (delete,) = await desk.intents(DeleteLink)
    await desk.settle(handlers.settled, delete)
    assert (await desk.store().links.get(link.id)).status == "deleted"
    assert [verdict for what, verdict, _ in await desk.decisions() if what == "link"] == ["wanted", "sent"] * 3


async def test_a_link_that_was_never_made_needs_no_deleting(desk):
    link = await want(desk, None, await want(desk))
    await look(desk, link)
    assert (await desk.store().links.get(link.id)).status == "deleted"
    assert not await desk.intents(DeleteLink)


async def test_what_wecom_refuses_is_shown(desk):
    link = await want(desk)
    await look(desk, link)
    (call,) = await desk.intents(CreateLink)
    await desk.settle(handlers.settled, call, outcome=Outcome.REFUSED, code=41095, reason="too many")
    assert (await desk.store().links.get(link.id)).reason == "41095 too many"
    assert (await desk.decisions())[-1] == ("link", "refused", acquisition.LINK_REFUSED)


async def test_who_comes_by_a_link_is_known_by_source_and_gets_its_tags(desk, live):
    half = ContactHalfAdded(corp_id="ww1", at=START, state=added(live).state, **PAIR)
    for _ in range(2):
        await desk.run(handlers.relate, half)
        await desk.run(handlers.relate, added(live))
        await desk.run(handlers.mark, added(live))
    found = await newcomer(desk)
    assert (found.link, found.source, found.chat, found.came_at) == (live.id, "poster", 0, START)
    (marks,) = await desk.intents(MarkTags)
    assert (marks.add, marks.rule) == (("et1",), f"link:{live.id}@{live.version}")
    assert ("link", "came", acquisition.CAME_BY_LINK) in await desk.decisions()


async def test_who_comes_otherwise_is_none_of_a_link(desk, live):
    for state in ("", "s-1", "a-zz.poster"):
        event = ContactAdded(corp_id="ww1", at=START, state=state, **PAIR)
        await desk.run(handlers.relate, event)
        await desk.run(handlers.mark, event)
    assert await newcomer(desk) is None
    assert not await desk.intents(MarkTags)


async def test_a_first_message_and_a_removal_are_noted(desk, live):
    await desk.run(handlers.relate, added(live))
    later = START + timedelta(minutes=5)
    await desk.run(handlers.start, ChatStarted(corp_id="ww1", at=later, link_id="caw1", **PAIR))
    await desk.run(handlers.lose, LinkContactLost(corp_id="ww1", at=later, link_id="caw1", **PAIR))
    found = await newcomer(desk)
    assert (found.chat, found.messages, found.wrote_at, found.left_at) == (1, 1, later, later)


class Told:
    """WeCom's answer to a chat key."""

    def __init__(self, answer):
        self.answer = answer

    async def link_chat(self, chat_key):
        assert chat_key == "CK"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_who_wrote_is_asked_and_noted_as_a_reply(desk, live):
    state = acquisition.make_state(Origin(live.id, "web"))
    desk.world = Told(Chat(external_user_id="wm1", user_id="chen", count=3, link_id="caw1", state=state))
    await desk.run(handlers.ask, about(CustomerMessaged, chat_key="CK"))
    (wrote,) = [LinkCustomerWrote(**{**one, "at": START}) for one in await desk.events(LinkCustomerWrote.kind)]
    assert wrote.key == "customer:wm1"
    await desk.run(handlers.hear, wrote)
    found = await newcomer(desk)
    assert (found.source, found.messages, found.chat) == ("web", 3, 1)
    assert (await desk.store().relations.find("wm1", "chen")).replied_at == START


async def test_visits_are_counted_by_source_though_nobody_is_named(desk, live):
    state = acquisition.make_state(Origin(live.id, "poster"))
    for kind in (ProfileOpened, ProfileOpened, FriendRequested):
        await desk.run(handlers.count, about(kind, state=state))
    await desk.run(handlers.count, about(ProfileOpened))
    await desk.run(handlers.count, about(ProfileOpened, "caw9", state=state))
    await desk.run(handlers.relate, added(live))
    found = await desk.store().newcomers.sources(live.id)
    assert [(one.source, one.opened, one.requested, one.customers) for one in found] == [
        ("poster", 2, 1, 1),
        ("", 1, 0, 0),
    ]


async def test_a_dead_key_is_a_reason(desk, live):
    desk.world = Told(Refused("get_chat_info", code=41201))
    await desk.run(handlers.ask, about(CustomerMessaged, chat_key="CK"))
    assert (await desk.decisions())[-1] == ("link", "skipped", acquisition.CHAT_UNKNOWN)
    assert not await desk.events(LinkCustomerWrote.kind)


async def test_a_link_deleted_in_the_console_is_told_once(desk, live):
    for _ in range(2):
        await desk.run(handlers.bury, about(LinkDeleted))
    (prompt,) = await desk.intents(Prompt)
    assert (prompt.users, "海报" in prompt.title) == (("boss",), True)
    assert (await desk.store().links.get(live.id)).status == "deleted"


async def test_a_link_without_members_is_told_once_until_it_has_new_ones(desk, live):
    for minutes in (0, 5):
        at = START + timedelta(minutes=minutes)
        await desk.run(handlers.warn, LinkUnavailable(corp_id="ww1", at=at, link_id="caw1"))
    assert len(await desk.intents(Prompt)) == 1
    link = await want(desk, Draft(name="海报", staff=("li",)), await desk.store().links.get(live.id))
    await look(desk, link)
    (update,) = await desk.intents(UpdateLink)
    await desk.settle(handlers.settled, update)
    assert (await desk.store().links.get(link.id)).available
    again = LinkUnavailable(corp_id="ww1", at=START + timedelta(days=1), link_id="caw1")
    await desk.run(handlers.warn, again)
    assert len(await desk.intents(Prompt)) == 2


async def test_links_of_others_say_nothing(desk, live):
    await desk.run(handlers.bury, about(LinkDeleted, "caw9"))
    await desk.run(handlers.warn, about(LinkUnavailable, "caw9"))
    assert not await desk.intents(Prompt)
