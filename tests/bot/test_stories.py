"""`siyu events` and `siyu intents` tell what happened and why, from rows that the program itself wrote."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cli import main
from bot.cli.codes import Exit
from sop import reasons
from sop.events import Outcome
from sop.intents import MarkTags, SendWelcome
from storage import inbox, outbox
from storage.database import connect
from storage.engine.sql import Unit
from storage.inbox import Arrival, Inbox
from storage.inspect import Inspect
from storage.outbox import Ending, Outbox
from storage.store import Scope, Store
from tests.bot.configs import write_config
from tests.outcomes import note

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)  # 16:00 in Shanghai
LEASE = timedelta(seconds=6)


class Past:
    """What a service has left behind in a database: a scan that was greeted, and a tag that WeCom refused."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.event = self.welcome = self.tags = 0

    async def write(self, database) -> None:
        self.event = await Inbox(database).remember(
            Arrival(
                corp_id="ww1", app="crm", kind="contact_added", lane="customer:wm1", body="<xml>private</xml>",
                origin="callback", occurred_at=NOW, received_at=NOW + timedelta(milliseconds=400),
                deadline_at=NOW + timedelta(seconds=20),
            )
        )  # fmt: skip
        (claim,) = await Inbox(database).claim(9, now=NOW + timedelta(seconds=1), lease=LEASE)
        scope = Scope(
            database=database, corp_id="ww1", app="crm", now=NOW, event_id=self.event, handler="welcomes.greet"
        )
        store = Store(scope)
        person = {"user_id": "chen.yu", "external_user_id": "wm1"}
        self.welcome = store.intend(SendWelcome(code="c0de", text="private", **person))
        self.tags = store.intend(MarkTags(add=("et1",), cause="1", **person))
        store.decide(
            "welcome", "wanted", reasons.BY_CHANNEL, rule="7", version=3, intent_id=self.welcome, slot="周末", **person
        )
        settled = Store(replace(scope, event_id=None, unit=scope.unit, handler="welcomes.settled"))
        settled.decide("welcome", "sent", reasons.WELCOMED, intent_id=self.welcome, code=0, said="", **person)
        note(scope.unit, claim, "welcomes.greet", "done", at=NOW + timedelta(seconds=1))
        note(scope.unit, claim, "tags.mark", "dead", "Refused: 40068", at=NOW)
        inbox.close(scope.unit, claim, now=NOW + timedelta(seconds=2))
        await store.commit()
        await self._settle(database)

    async def _settle(self, database) -> None:
        orders = {order.id: order for order in await Outbox(database).claim(9, now=NOW, lease=LEASE)}
        unit = Unit()
        outbox.settle(unit, orders[self.welcome], Ending(outcome=Outcome.DONE), now=NOW + timedelta(milliseconds=142))
        refused = Ending(outcome=Outcome.REFUSED, code=40068, reason="invalid tagid")
        outbox.settle(unit, orders[self.tags], refused, now=NOW + timedelta(seconds=1))
        await database.commit(unit)

    def ask(self, work):
        """Do something with the open database, now."""

        async def opened():
            database = connect(self.url)
            await database.open()
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(opened())


@pytest.fixture
def past(migrated_url) -> Past:
    past = Past(migrated_url)
    past.ask(past.write)
    return past


@pytest.fixture
def siyu(capsys, tmp_path, migrated_url):
    """Run a command; what it printed, and what it said beside."""
    path = write_config(tmp_path, migrated_url)

    def siyu(*arguments: object, code: Exit = Exit.OK) -> tuple[str, str]:
        assert main([*map(str, arguments), "-c", path]) == code
        return capsys.readouterr()

    return siyu


def test_an_event_tells_its_whole_story(siyu, past):
    told, _ = siyu("events", "show", past.event)
    assert told.splitlines()[0] == f"Event {past.event}  contact_added"
    for words in (
        "customer:wm1",
        "callback of corp ww1, app crm",
        "2026-05-01 16:00:00, received +400 ms, closed +2 s",
        "2026-05-01 16:00:20 (+20 s)",
        "✓  welcomes.greet  done  1 try  +600 ms",
        "✗  tags.mark       dead  1 try",
        "Refused: 40068",
        "→ welcome wanted: 按渠道欢迎语发送 / Greeted by the channel's rule",
        f"rule 7 version 3, customer wm1, staff chen.yu, by welcomes.greet, intent {past.welcome}",
        "slot = 周末",
        "✓ welcome sent: 欢迎语已发送 / The welcome was sent",
        "      code = 0\n",
        f"✓  {past.welcome}  send_welcome  done     1 try  142 ms",
        f"✗  {past.tags}  mark_tags     refused  1 try  1 s     40068 invalid tagid",
    ):
        assert words in told


def test_the_text_of_a_callback_is_shown_only_when_asked_for_and_with_a_warning(siyu, past):
    for show in (["events", "show", past.event], ["intents", "show", past.welcome]):
        assert "private" not in "".join(siyu(*show))
        assert "private" not in "".join(siyu(*show, "--json"))
        told, warned = siyu(*show, "--body")
        assert "private" in told
        assert "personal data" in warned
        assert "private" in siyu(*show, "--body", "--json")[0]


def test_an_event_can_be_read_by_a_script(siyu, past):
    told = json.loads(siyu("events", "show", past.event, "--json")[0])
    assert (told["id"], told["state"], told["occurred_at"]) == (str(past.event), "dead", "2026-05-01T08:00:00Z")
    assert [each["handler"] for each in told["reactions"]] == ["tags.mark", "welcomes.greet"]
    decision, _ = told["decisions"]
    assert decision["sentence"] == {"zh": "按渠道欢迎语发送", "en": "Greeted by the channel's rule"}
    assert (decision["intent_id"], decision["facts"]) == (str(past.welcome), {"slot": "周末"})
    assert [each["status"] for each in told["intents"]] == ["done", "refused"]


def test_an_intent_tells_its_end_its_reasons_and_its_cause(siyu, past):
    told, _ = siyu("intents", "show", past.welcome)
    assert told.splitlines()[0] == f"Intent {past.welcome}  send_welcome"
    for words in (
        "✓ done, 1 try",
        "answer    ok",
        "2026-05-01 16:00:00, done after 142 ms",
        "按渠道欢迎语发送",
        f"{past.event}  contact_added  2026-05-01 16:00:00",
    ):
        assert words in told
    told, _ = siyu("intents", "show", past.tags)
    assert "40068 invalid tagid" in told
    assert "none / 无" in told
    told = json.loads(siyu("intents", "show", past.welcome, "--json")[0])
    assert (told["event"]["id"], told["decisions"][0]["reason"]) == (str(past.event), "by_channel")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], True),
        (["--dead"], True),
        (["--open"], False),
        (["--kind", "contact_added", "--corp", "ww1", "--customer", "wm1"], True),
        (["--kind", "contact_edited"], False),
        (["--customer", "wm2"], False),
        (["--corp", "ww2"], False),
    ],
)
def test_events_are_listed(siyu, past, filters, found):
    told, said = siyu("events", "list", *filters)
    assert (str(past.event) in told) is found
    assert ("no such event" in said) is not found
    assert [each["id"] for each in json.loads(siyu("events", "list", "--json", *filters)[0])] == [
        str(past.event)
    ] * found


def test_the_list_of_events_reads_as_a_table(siyu, past):
    heading, row = siyu("events", "list")[0].splitlines()
    assert heading.split() == ["ID", "RECEIVED", "KIND", "SUBJECT", "STATE", "TRIES", "TOOK"]
    assert row.split() == [
        "✗", str(past.event), "2026-05-01", "16:00:00", "contact_added", "customer:wm1", "dead", "1", "1.6", "s",
    ]  # fmt: skip
    assert heading.index("KIND") == row.index("contact_added")


@pytest.mark.parametrize(
    ("filters", "kinds"),
    [
        ([], ["mark_tags", "send_welcome"]),
        (["--status", "refused"], ["mark_tags"]),
        (["--open"], []),
        (["--dead"], []),
        (["--kind", "send_welcome"], ["send_welcome"]),
        (["--customer", "wm1"], ["mark_tags", "send_welcome"]),
    ],
)
def test_intents_are_listed(siyu, past, filters, kinds):
    assert [each["kind"] for each in json.loads(siyu("intents", "list", "--json", *filters)[0])] == kinds
    told, _ = siyu("intents", "list", *filters)
    assert [line.split()[4] for line in told.splitlines()[1:]] == kinds


def test_a_full_page_says_how_to_go_on(siyu, past):
    assert f"--before {past.tags}" in siyu("intents", "list", "--limit", "1")[1]
    assert str(past.welcome) in siyu("intents", "list", "--limit", "1", "--before", past.tags)[0]


def test_a_replay_opens_an_event_for_the_handlers_that_failed(siyu, past):
    assert "open again" in siyu("events", "replay", past.event)[1]
    event = past.ask(lambda database: Inspect(database).event(past.event))
    reactions = past.ask(lambda database: Inspect(database).reactions(past.event))
    assert (event.open, [each.handler for each in reactions]) == (True, ["welcomes.greet"])


def test_a_retry_opens_an_intent_that_ended_badly_and_no_other(siyu, past):
    assert "only dead, refused, late" in siyu("intents", "retry", past.welcome, code=Exit.FAILED)[1]
    before = datetime.now(UTC)
    assert "open again" in siyu("intents", "retry", past.tags, "--within", 5)[1]
    intent = past.ask(lambda database: Inspect(database).intent(past.tags))
    assert intent.status == "open"
    assert timedelta() <= intent.deadline_at - before - timedelta(minutes=5) < timedelta(minutes=1)


def test_what_may_have_been_performed_is_retried_only_anyway(siyu, past):
    async def die(database) -> None:
        siyu_died = NOW + timedelta(days=1)
        await Outbox(database).retry(past.tags, now=NOW, deadline_at=NOW + timedelta(days=9))
        for hours in (0, 1):  # claimed, never finished, and taken over: in doubt
            now = siyu_died + timedelta(hours=hours)
            (order,) = await Outbox(database).claim(1, now=now, lease=LEASE)
        unit = Unit()
        outbox.settle(unit, order, Ending(outcome=Outcome.DEAD), now=now)
        await database.commit(unit)

    past.ask(die)
    assert "--anyway" in siyu("intents", "retry", past.tags, code=Exit.FAILED)[1]
    assert "may have been performed unseen" in siyu("intents", "show", past.tags)[0]
    siyu("intents", "retry", past.tags, "--anyway")
    assert past.ask(lambda database: Inspect(database).intent(past.tags)).status == "open"
