"""Flows are tried by the engine that will run them: what a trial says is what then happens."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.trials.apart import apart
from bot.trials.spec import Spec
from bot.trials.trial import run_trial
from console.flows.trials import TrialFailed
from sop.errors import Invalid
from storage.engine.sql import Statement
from storage.values import decode
from tests.stage import raised

START = datetime(2026, 11, 23, tzinfo=UTC)
FLOW = {
    "name": "新客",
    "entries": [{"kind": "event", "event": "added"}],
    "start": "hello",
    "nodes": {
        "hello": {"kind": "message", "text": "你好", "next": "day"},
        "day": {"kind": "wait", "for": "P1D", "next": "split"},
        "split": {
            "kind": "split",
            "salt": "fixed",
            "arms": [{"name": "a", "next": "a"}, {"name": "b", "next": "b"}],
        },
        "a": {"kind": "message", "text": "A 款"},
        "b": {"kind": "message", "text": "B 款"},
    },
}
SENT = Statement("""
    SELECT d.subject, d.node, d.status, d.reason, c.body FROM deliveries AS d
    JOIN contents AS c ON c.id = d.content_id ORDER BY d.subject, d.id
""")


@pytest.fixture
def backend() -> str:
    """A trial has a store of its own."""
    return "sqlite"


async def test_made_up_customers_come_in_and_get_what_the_flow_says():
    report = await run_trial(Spec(document=FLOW, start=START, days=3, customers=40, staff=4))
    assert report.entered == 40
    assert report.ended == {"flow_finished": 40}
    assert sum(report.sent.values()) == 80
    assert {one.user_id for one in report.load} == {f"staff{number:03}" for number in range(4)}
    first = [line.text for line in report.plans if line.subject == "wm000000"]
    assert first[0] == "你好"
    assert first[1] in ("A 款", "B 款")


async def test_the_progress_goes_on_to_its_end():
    seen: list[float] = []
    await run_trial(Spec(document=FLOW, start=START, days=2, customers=5), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


async def test_what_is_no_flow_is_refused():
    with pytest.raises(Invalid):
        await run_trial(Spec(document={"name": "x"}, start=START))


async def test_a_replay_gives_the_messages_that_the_run_gave(migrated_url):
    async with raised(migrated_url) as stage:
        await stage.serve(wired=True)
        await stage.settled()
        made = await stage.post("flows", {"document": FLOW})
        await stage.post(f"flows/{made['id']}/publish", {"mode": "follow", "edition": made["edition"]})
        begun = stage.now()
        channel = await stage.channel(name="门店", welcome={"text": "欢迎"})
        for _ in range(5):
            stage.scan(channel)
            stage.push(600)

        async def sent(count):
            return len(await stage.database.fetch(SENT)) == count

        await stage.until(lambda: sent(5))
        stage.push(86_400)
        await stage.until(lambda: sent(10))
        rows = await stage.database.fetch(SENT)
        ran = sorted((row["subject"], row["node"], decode(row["body"])["text"]) for row in rows)
        spec = Spec(
            document=FLOW, start=begun - timedelta(minutes=1), days=2, customers=100, mode="replay",
            source=migrated_url, corp_id=stage.corp.id, beat=60,
        )  # fmt: skip
        report = await run_trial(spec)
    assert sorted((line.subject, line.node, line.text) for line in report.plans) == ran


async def test_a_trial_that_comes_to_no_end_in_time_is_given_up(migrated_url):
    attempt = apart(migrated_url, patience=0.01)
    with pytest.raises(TrialFailed, match="too long"):
        await attempt({"document": FLOW, "start": START, "days": 2, "customers": 10})


async def test_a_trial_whose_process_fails_is_given_up():
    attempt = apart("sqlite:////nowhere/siyu.db")
    wanted = {"document": FLOW, "start": START, "days": 2, "customers": 10, "mode": "replay", "corp_id": "ww1"}
    with pytest.raises(TrialFailed, match="exit code"):
        await attempt(wanted)


async def test_a_trial_of_the_api_runs_in_a_process_of_its_own(migrated_url):
    async with raised(migrated_url) as stage:
        await stage.serve(wired=True)
        made = await stage.post("flows", {"document": FLOW})
        report = await stage.post(f"flows/{made['id']}/trials", {"days": 2, "customers": 10})
    assert (report["entered"], report["inside"]) == (10, 0)
    assert sum(day["messages"] for day in report["days"]) == 20
