"""Broadcasts over the API: written, approved, steered, looked at, and who may do and see what."""

import pytest

from sop.broadcasts.states import RunStatus
from sop.broadcasts.turns import Turn
from sop.deliveries import Content, Message
from sop.policy import Send
from sop.reasons import Skip
from storage.engine.sql import Statement
from storage.tokens import Tokens
from tests.console import people
from tests.console.conftest import LEADER, NOW, REP

_DELIVERIES = Statement("SELECT 1 FROM deliveries")
PICTURE = {"kind": "image", "material": "7"}
DOCUMENT = {"name": "节日问候", "audience": {"everyone": True}, "contents": [{"text": "{customer}，节日快乐"}]}


@pytest.fixture
async def crowd(site):
    """Three customers: of the rep, of the leader, of both."""
    store = site.store()
    for external_user_id in ("wm1", "wm2", "wm3"):
        people.add_customer(store, external_user_id, name=f"张三{external_user_id}")
    for external_user_id, user_id in (("wm1", REP), ("wm2", LEADER), ("wm3", REP), ("wm3", LEADER)):
        await people.relate(store, external_user_id, user_id)
    await store.commit()
    return site


async def write(site, role="operator", **about):
    status, answer = await site(role, "POST", "/broadcasts", {"document": {**DOCUMENT, **about}})
    assert status == 201, answer
    return answer


async def do(site, card, deed, role="operator", body=None, *, status=200):
    found, answer = await site(role, "POST", f"/broadcasts/{card['id']}/{deed}", body)
    assert found == status, answer
    return answer


async def second(site, name):
    """Another token of the same role."""
    site.tokens[name] = await Tokens(site.database).create("operator", name=name, now=NOW)
    return name


async def test_a_broadcast_is_written_read_changed_copied_and_removed(crowd):
    card = await write(crowd)
    assert (card["status"], card["document"]["name"], card["edition"]) == ("draft", "节日问候", 1)
    changed = {"document": {**DOCUMENT, "name": "中秋"}, "edition": 1}
    status, answer = await crowd("operator", "PUT", f"/broadcasts/{card['id']}", changed)
    assert (status, answer["name"], answer["edition"]) == (200, "中秋", 2)
    assert [act["what"] for act in answer["acts"]] == ["created", "edited"]
    assert (await crowd("operator", "PUT", f"/broadcasts/{card['id']}", changed))[0] == 409
    copy = await do(crowd, card, "copy", body={"name": "又一次"}, status=201)
    assert (copy["name"], copy["document"]["contents"]) == ("又一次", DOCUMENT["contents"])
    status, page = await crowd("operator", "GET", "/broadcasts?status=draft")
    assert [item["name"] for item in page["items"]] == ["又一次", "中秋"]
    assert (await crowd("operator", "DELETE", f"/broadcasts/{copy['id']}"))[0] == 204
    assert (await crowd("operator", "GET", f"/broadcasts/{copy['id']}"))[0] == 404


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"audience": {"tags": ["et9"]}}, "audience.tags"),
        ({"audience": {"segments": ["9"]}}, "audience.segments"),
        ({"audience": {"everyone": True, "exclude": {"broadcasts": ["9"]}}}, "audience.exclude.broadcasts"),
        ({"audience": {"everyone": True, "exclude": {"flows": ["99999999999999999999"]}}}, "audience.exclude.flows"),
        ({"kind": "groups", "audience": {"tags": ["7"]}, "contents": [{"text": "x"}]}, "audience.tags"),
        ({"contents": [{"attachments": [PICTURE]}]}, "contents.0.attachments.0.material"),
        ({"topic": "moon"}, "topic"),
        ({"contents": [{"text": "{staff}"}]}, "contents.0.text"),
        ({"audience": {"subjects": ["a\u0000b"]}}, "audience.subjects"),
        ({"kind": "groups", "audience": {"chats": {"since": "0001-01-01T00:00:00Z"}}}, "audience.chats.since"),
    ],
)  # fmt: skip
async def test_what_does_not_exist_or_cannot_be_is_named(crowd, about, field):
    await tagged(crowd)
    status, answer = await crowd("operator", "POST", "/broadcasts", {"document": {**DOCUMENT, **about}})
    assert status == 422
    assert field in {error["field"] for error in answer["errors"]}


async def tagged(site):
    store = site.store()
    people.add_tags(store)
    await store.commit()


async def test_who_may_read_write_and_approve(crowd):
    card = await write(crowd)
    body = {"document": DOCUMENT}
    assert [(await crowd(role, "POST", "/broadcasts", body))[0] for role in ("reviewer", "rep", "leader")] == [403] * 3
    assert [(await crowd(role, "GET", "/broadcasts"))[0] for role in ("reviewer", "rep")] == [200, 403]
    assert (await crowd("operator", "PUT", "/broadcasts/approval", {"above": 1}))[0] == 403
    assert (await crowd("reviewer", "POST", f"/broadcasts/{card['id']}/start"))[0] == 403


async def test_two_have_to_approve_neither_of_whom_wrote_it(crowd):
    status, rule = await crowd("admin", "PUT", "/broadcasts/approval", {"above": 3, "approvers": 2})
    assert (status, rule) == (200, {"above": 3, "approvers": 2})
    card = await write(crowd)
    refused = await do(crowd, card, "start", status=409)
    assert "2" in refused["detail"]
    waiting = await do(crowd, card, "submit", body={"note": "请看"})
    assert (waiting["status"], waiting["size"], waiting["approvers"]) == ("waiting", 3, 2)
    other = await second(crowd, "other")
    meant = {"edition": 1, "note": "好"}
    await do(crowd, card, "approve", body=meant, status=422)  # the author
    assert (await do(crowd, card, "approve", "reviewer", meant))["status"] == "waiting"
    await do(crowd, card, "approve", "reviewer", meant, status=422)  # twice
    approved = await do(crowd, card, "approve", other, meant)
    assert (approved["status"], approved["approved"]) == ("approved", 2)
    assert [act["what"] for act in approved["acts"]] == ["created", "submitted", "approved", "approved"]
    begun = await do(crowd, card, "start")
    assert begun["status"] == "scheduled"


async def test_an_edit_after_approval_needs_approval_anew(crowd):
    await crowd("admin", "PUT", "/broadcasts/approval", {"above": 0})
    card = await write(crowd, cron={"expression": "0 9 * * *"})
    await do(crowd, card, "submit")
    await do(crowd, card, "approve", "reviewer", {"edition": 1})
    begun = await do(crowd, card, "start")
    assert begun["next_at"] == "2026-05-05T01:00:00Z"
    changed = {"document": {**DOCUMENT, "cron": {"expression": "0 8 * * *"}}, "edition": 1}
    status, answer = await crowd("operator", "PUT", f"/broadcasts/{card['id']}", changed)
    assert (status, answer["status"], answer["next_at"]) == (200, "draft", None)
    await do(crowd, card, "start", status=409)
    await do(crowd, card, "submit")
    await do(crowd, card, "approve", "reviewer", {"edition": 1}, status=409)  # not what it says now
    rejected = await do(crowd, card, "reject", "reviewer", {"edition": 2, "note": "太早"})
    assert (rejected["status"], rejected["acts"][-1]["note"]) == ("rejected", "太早")
    assert (await do(crowd, card, "submit"))["status"] == "waiting"


async def test_a_small_audience_needs_nobody(crowd):
    await crowd("admin", "PUT", "/broadcasts/approval", {"above": 4})
    card = await write(crowd)
    assert (await do(crowd, card, "submit"))["status"] == "approved"
    assert (await do(crowd, card, "start"))["status"] == "scheduled"


async def test_a_broadcast_is_paused_resumed_and_called_off(crowd):
    card = await write(crowd, once={"at": "2026-05-05T09:00:00"})
    begun = await do(crowd, card, "start")
    assert (begun["status"], begun["next_at"]) == ("scheduled", "2026-05-05T01:00:00Z")
    assert "2026-05-05" in begun["sentence"]
    assert (await do(crowd, card, "pause"))["status"] == "paused"
    await do(crowd, card, "pause", status=409)
    assert (await do(crowd, card, "resume"))["status"] == "scheduled"
    assert (await do(crowd, card, "remind"))["mailings"] == 0
    cancelled = await do(crowd, card, "cancel", body={"note": "改期"})
    assert (cancelled["status"], cancelled["next_at"]) == ("cancelled", None)
    assert (await crowd("operator", "DELETE", f"/broadcasts/{card['id']}"))[0] == 409


async def test_a_time_that_has_passed_is_not_waited_for(crowd):
    card = await write(crowd, once={"at": "2026-05-03T09:00:00"})
    answer = await do(crowd, card, "start", status=409)
    assert "时间已过" in answer["detail"]


async def test_the_audience_is_counted_and_shown_veiled_to_who_may_not_see_people(crowd):
    card = await write(crowd)
    for role, name in (("operator", "张三wm1"), ("reviewer", "张**")):
        status, answer = await crowd(role, "GET", f"/broadcasts/{card['id']}/sample?limit=2")
        assert (status, answer["size"], len(answer["items"])) == (200, 3, 2)
        assert answer["items"][0] == {"subject": "wm1", "name": name}


async def test_the_forecast_tells_tasks_loads_and_who_is_left_out(crowd):
    store = crowd.store()
    await store.policy.consents.say("wm1", "marketing", given=False, by="test")
    await store.commit()
    card = await write(crowd, sender={"by": "owner", "rule": "members", "members": [LEADER]}, contents=[{"text": "x"}])
    status, answer = await crowd("reviewer", "GET", f"/broadcasts/{card['id']}/forecast")
    assert (status, answer["size"], answer["exact"], answer["messages"], answer["mailings"]) == (200, 3, True, 2, 1)
    assert answer["loads"] == [{"user_id": LEADER, "day": "2026-05-04", "confirmations": 1, "waiting": 0}]
    assert [(each["reason"]["code"], each["count"]) for each in answer["skipped"]] == [("no_sender", 1)]
    every = await write(crowd, sender={"by": "every"}, days=2)
    _, answer = await crowd("operator", "GET", f"/broadcasts/{every['id']}/forecast")
    assert (answer["messages"], [each["reason"]["code"] for each in answer["skipped"]]) == (3, ["opted_out"])
    assert sum(each["count"] for each in answer["days"]) == 3
    assert await crowd.database.fetch(_DELIVERIES) == []


async def test_a_preview_shows_what_somebody_would_get_and_what_the_gate_says(crowd):
    card = await write(crowd, sender={"by": "every"}, contents=[{"text": "{customer}，我是{staff}，{date}"}])
    status, answer = await crowd("operator", "POST", f"/broadcasts/{card['id']}/preview", {"subject": "wm3"})
    assert status == 200
    assert [item["user_id"] for item in answer["items"]] == [REP, LEADER]
    assert answer["items"][0]["text"].startswith("张三wm3，我是")
    assert (answer["items"][0]["verdict"], answer["items"][0]["bytes"] > 20) == ("send", True)
    _, hidden = await crowd("reviewer", "POST", f"/broadcasts/{card['id']}/preview", {"subject": "wm3"})
    assert hidden["items"][0]["text"].startswith("张**，")
    _, gone = await crowd("operator", "POST", f"/broadcasts/{card['id']}/preview", {"subject": "wm9"})
    assert [(item["verdict"], item["reason"]["code"]) for item in gone["items"]] == [("skip", "no_sender")]


async def test_a_run_is_asked_for_by_its_number(crowd):
    card = await write(crowd)
    assert (await crowd("operator", "GET", f"/broadcasts/{card['id']}/runs/1"))[0] == 404
    status, page = await crowd("operator", "GET", f"/broadcasts/{card['id']}/runs")
    assert (status, page["items"]) == (200, [])
    answer = await do(crowd, card, "runs/1/promote", body={"variant": "a"}, status=409)
    assert "试发" in answer["detail"]


async def test_a_leader_reads_the_numbers_of_their_own_and_no_others(crowd):
    card = await write(crowd)
    store = crowd.store()
    found = await store.broadcasts.get(int(card["id"]))
    run = store.broadcasts.runs.add(found.id, found.broadcast, Turn(NOW), number=1, status=RunStatus.SENDING)
    store.deliveries.plan(
        [(message(run.id, "wm2", LEADER), Send(), 1), (message(run.id, "wm1", "li.na"), Skip("holdout"), 1)]
    )
    await store.commit()
    place = f"/broadcasts/{card['id']}/runs/1"
    seen = {}
    for role in ("operator", "leader"):
        _, answer = await crowd(role, "GET", place)
        _, members = await crowd(role, "GET", f"{place}/members")
        _, rows = await crowd(role, "GET", f"{place}/messages?limit=1")
        seen[role] = answer["funnel"]["targeted"], [each["user_id"] for each in members["items"]], rows
    assert seen["operator"][:2] == (2, ["li.na", LEADER] if LEADER > "li.na" else [LEADER, "li.na"])
    assert seen["leader"][:2] == (1, [LEADER])
    assert [each["subject"] for each in seen["leader"][2]["items"]] == ["wm2"]
    assert seen["operator"][2]["next"]
    _, following = await crowd("operator", "GET", f"{place}/messages?limit=1&after={seen['operator'][2]['next']}")
    assert (len(following["items"]), following["next"]) == (1, None)
    assert (await crowd("rep", "GET", place))[0] == 403


def message(run_id, subject, user_id):
    return Message(
        kind="single", subject=subject, user_id=user_id, content=Content(text="x"), origin="broadcast",
        origin_id=run_id, effect=f"{run_id}:{subject}", due_at=NOW,
    )  # fmt: skip
