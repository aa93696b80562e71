"""Operators try transfers out, begin and follow them, offer the misses again; leaders do so within their scope."""

from datetime import timedelta

import pytest

from sop.relations import Deed, Fact
from sop.staff import Department, Member
from sop.transfers import State
from sop.transfers.takers import Given
from storage.transfers.unassigned import Orphan
from tests.console import people
from tests.console.conftest import LEADER, NOW, REP


@pytest.fixture
async def company(site):
    """Chen and lin in the leader's department, xu in another; chen has three customers, one handed over twice."""
    store = site.store()
    members = [Member(user_id=one, departments=(1,), contactable=True) for one in (REP, "lin", LEADER)]
    members += [Member(user_id="xu", departments=(2,), contactable=True), Member(user_id="gone", active=False)]
    await store.staff.replace(members, [Department(id=1, leaders=(LEADER,)), Department(id=2)], at=NOW)
    for number in range(3):
        people.add_customer(store, f"wm{number}", name=f"王{number}")
    people.add_tags(store)
    await store.commit()
    for number in range(3):
        store = site.store()
        fact = Fact(deed=Deed.ADDED, at=NOW + timedelta(seconds=number))
        await store.relations.record(f"wm{number}", REP, fact=fact)
        await store.commit()
    return site


def wanted(*takers, **more):
    return {"handover": REP, "takers": [{"user_id": one} for one in takers], **more}


async def begin(site, *takers, role="operator", **more):
    status, transfer = await site(role, "POST", "/transfers", wanted(*takers, **more))
    assert status == 201, transfer
    return transfer


async def settle(site, transfer, **states):
    """Let the job have planned and asked, and WeCom have answered."""
    store = site.store()
    stored = await store.transfers.get(int(transfer["id"]))
    store.rides.plan(stored, [Given(subject, "lin") for subject in states])
    store.rides.ask(stored.id, list(states))
    await store.commit()
    for ride in await site.store().rides.page(stored.id):
        store = site.store()
        store.rides.move(ride, State(states[ride.subject]), code=40128, at=NOW)
        await store.commit()


async def test_a_preview_says_who_gets_whom_and_who_is_left_out(company):
    for _ in range(2):
        await settle(company, await begin(company, "lin"), wm0="done")
    body = wanted("lin", "xu", which={"subjects": ["wm0", "wm1", "wm2", "wm9"]})
    status, shown = await company("operator", "POST", "/transfers/preview", body)
    assert status == 200
    assert [(share["user_id"], share["count"]) for share in shown["shares"]] == [("lin", 1), ("xu", 1)]
    assert {each["reason"]["code"]: each["samples"] for each in shown["left_out"]} == {
        "limit_90_days": ["wm0"], "not_follower": ["wm9"],
    }  # fmt: skip
    assert shown["total"] == 4


async def test_capacity_limits_a_taker(company):
    await company("operator", "PATCH", "/settings", {"transfer_capacity": {"lin": 1}})
    _, shown = await company("operator", "POST", "/transfers/preview", wanted("lin"))
    assert [(share["capacity"], share["count"]) for share in shown["shares"]] == [(1, 1)]
    assert [(each["reason"]["code"], each["count"]) for each in shown["left_out"]] == [("taker_full", 2)]


async def test_a_transfer_is_begun_and_shown(company):
    transfer = await begin(company, "lin", "xu", mode="weighted", message="您好")
    assert (transfer["handover"], transfer["resigned"], transfer["mode"]) == (REP, False, "weighted")
    status, job = await company("operator", "GET", f"/jobs/{transfer['job_id']}")
    assert (status, job["kind"], job["parts"]) == (200, "transfer", 3)
    await settle(company, transfer, wm0="waiting", wm1="failed")
    _, shown = await company("reviewer", "GET", f"/transfers/{transfer['id']}")
    assert (shown["counts"], shown["open"]) == ({"waiting": 1, "failed": 1}, 1)
    assert shown["by_taker"] == {"lin": {"waiting": 1, "failed": 1}}
    _, page = await company("reviewer", "GET", f"/transfers/{transfer['id']}/customers", params={"limit": "1"})
    (first,) = page["items"]
    assert (first["subject"], first["name"], first["reason"]["code"]) == ("wm0", "王**", "transfer_asked")
    _, page = await company("operator", "GET", f"/transfers/{transfer['id']}/customers", params={"after": page["next"]})
    assert [(one["name"], one["state"], one["code"]) for one in page["items"]] == [("王1", "failed", 40128)]
    _, page = await company("operator", "GET", "/transfers")
    assert [one["id"] for one in page["items"]] == [transfer["id"]]
    assert (await company("operator", "GET", "/transfers/7"))[0] == 404


async def test_the_misses_are_offered_to_others(company):
    transfer = await begin(company, "lin")
    await settle(company, transfer, wm0="refused", wm1="done")
    status, again = await company(
        "operator", "POST", f"/transfers/{transfer['id']}/reoffer", {"takers": [{"user_id": "xu"}]}
    )
    assert (status, again["source_id"], again["handover"]) == (201, transfer["id"], REP)
    store = company.store()
    stored = await store.transfers.get(int(again["id"]))
    found, _ = await store.candidates.turn(stored, stored.which, takers=["xu"])
    assert [(one.subject, one.tried) for one in found] == [("wm0", {"lin"})]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (wanted(REP), ["takers.0"]),
        (wanted("lin", "lin"), ["takers.1"]),
        (wanted("nobody", "gone"), ["takers.0", "takers.1"]),
        (wanted("lin", mode="capacity"), ["takers.0.capacity"]),
        (wanted("lin", resigned=True, message="您好"), ["message"]),
        (wanted("lin", handover="stranger"), ["handover"]),
        (wanted(), ["takers"]),
        (wanted("lin", which={"tags": ["et8"], "channels": ["7"]}), ["which.tags", "which.channels"]),
        (wanted("lin", which={"since": "2026-05-02T00:00:00Z", "until": "2026-05-01T00:00:00Z"}), ["which.until"]),
        (wanted("lin", what="groups", which={"tags": ["7"]}), ["which.tags"]),
        (wanted("lin", what="groups", which={"channels": ["7"]}), ["which.channels"]),
    ],
)
async def test_what_is_wrong_with_a_transfer_is_told(company, body, fields):
    for path in ("/transfers", "/transfers/preview"):
        status, problem = await company("operator", "POST", path, body)
        assert status == 422
        assert [error["field"] for error in problem["errors"]] == fields


async def test_whether_the_giver_has_left_is_looked_up(company):
    transfer = await begin(company, "lin", handover="gone")
    assert transfer["resigned"] is True


async def test_a_leader_transfers_within_the_own_departments(company):
    other = await begin(company, "lin", handover="xu")
    own = await begin(company, "lin", role="leader")
    for body in (wanted("xu"), wanted("lin", handover="xu")):
        assert (await company("leader", "POST", "/transfers", body))[0] == 403
    _, page = await company("leader", "GET", "/transfers")
    assert [one["id"] for one in page["items"]] == [own["id"]]
    assert (await company("leader", "GET", f"/transfers/{other['id']}"))[0] == 404
    again = {"takers": [{"user_id": "lin"}]}
    assert (await company("leader", "POST", f"/transfers/{other['id']}/reoffer", again))[0] == 404


async def test_reps_transfer_nobody_and_reviewers_look_on(company):
    assert (await company("rep", "GET", "/transfers"))[0] == 403
    for role in ("rep", "reviewer"):
        assert (await company(role, "POST", "/transfers", wanted("lin")))[0] == 403


async def test_the_unassigned_are_listed_within_scope(company):
    store = company.store()
    store.unassigned.see(
        Orphan(handover=who, external_user_id=one, left_at=NOW, seen_at=NOW)
        for who, one in ((REP, "wm1"), (REP, "wm2"), ("xu", "wm3"))
    )
    await store.commit()
    _, page = await company("operator", "GET", "/unassigned", params={"limit": "2"})
    assert [(one["external_user_id"], one["name"]) for one in page["items"]] == [("wm1", "王1"), ("wm2", "王2")]
    _, masked = await company("reviewer", "GET", "/unassigned", params={"limit": "1"})
    assert masked["items"][0]["name"] != "王1"
    _, rest = await company("operator", "GET", "/unassigned", params={"after": page["next"]})
    assert [one["external_user_id"] for one in rest["items"]] == ["wm3"]
    _, page = await company("operator", "GET", "/unassigned", params={"staff": "xu"})
    assert len(page["items"]) == 1
    _, left = await company("operator", "GET", "/unassigned/staff")
    assert [(one["handover"], one["count"]) for one in left["items"]] == [(REP, 2), ("xu", 1)]
    _, page = await company("leader", "GET", "/unassigned")
    assert {one["handover"] for one in page["items"]} == {REP}
    _, left = await company("leader", "GET", "/unassigned/staff")
    assert [one["handover"] for one in left["items"]] == [REP]
