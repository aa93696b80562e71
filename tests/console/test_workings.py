"""Events, intents, tasks, staff and the overview: looking into the machine, and setting it going again."""

from datetime import timedelta

import pytest

from sop.events import MaterialsDue, Outcome
from sop.intents import Prompt
from sop.tasks import Give
from storage.engine.sql import Unit
from storage.inbox import Arrival, Inbox, close, remember
from storage.outbox import Ending, Outbox, settle
from tests.console import people
from tests.console.conftest import CORP, NOW, REP
from tests.outcomes import note

SOON = timedelta(minutes=1)
XML = (
    "<xml><ToUserName>wwcorp</ToUserName><FromUserName>sys</FromUserName><CreateTime>1777861800</CreateTime>"
    "<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>"
    "<UserID>chen.yu</UserID><ExternalUserID>wm1</ExternalUserID><State>s-1</State>"
    "<WelcomeCode>WELCOMECODE</WelcomeCode></xml>"
)


@pytest.fixture
async def dead(site):
    """An event that one handler has done and another has given up."""
    unit = Unit()
    times = {"occurred_at": NOW, "received_at": NOW, "deadline_at": NOW + SOON}
    arrival = Arrival(
        corp_id=CORP, app="crm", kind="contact_added", lane="customer:wm1", body=XML, origin="callback", **times
    )
    remember(unit, arrival)
    await site.database.commit(unit)
    (claim,) = await Inbox(site.database).claim(1, now=NOW, lease=SOON)
    unit = Unit()
    note(unit, claim, "welcomes.greet", "done", at=NOW)
    note(unit, claim, "tags.mark", "dead", "Refused: 40068", at=NOW)
    close(unit, claim, now=NOW)
    await site.database.commit(unit)
    return str(claim.id)


async def test_an_event_says_what_it_was_and_how_each_handler_fared(site, dead):
    status, event = await site("reviewer", "GET", f"/events/{dead}")
    assert status == 200
    assert event["fields"]["user_id"] == REP
    assert event["fields"]["external_user_id"] == "wm1"
    assert {each["handler"]: each["status"] for each in event["reactions"]} == {
        "welcomes.greet": "done",
        "tags.mark": "dead",
    }
    assert "WELCOMECODE" not in str(event)
    for query in ("?dead=true", "?customer=wm1", "?kind=contact_added"):
        (listed,) = (await site("reviewer", "GET", f"/events{query}"))[1]["items"]
        assert listed["id"] == dead
    assert (await site("reviewer", "GET", "/events?open=true"))[1]["items"] == []


async def test_a_replay_opens_an_event_for_those_who_failed(site, dead):
    assert (await site("reviewer", "POST", f"/events/{dead}/replay"))[0] == 403
    status, event = await site("operator", "POST", f"/events/{dead}/replay")
    assert (status, event["open"]) == (202, True)
    assert site.woken
    (listed,) = (await site("operator", "GET", "/events?open=true"))[1]["items"]
    assert listed == event
    _, shown = await site("operator", "GET", f"/events/{dead}")
    assert [each["handler"] for each in shown["reactions"]] == ["welcomes.greet"]


async def test_an_intent_that_died_is_tried_again_and_no_other(site):
    store = site.store()
    identity = store.intend(Prompt(users=(REP,), text="客户王小明", cause="test"))
    await store.commit()
    status, problem = await site("operator", "POST", f"/intents/{identity}/retry")
    assert (status, problem["detail"]) == (409, "状态为 open 的动作不能重试。")
    (order,) = await Outbox(site.database).claim(1, now=NOW, lease=SOON)
    unit = Unit()
    settle(unit, order, Ending(outcome=Outcome.DEAD, code=81013, reason="no receiver"), now=NOW)
    await site.database.commit(unit)
    _, shown = await site("reviewer", "GET", f"/intents/{identity}")
    assert (shown["status"], shown["reason"], shown["fields"]["users"]) == ("dead", "no receiver", [REP])
    assert "王小明" not in str(shown)
    (listed,) = (await site("operator", "GET", "/intents?status=dead&kind=prompt"))[1]["items"]
    status, again = await site("operator", "POST", f"/intents/{identity}/retry")
    assert (status, again["status"]) == (202, "open")
    assert (await site("operator", "GET", "/intents?status=open"))[1]["items"] == [again]
    assert listed["id"] == again["id"] == str(identity)


async def test_the_overview_counts_a_day_and_a_week(site, dead):
    assert dead
    store = site.store()
    for number, at in enumerate((NOW, NOW, NOW - timedelta(days=3), NOW - timedelta(days=9))):
        store.history.append("added", f"wm{number}", user_id=REP, at=at)
    store.history.append("lost", "wm1", user_id=REP, at=NOW)
    people.greet(store, "wm1", REP)
    store.decide("welcome", "late", "too_late")
    store.announce(MaterialsDue(corp_id=CORP, at=NOW))
    await store.commit()
    _, overview = await site("reviewer", "GET", "/overview")
    assert (overview["today"]["adds"], overview["week"]["adds"], overview["today"]["lost"]) == (2, 3, 1)
    assert overview["welcomes"] == {"wanted": 0, "sent": 1, "skipped": 0, "late": 1, "refused": 0, "dead": 0}
    work = overview["backlog"]
    assert (work["open_events"], work["open_intents"], work["dead_events"], work["dead_intents"]) == (1, 1, 1, 0)
    assert work["oldest_event_at"] == "2026-05-04T02:30:00Z"


async def test_a_rep_ticks_off_their_own_tasks_only(site):
    store = site.store()
    own = store.tasks.give(Give(what="greet", user_id=REP, text="问候王小明", effect="1", due_at=NOW))
    other = store.tasks.give(Give(what="greet", user_id="li.na", text="", effect="2", due_at=NOW))
    await store.commit()
    _, page = await site("rep", "GET", "/tasks")
    assert [(task["id"], task["text"]) for task in page["items"]] == [(str(own), "问候王小明")]
    assert (await site("rep", "POST", f"/tasks/{other}/done"))[0] == 404
    status, done = await site("rep", "POST", f"/tasks/{own}/done")
    assert (status, done["status"]) == (200, "done")
    assert (await site("operator", "GET", "/tasks?status=open"))[1]["items"][0]["id"] == str(other)
    _, page = await site("reviewer", "GET", "/tasks?status=done")
    assert page["items"] == [{**done, "text": ""}]


async def test_a_member_is_shown_with_their_day(site):
    store = site.store()
    people.add_staff(store, REP, "li.na")
    people.add_customer(store, "wm1", name="王小明")
    await people.relate(store, "wm1", REP)
    store.history.append("lost", "wm2", user_id=REP, at=NOW - timedelta(days=1))
    store.tasks.give(Give(what="greet", user_id=REP, text="", effect="1", due_at=NOW))
    await store.commit()
    _, member = await site("rep", "GET", f"/staff/{REP}")
    assert (member["name"], member["customers"]) == (f"员工{REP}", 1)
    assert member["today"] == {"added": 1, "lost": 0, "removed": 0, "open_tasks": 1}
    assert (await site("rep", "GET", "/staff/li.na"))[0] == 404
    assert [each["user_id"] for each in (await site("rep", "GET", "/staff"))[1]["items"]] == [REP]
    assert len((await site("operator", "GET", "/staff"))[1]["items"]) == 2


async def test_who_reacts_to_what_is_told(site):
    _, table = await site("operator", "GET", "/reactions")
    assert table["kinds"] == [{"kind": "contact_added", "handlers": ["customers.record", "welcomes.greet"]}]
