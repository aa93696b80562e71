"""Business events over the API: each once, each judged by itself, and on disk before it is answered."""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta

import jsonschema_rs
import pytest

from console.feed.shapes import MOST
from sop.fields import digest
from tests.console import people
from tests.console.conftest import NOW, REP

PAID = {"name": "order_paid", "key": "o1", "external_user_id": "wm1", "data": {"order_id": "o1", "amount": 99.5}}


@pytest.fixture
async def shop(site):
    store = site.store()
    people.add_staff(store, REP)
    people.add_customer(store, "wm1", name="王小明")
    await people.relate(store, "wm1", REP)
    await store.commit()
    phone = {"name": "phone", "kind": "text", "personal": True, "unique": True}
    assert (await site("operator", "POST", "/fields", phone))[0] == 201
    assert (await site("operator", "PATCH", "/customers/wm1/fields", {"values": {"phone": "138 0013 8000"}}))[0] == 200
    return site


async def tell(site, *events, role="integration"):
    status, answer = await site(role, "POST", "/events", {"events": list(events)})
    assert status == 200, answer
    return [(each["key"], each["status"]) for each in answer["events"]]


async def why(site, event) -> dict[str, str]:
    _, answer = await site("integration", "POST", "/events", {"events": [event]})
    (outcome,) = answer["events"]
    assert outcome["status"] == "refused", outcome
    assert all(fault["zh"] and fault["en"].isascii() for fault in outcome["errors"]), outcome
    return {fault["field"]: fault["en"] for fault in outcome["errors"]}


async def timeline(site, customer="wm1"):
    _, page = await site("operator", "GET", f"/customers/{customer}/timeline")
    return [entry for entry in page["items"] if entry["what"] not in {"field_changed", "added"}]


async def test_an_event_is_in_the_customers_history(shop):
    assert await tell(shop, PAID) == [("o1", "taken")]
    (entry,) = await timeline(shop)
    assert (entry["what"], entry["facts"], entry["source"]) == ("order_paid", PAID["data"], "history")
    assert datetime.fromisoformat(entry["at"]) == NOW


async def test_an_event_told_twice_is_one(shop):
    assert await tell(shop, PAID, PAID) == [("o1", "taken"), ("o1", "known")]
    assert await tell(shop, {**PAID, "data": {"order_id": "other"}}) == [("o1", "known")]
    assert await tell(shop, {**PAID, "name": "order_shipped"}) == [("o1", "taken")]  # another event of the same order
    assert len(await timeline(shop)) == 2


async def test_one_bad_event_does_not_lose_the_others(shop):
    bad = [{"name": "order_paid"}, 7, None, {**PAID, "key": "o2", "amount": 5}, {**PAID, "key": "o3", "data": {}}]
    said = await tell(shop, bad[0], PAID, *bad[1:], {**PAID, "key": "o4"})
    assert [status for _, status in said] == ["refused", "taken", *["refused"] * 4, "taken"]
    assert [key for key, _ in said] == [None, "o1", None, None, "o2", "o3", "o4"]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"key": ""}, "key", "at least 1"),
        ({"key": None}, "key", "text"),
        ({"name": "order_payed"}, "name", "did you mean order_paid?"),
        ({"name": "added"}, "name", "the system's own"),
        ({"name": "field_changed"}, "name", "the system's own"),
        ({"name": "Order Paid"}, "name", "lowercase"),
        ({"data": {"order_id": 7}}, "data.order_id", "must be a text"),
        ({"data": {"order_id": "o", "amount": "99"}}, "data.amount", "must be a number"),
        ({"data": {"order_id": "x" * 17000}}, "data", "16384"),
        ({"data": {"order_id": "a\0b"}}, "data", "NUL"),
        ({"data": {"order_id": "o", "amount": 10**30}}, "data", "2**53"),
        ({"at": "2026-05-05T00:00:00Z"}, "at", "future"),
        ({"at": "2026-05-04T00:00:00"}, "at", "time zone"),
        ({"at": "1999-05-04T00:00:00Z"}, "at", "2000"),
        ({"external_user_id": None}, "external_user_id", "in one way"),
        ({"unionid": "union-wm1"}, "external_user_id", "in one way"),
        ({"external_user_id": None, "field": "phone"}, "external_user_id", "in one way"),
        ({"external_user_id": None, "field": "stage", "value": "new"}, "field", "no unique field"),
        ({"external_user_id": None, "field": "phone", "sha256": "12"}, "sha256", "does not match"),
        ({"externaluserid": "wm1"}, "externaluserid", "did you mean external_user_id"),
    ],
)
async def test_what_is_wrong_with_an_event_is_told_with_the_field(shop, change, field, said):
    event = {name: value for name, value in {**PAID, **change}.items() if value is not None or name == "key"}
    faults = await why(shop, event)
    assert said in faults[field], faults
    assert await timeline(shop) == []


@pytest.mark.parametrize(
    "who",
    [
        {"unionid": "union-wm1"},
        {"field": "phone", "value": "+86 13800138000"},
        {"field": "phone", "sha256": digest("13800138000").upper()},
    ],
)
async def test_a_customer_is_told_by_what_others_know_of_them(shop, who):
    event = {name: value for name, value in PAID.items() if name != "external_user_id"}
    assert await tell(shop, event | who) == [("o1", "taken")]
    assert len(await timeline(shop)) == 1


async def test_the_event_of_a_stranger_waits_and_is_known_when_told_again(shop):
    event = {**PAID, "external_user_id": "wm9"}
    assert await tell(shop, event) == [("o1", "parked")]
    assert await tell(shop, event) == [("o1", "known")]
    _, page = await shop("reviewer", "GET", "/parked-events")
    assert [(each["effect"], each["known_by"]) for each in page["items"]] == [("own:order_paid:o1", "external_user_id")]


async def test_strangers_are_refused_where_the_settings_say_so(shop):
    assert (await shop("operator", "PATCH", "/settings", {"unknown_customers": "refuse"}))[0] == 200
    assert await why(shop, {**PAID, "external_user_id": "wm9"}) == {"external_user_id": "There is no such customer"}


async def test_undeclared_events_are_taken_where_the_settings_say_so(shop):
    strange = {**PAID, "name": "coupon_used", "data": {"anything": [1, {"deep": True}]}}
    assert "name" in await why(shop, strange)
    assert (await shop("operator", "PATCH", "/settings", {"undeclared_events": "take"}))[0] == 200
    assert await tell(shop, strange) == [("o1", "taken")]
    assert (await timeline(shop))[0]["facts"] == strange["data"]


async def test_a_declared_kind_is_held_to_and_published_as_a_json_schema(shop):
    kind = {
        "name": "form.filled",
        "zh": "填写表单",
        "fields": [
            {"name": "form", "kind": "text", "needed": True},
            {"name": "day", "kind": "date"},
            {"name": "when", "kind": "time"},
            {"name": "answers", "kind": "list"},
        ],
    }
    status, shown = await shop("operator", "POST", "/event-types", kind)
    assert (status, shown["standard"]) == (201, False)
    _, read = await shop("integration", "GET", "/event-types/form.filled")
    schema = jsonschema_rs.validator_for(read["json_schema"], validate_formats=True)
    good = {"form": "a", "day": "2026-05-01", "when": "2026-05-01T09:30:00+08:00", "answers": [1], "more": 7}
    bad = [{}, {"form": 7}, {"form": "a", "day": "2026-02-30"}, {"form": "a", "when": "x"}, {"form": "a", "answers": 1}]
    assert schema.is_valid(good)
    assert await tell(shop, {**PAID, "name": "form.filled", "data": good}) == [("o1", "taken")]
    for number, data in enumerate(bad):
        assert not schema.is_valid(data)
        event = {**PAID, "name": "form.filled", "key": f"b{number}", "data": data}
        assert await tell(shop, event) == [(f"b{number}", "refused")]
    assert (await shop("operator", "POST", "/event-types", kind))[0] == 422
    assert (await shop("operator", "PATCH", "/event-types/form.filled", {"enabled": False}))[0] == 200
    assert await why(shop, {**PAID, "name": "form.filled", "data": good}) == {"name": "is switched off"}
    assert (await shop("operator", "DELETE", "/event-types/form.filled"))[0] == 204
    assert (await shop("operator", "DELETE", "/event-types/order_paid"))[0] == 409
    assert (await shop("operator", "POST", "/event-types", {"name": "tagged"}))[0] == 422


async def test_another_system_may_tell_and_nothing_else(shop):
    for method, path, body in (
        ("GET", "/events", None),
        ("GET", "/customers", None),
        ("GET", "/customers/wm1", None),
        ("PATCH", "/customers/wm1/fields", {"values": {"score": 1}}),
        ("POST", "/event-types", {"name": "x"}),
        ("GET", "/parked-events", None),
    ):
        assert (await shop("integration", method, path, body))[0] == 403, path
    for role, status in (("admin", 200), ("operator", 200), ("reviewer", 403), ("rep", 403), ("leader", 403)):
        assert (await shop(role, "POST", "/events", {"events": [PAID]}))[0] == status, role
    assert (await shop("admin", "GET", "/events"))[0] == 200  # what arrived, as before
    made = {"name": "shop", "role": "integration"}
    assert (await shop("admin", "POST", "/tokens", made))[0] == 201


async def test_a_batch_is_of_one_to_a_thousand(shop):
    many = [{**PAID, "key": f"o{number}"} for number in range(MOST + 1)]
    assert (await shop("integration", "POST", "/events", {"events": many}))[0] == 422
    assert (await shop("integration", "POST", "/events", {"events": []}))[0] == 422
    said = await tell(shop, *many[:MOST])
    assert {status for _, status in said} == {"taken"}
    assert len(said) == MOST


async def test_what_happened_long_ago_counts_and_begins_nothing(shop):
    old, fresh = NOW - timedelta(days=3), NOW - timedelta(days=1)
    at = [{**PAID, "key": each.isoformat(), "at": each.isoformat()} for each in (old, fresh)]
    assert [status for _, status in await tell(shop, *at)] == ["taken", "taken"]
    assert [datetime.fromisoformat(entry["at"]) for entry in await timeline(shop)] == [fresh, old]


async def test_the_same_batch_at_once_is_taken_once(shop):
    batches = [{"events": [{**PAID, "key": f"o{number}"} for number in range(50)]} for _ in range(2)]
    answers = await asyncio.gather(*(shop("integration", "POST", "/events", batch) for batch in batches))
    assert [status for status, _ in answers] == [200, 200]
    assert sorted((answer["taken"], answer["known"]) for _, answer in answers) == [(0, 50), (50, 0)]


@pytest.mark.parametrize("seed", range(3))
async def test_however_events_are_repeated_mixed_and_sent_at_once_each_is_taken_once(shop, seed):
    dice = random.Random(seed)
    customers = ["wm1", "wm8", "wm9"]  # two of them nobody knows
    events = [{**PAID, "key": f"o{number}", "external_user_id": dice.choice(customers)} for number in range(30)]
    told = [dice.choice(events) for _ in range(200)] + events
    dice.shuffle(told)
    batches = [told[start : start + 60] for start in range(0, len(told), 60)]
    answers = await asyncio.gather(*(tell(shop, *batch) for batch in batches))
    fates = Counter(said for answer in answers for said in answer)
    for event in events:
        first = "taken" if event["external_user_id"] == "wm1" else "parked"
        assert fates[event["key"], first] == 1
        assert fates[event["key"], "known"] == sum(each is event for each in told) - 1
    ours = [event["key"] for event in events if event["external_user_id"] == "wm1"]
    assert len(await timeline(shop)) == len(ours)
