"""Mailings and messages over the API: how each stands and why, what can be done about it, what it asks of members."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sop.deliveries import Content, Message
from sop.deliveries.mailings import Status
from sop.policy import Delay, Send, Skip
from sop.policy.causes import OPTED_OUT
from tests.console import people
from tests.console.conftest import REP

OTHER = "li.na"


def word(subject, user_id, *, at, text="新品到店", **about):
    about = {"origin": "broadcast", "origin_id": 5, **about}
    effect = f"{about['origin_id']}:{subject}:{text}"
    return Message(
        kind="single", subject=subject, user_id=user_id, content=Content(text=text), effect=effect, due_at=at, **about
    )


@pytest.fixture
async def sent(site):
    """A mailing of the rep with one customer sent to and one left, another member's, and what is planned or not."""
    store = site.store()
    people.add_staff(store, REP, OTHER)
    for customer, user_id in {"wm1": REP, "wm2": REP, "wm3": OTHER}.items():
        people.add_customer(store, customer, name=f"客户{customer}")
        await people.relate(store, customer, user_id)
    at = store.now
    store.deliveries.plan([(word(each, REP, at=at), Send(), 1) for each in ("wm1", "wm2")])
    store.deliveries.plan([(word("wm3", OTHER, at=at), Send(), 1)])
    await store.commit()
    store = site.store()
    due = await store.deliveries.gathering.due("broadcast", 5, most=10)
    await store.deliveries.gathering.place("broadcast", 5, due, mailings=10)
    await store.commit()
    store = site.store()
    for mailing in await store.deliveries.mailings.page():
        store.deliveries.results.meet(mailing.id, {mailing.user_id: None})
        made = replace(mailing, status=Status.MADE, msg_id=f"m{mailing.id}", made_at=at)
        store.deliveries.mailings.move(made)
    tomorrow = Delay(at + timedelta(days=1), "quiet_hours")
    store.deliveries.plan(
        [
            (word("wm1", REP, at=at, text="第二条"), tomorrow, 2),
            (word("wm2", REP, at=at, text="第二条"), Skip(OPTED_OUT), 2),
        ]
    )
    await store.commit()
    site.mailings = {each.user_id: each.id for each in await site.store().deliveries.mailings.page()}
    return site


async def test_a_mailing_shows_how_far_it_has_come(sent):
    _, shown = await sent("operator", "GET", f"/mailings/{sent.mailings[REP]}")
    assert (shown["status"], shown["count"], shown["content"]["text"]) == ("made", 2, "新品到店")
    assert shown["recipients"] == [{"status": "tasked", "reason": None, "count": 2}]
    assert (shown["confirmed"], shown["unconfirmed"]) == (0, 1)
    _, page = await sent("operator", "GET", f"/mailings/{shown['id']}/deliveries")
    assert {one["subject"] for one in page["items"]} == {"wm1", "wm2"}
    _, page = await sent("operator", "GET", f"/mailings/{shown['id']}/members")
    assert page["items"] == [{"user_id": REP, "open": True, "confirmed_at": None}]


async def test_a_customer_can_be_asked_why_a_message_came_or_did_not(sent):
    _, page = await sent("operator", "GET", "/customers/wm2/deliveries")
    assert [(one["status"], one["reason"] and one["reason"]["code"]) for one in page["items"]] == [
        ("skipped", OPTED_OUT),
        ("tasked", None),
    ]
    assert page["items"][0]["reason"]["zh"]
    _, page = await sent("operator", "GET", "/customers/wm1/timeline")
    told = [(one["what"], one["verdict"], one["rule"]) for one in page["items"] if one["source"] == "delivery"]
    assert told == [("message", "planned", "broadcast:5"), ("message", "tasked", "broadcast:5")]
    _, page = await sent("operator", "GET", "/deliveries?origin=broadcast&origin_id=5&status=skipped")
    (skipped,) = page["items"]
    _, one = await sent("operator", "GET", f"/deliveries/{skipped['id']}")
    assert (one["subject"], one["content"]["text"]) == ("wm2", "第二条")


async def test_members_see_their_own_and_change_nothing(sent):
    _, page = await sent("rep", "GET", "/mailings")
    assert [one["user_id"] for one in page["items"]] == [REP]
    assert (await sent("rep", "GET", f"/mailings/{sent.mailings[OTHER]}"))[0] == 404
    assert (await sent("rep", "POST", f"/mailings/{sent.mailings[REP]}/remind"))[0] == 403
    _, work = await sent("rep", "GET", "/workload")
    assert [one["user_id"] for one in work["items"]] == [REP]
    assert (await sent("rep", "POST", "/workload/preview", {"recipients": {OTHER: 3}}))[0] == 403


async def test_a_mailing_is_called_off_reminded_of_and_read_in_its_turn(sent):
    path = f"/mailings/{sent.mailings[REP]}"
    for what in ("remind", "refresh", "cancel"):
        assert (await sent("operator", "POST", f"{path}/{what}"))[0] == 202
    assert (await sent("operator", "GET", path))[1]["ending"] == "cancelled"
    store = sent.store()
    mailing = await store.deliveries.mailings.get(sent.mailings[REP])
    store.deliveries.mailings.move(replace(mailing, status=Status.ENDED))
    await store.commit()
    assert (await sent("operator", "POST", f"{path}/remind"))[0] == 409


async def test_what_members_have_to_confirm_is_forecast_day_by_day(sent):
    _, work = await sent("operator", "GET", "/workload?days=3")
    by_member = {one["user_id"]: one for one in work["items"]}
    assert (by_member[REP]["waiting"], by_member[OTHER]["waiting"]) == (1, 1)
    assert by_member[REP]["planned"] == [{"day": "2026-05-05", "confirmations": 1, "recipients": 1}]
    wanted = {"day": "2026-05-05", "messages": 2, "recipients": {REP: 10_001, OTHER: 4}}
    _, forecast = await sent("operator", "POST", "/workload/preview", wanted)
    assert forecast["items"] == [
        {"user_id": REP, "before": 1, "added": 4},
        {"user_id": OTHER, "before": 0, "added": 2},
    ]


async def test_the_pace_is_changed_in_parts_and_keeps_within_reason(site):
    status, pace = await site("operator", "PATCH", "/settings/mailings", {"remind_hours": [2], "end_days": 3})
    assert (status, pace["remind_hours"], pace["end_days"], pace["escalate_hours"]) == (200, [2], 3, 72)
    assert (await site("operator", "GET", "/settings/mailings"))[1] == pace
    assert (await site("operator", "PATCH", "/settings/mailings", {"proof_minutes": 1}))[0] == 422
    assert (await site("rep", "PATCH", "/settings/mailings", {"end_days": 3}))[0] == 403
