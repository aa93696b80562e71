"""Promise 6: reactions fail alone. Each handler has its own outcome; a dead letter is visible and can be replayed."""

from sop.events import Happened
from storage.claims import LOST
from storage.engine.sql import Statement
from storage.inspect import EventFilter
from storage.store import Store
from storage.timers import Timers
from tests.stage import GREETING, MARKING, SENDING
from wecom.errors import Refused
from wecom.events import ContactAdded

_MINE = Statement("UPDATE events SET attempt = attempt WHERE id = :id AND fence > :fence AND :fence >= 0")
_LOST = Statement("SELECT lost FROM events WHERE id = :id")
_LOSE = Statement("UPDATE events SET lost = :lost WHERE body LIKE '%\"' || :name || '\"%'")


class Fragile:
    """A handler that fails until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.tries = 0

    def reaction(self):
        async def react(event: ContactAdded, store: Store) -> None:
            self.tries += 1
            store.schedule(
                Happened(
                    corp_id=event.corp_id, at=event.at, name="x", external_user_id=event.external_user_id, effect="x",
                ),
                name="fragile",
                due_at=store.now,
            )  # fmt: skip
            if not self.mended:
                raise RuntimeError("boom")

        return react


async def act(stage):
    """A service with a fragile handler, and a customer who has scanned."""
    fragile = Fragile()
    service = stage.hire()
    service.router.on(ContactAdded)(fragile.reaction())
    await stage.serve(service)
    await stage.settled()
    channel = await stage.channel(tags=[stage.tag_id("门店")], welcome={"text": "你好"})
    relation = stage.scan(channel)
    await stage.until(lambda: stage.greetings(relation) and relation.tags and stage.inbox(relation.userid))
    await stage.until(lambda: settled(stage))
    return fragile


async def settled(stage):
    """Whether nothing is on its way to WeCom."""
    return not await stage.intents(status="open")


async def test_a_failing_handler_costs_nobody_else_anything(stage):
    fragile = await act(stage)
    (event,) = await stage.events("contact_added")
    reactions = await stage.until(lambda: stage.inspect.reactions(event.id))
    assert {one.handler for one in reactions if one.status != "done"} == {"bot.test_failing.react"}
    await stage.until(lambda: fragile.tries > 1)
    assert [len(stage.calls(path)) for path in (GREETING, MARKING, SENDING)] == [1, 1, 1]


async def test_a_handler_that_fails_leaves_nothing_of_its_writes(stage):
    fragile = await act(stage)
    await stage.until(lambda: fragile.tries > 1)
    assert await stage.events("happened") == []
    assert await Timers(stage.database).parked() == 0


async def test_what_wecom_refuses_for_good_is_not_tried_again(stage):
    refused = Refuser()
    service = stage.hire()
    service.router.on(ContactAdded)(refused.reaction())
    await stage.serve(service)
    await stage.settled()
    stage.scan(await stage.channel(welcome={"text": "你好"}))
    (event,) = await stage.until(lambda: stage.inspect.events(EventFilter(kind="contact_added", dead=True)))
    (letter,) = [one for one in await stage.inspect.reactions(event.id) if one.status == "dead"]
    assert (letter.handler, letter.reason, letter.attempt) == ("bot.test_failing.refuse", "Refused 40003: invalid", 1)
    assert refused.tries == 1


class Refuser:
    """A handler to which WeCom says no."""

    def __init__(self) -> None:
        self.tries = 0

    def reaction(self):
        async def refuse(event: ContactAdded) -> None:
            self.tries += 1
            raise Refused("user/get", code=40003, message="invalid")

        return refuse


class Hasty:
    """A handler whose rows somebody else has changed in the meantime, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.tries = 0

    def reaction(self):
        async def hurry(event: ContactAdded, store: Store) -> None:
            self.tries += 1
            store.scope.unit.guard(_MINE, id=store.scope.event_id, fence=-1 if self.tries <= self.times else 0)

        return hurry


async def test_what_was_changed_by_others_meanwhile_is_read_and_done_anew(stage):
    hasty = Hasty(times=2)
    service = stage.hire()
    service.router.on(ContactAdded)(hasty.reaction())
    await stage.serve(service)
    await stage.settled()
    relation = stage.scan(await stage.channel(welcome={"text": "你好"}))
    await stage.until(lambda: hasty.tries > 1)
    stage.push(60)
    await stage.until(lambda: hasty.tries > 2)
    await stage.until(stage.idle)
    (event,) = await stage.events("contact_added")
    assert (event.state, hasty.tries, len(stage.greetings(relation))) == ("done", 3, 1)
    (row,) = await stage.database.fetch(_LOST, id=event.id)
    assert row["lost"] == 0


async def test_a_poisoned_event_ends_as_a_dead_letter_that_can_be_replayed(stage):
    fragile = await act(stage)
    dead = EventFilter(kind="contact_added", dead=True)
    while not await stage.inspect.events(dead):
        tries = fragile.tries
        await stage.until(lambda: free(stage))
        stage.push(4000)
        await stage.until(lambda tries=tries: fragile.tries > tries or stage.inspect.events(dead))
    (event,) = await stage.events("contact_added")
    assert (event.state, event.open) == ("dead", False)
    (letter,) = [one for one in await stage.inspect.reactions(event.id) if one.status == "dead"]
    assert (letter.handler, letter.reason) == ("bot.test_failing.react", "RuntimeError: boom")
    shown = await stage.get(f"events/{event.id}")
    assert "RuntimeError: boom" in str(shown)

    fragile.mended = True
    await stage.post(f"events/{event.id}/replay", {})
    await stage.until(lambda: stage.events("happened"))
    await stage.until(stage.idle)
    assert (await stage.inspect.event(event.id)).state == "done"
    assert [len(stage.calls(path)) for path in (GREETING, MARKING, SENDING)] == [1, 1, 1]


async def test_a_body_that_cannot_be_read_is_acknowledged_and_shown_as_a_dead_letter(living):
    assert (await living.knock(b"<xml><not-even-xml")).status_code == 200
    event = await living.until(lambda: first(living, EventFilter(dead=True)))
    assert (event.kind, event.body) == ("unreadable", "<xml><not-even-xml")
    (letter,) = await living.inspect.reactions(event.id)
    assert (letter.handler, letter.status) == ("dispatch", "dead")


async def free(stage):
    """Whether no worker holds anything: time pushed beyond its lease would have it taken over."""
    return await stage.leased() == 0


async def first(stage, which):
    return next(iter(await stage.inspect.events(which)), None)


async def test_an_event_whose_workers_were_lost_again_and_again_is_given_up_and_one_less_often_is_not(stage):
    store = stage.store()
    for name in ("often", "too often"):
        about = {"corp_id": store.scope.corp_id, "at": stage.now(), "effect": name}
        store.announce(Happened(name=name, external_user_id=f"wm {name}", **about))
    store.scope.unit.add(_LOSE, lost=LOST, name="often")
    store.scope.unit.add(_LOSE, lost=LOST + 1, name="too often")
    await store.commit()
    await stage.serve()
    await stage.settled()
    (event,) = await stage.inspect.events(EventFilter(dead=True))
    (letter,) = await stage.inspect.reactions(event.id)
    assert ("too often" in event.body, letter.status) == (True, "dead")
    assert letter.reason.startswith("taken over too often")
    assert sorted(one.state for one in await stage.events("happened")) == ["dead", "done"]
