"""Customers are handed over, on the job and resigned: asked for, followed to the end of each, offered again."""

from collections import Counter

import pytest

from simulator import Kind
from simulator.actions import customers, staff
from simulator.world.contacts import Relation, Standing
from sop.relations import Deed, Fact
from sop.tasks import Give
from tests.stage import read

DAY = 86_400
ASKING = "externalcontact/transfer_customer"
RESULTS = "externalcontact/transfer_result"
EXPIRED = 42001  # of an access token, which is renewed


@pytest.fixture
def cast(siyu):
    """Who gives, and who may take over: members of the team."""
    giver, *takers = siyu.team
    return giver, takers[:4]


async def seed(stage, userid, count):
    """Customers of long ago, at WeCom and here."""
    begun = stage.simulator.clock.now() - 30 * DAY
    made = []
    for number in range(count):
        customer = customers.meet(stage.simulator.world, stage.corp, name=f"客户{number}")
        relation = Relation(userid, customer.external_userid, begun, Standing.MUTUAL, greeted=True)
        made.append(stage.corp.contacts.relate(relation))
    for start in range(0, count, 100):
        store = stage.store()
        for relation in made[start : start + 100]:
            fact = Fact(deed=Deed.FOUND, at=store.now.fromtimestamp(begun, store.now.tzinfo))
            store.customers.meet(relation.external_userid, at=store.now)
            await store.relations.record(relation.external_userid, userid, fact=fact)
        await store.commit()
    return made


async def stand(stage, transfer, **wanted):
    """The counts of a transfer once they are as wanted."""

    async def counted():
        shown = await stage.get(f"transfers/{transfer['id']}")
        return shown if all(shown["counts"].get(state, 0) == count for state, count in wanted.items()) else None

    return await stage.until(counted, 30)


async def ask(stage, giver, takers, path="transfers", **more):
    return await stage.post(path, {"handover": giver, "takers": [{"user_id": one} for one in takers], **more})


async def test_a_transfer_is_tried_out_before_anything_is_asked(siyu, cast):
    giver, takers = cast
    await seed(siyu, giver, 25)
    tried = await ask(siyu, giver, takers[:3], "transfers/preview")
    assert [share["count"] for share in tried["shares"]] == [9, 8, 8]
    assert (tried["total"], tried["left_out"], tried["resigned"]) == (25, [], False)
    assert siyu.calls(ASKING) == []
    await stand(siyu, await ask(siyu, giver, takers[:3]), waiting=25)
    again = await ask(siyu, giver, takers[3:], "transfers/preview")
    assert [(each["reason"]["code"], each["count"]) for each in again["left_out"]] == [("in_transfer", 25)]


async def test_250_customers_go_to_three_members_and_the_misses_to_a_fourth(siyu, cast):
    giver, (first, second, small, spare) = cast
    relations = await seed(siyu, giver, 250)
    siyu.corp.directory.find(small).most_customers = 50
    transfer = await ask(siyu, giver, [first, second, small], message="以后由我为您服务")
    shown = await stand(siyu, transfer, waiting=250)
    assert {taker: each["waiting"] for taker, each in shown["by_taker"].items()} == {first: 84, second: 83, small: 83}
    calls = [read(entry) for entry in siyu.calls(ASKING, code=0)]
    assert [len(call["external_userid"]) for call in calls] in ([84, 83, 83], [83, 84, 83], [83, 83, 84])

    siyu.push(60)
    refuser = next(one for one in relations if taker_of(siyu, one) == first)
    customers.decline(siyu.simulator.world, siyu.corp, userid=first, external_userid=refuser.external_userid)
    siyu.push(DAY + 600)
    shown = await stand(siyu, transfer, done=216, refused=1, limit=33)
    assert shown["open"] == 0
    assert len(siyu.corp.contacts.of_member(small)) == 50
    await check_what_is_told(siyu, first)
    reoffer = await siyu.post(f"transfers/{transfer['id']}/reoffer", {"takers": [{"user_id": spare}]})
    await stand(siyu, reoffer, waiting=34)
    siyu.push(DAY + 600)
    await stand(siyu, reoffer, done=34)
    await siyu.until(siyu.idle)
    assert siyu.corp.contacts.of_member(giver) == []
    assert len(siyu.corp.contacts.of_member(spare)) == 34
    await check_story(siyu, refuser, transfer)


async def check_what_is_told(stage, taker):
    """One message to a taker, one to the giver's lead, whatever the number of customers."""
    await stage.until(stage.idle)
    stage.push(900)
    await stage.until(lambda: stage.inbox(stage.lead))
    await stage.until(stage.idle)
    assert sum("客户已转接给你" in one.get("content", "") for one in stage.inbox(taker)) == 1
    (summary,) = [one["content"] for one in stage.inbox(stage.lead)]
    assert "成功：216" in summary
    assert "接替员工已满：33" in summary


async def check_story(stage, refuser, transfer):
    """The timeline of a customer who refused one member and went to another."""
    story = await stage.get(f"customers/{refuser.external_userid}/timeline", limit=200)
    told = [entry["what"] for entry in story["items"] if entry["source"] == "history"][::-1]
    assert [what for what in told if what.startswith("transfer")] == [
        "transfer_asked", "transfer_refused", "transfer_asked", "transferred",
    ]  # fmt: skip
    page = await stage.get(f"transfers/{transfer['id']}/customers", state="refused")
    shown = [(one["subject"], one["reason"]["code"]) for one in page["items"]]
    assert shown == [(refuser.external_userid, "transfer_refused")]


def taker_of(stage, relation):
    transfer = stage.corp.transfers.waiting(relation.external_userid)
    return transfer.takeover if transfer else ""


async def test_tags_remark_and_tasks_go_along_and_nobody_is_greeted_anew(siyu, cast):
    giver, (taker, *_) = cast
    relation = await looked_after(siyu, giver)
    await hand_over(siyu, giver, taker)
    taken = siyu.corp.contacts.between(taker, relation.external_userid)
    await siyu.until(lambda: taken.tags and taken.remark)
    await siyu.until(siyu.idle)
    assert list(taken.tags) == [siyu.tag_id("VIP")]
    assert (taken.remark, taken.description) == ("老客-小周", "关注秋冬新品")
    assert [task["user_id"] for task in (await siyu.get("tasks", status="open"))["items"]] == [taker]
    assert siyu.greetings(taken) == []
    for what in ("welcome", "prompt"):
        assert ("skipped", "transfer_brought") in await siyu.reasons(what, relation)
    followers = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    assert {one["user_id"]: one["status"] for one in followers} == {giver: "moved", taker: "active"}


async def test_flows_go_on_with_the_taker_at_their_time(siyu, cast):
    giver, (taker, *_) = cast
    nodes = {"wait": {"kind": "wait", "for": "P3D", "next": "call"}, "call": {"kind": "task", "name": "三天回访"}}
    entries = [{"kind": "event", "event": "added"}]
    made = await siyu.post("flows", {"document": {"name": "回访", "entries": entries, "start": "wait", "nodes": nodes}})
    await siyu.post(f"flows/{made['id']}/publish", {"mode": "follow", "edition": made["edition"]})
    relation = await looked_after(siyu, giver)
    await hand_over(siyu, giver, taker)
    await siyu.until(siyu.idle)
    assert not any("三天回访" in str(one) for one in siyu.inbox(taker))
    siyu.push(2 * DAY)
    await siyu.until(lambda: any("三天回访" in str(one) for one in siyu.inbox(taker)))
    await siyu.until(siyu.idle)
    assert not any("三天回访" in str(one) for one in siyu.inbox(giver))
    assert ("moved", "followup_moved") in await siyu.reasons("flow", relation)


async def looked_after(stage, giver):
    """A customer with a tag, a remark, a description, and something to be done."""
    channel = await stage.channel(name="老客", staff=[giver], remark="老客-{customer}", tags=[stage.tag_id("VIP")])
    relation = stage.scan(channel, name="小周")
    await stage.until(lambda: relation.remark and relation.tags)
    stage.act(staff.note, relation, description="关注秋冬新品")
    await stage.until(stage.idle)
    store = stage.store()
    about = {"external_user_id": relation.external_userid, "due_at": store.now, "effect": "call"}
    store.tasks.give(Give(what="greet", user_id=giver, text="给小周回电话", **about))
    await store.commit()
    stage.push(60)
    return relation


async def hand_over(stage, giver, taker):
    transfer = await ask(stage, giver, [taker])
    await stand(stage, transfer, waiting=1)
    stage.push(DAY + 600)
    await stand(stage, transfer, done=1)


async def test_what_wecom_never_tells_is_asked_and_a_friend_is_taken_over_without_an_event(siyu, cast):
    giver, (taker, *_) = cast
    known, stranger = await seed(siyu, giver, 2)
    siyu.add(taker, external_userid=known.external_userid)
    await siyu.until(siyu.idle)
    siyu.push(5)
    siyu.fail(Kind.LOSE, "change_external_contact*")
    transfer = await ask(siyu, giver, [taker])
    await stand(siyu, transfer, waiting=2)
    siyu.push(DAY + 10)
    await siyu.until(lambda: not taker_of(siyu, stranger))
    siyu.push(600)
    await stand(siyu, transfer, done=2)
    await siyu.until(siyu.idle)
    assert len(siyu.calls(RESULTS, code=0)) == 1
    for one in (known, stranger):
        followers = (await siyu.get(f"customers/{one.external_userid}"))["followers"]
        assert {each["user_id"]: each["status"] for each in followers} == {giver: "moved", taker: "active"}


async def test_a_call_whose_answer_is_lost_is_asked_again_and_counts_once(siyu, cast):
    giver, (taker, *_) = cast
    await seed(siyu, giver, 3)
    siyu.fail(Kind.RESET_AFTER, ASKING, count=1)
    transfer = await ask(siyu, giver, [taker])
    await stand(siyu, transfer, waiting=3)
    assert len(siyu.calls(ASKING)) == 2
    assert Counter(state for _, state in await siyu.reasons("transfer")) == {"transfer_asked": 3}


async def test_calls_for_one_taker_go_one_after_another(siyu, cast):
    giver, (taker, other, *_) = cast
    await seed(siyu, giver, 120)
    await seed(siyu, other, 20)
    siyu.simulator.platform.latency = 0.2
    begun = [await ask(siyu, one, [taker]) for one in (giver, other)]
    await stand(siyu, begun[0], waiting=120)
    await stand(siyu, begun[1], waiting=20)
    assert [entry.code for entry in siyu.calls(ASKING) if entry.code != EXPIRED] == [0, 0, 0]


async def test_customers_of_who_left_are_told_of_daily_until_they_are_placed(siyu, cast):
    giver, (taker, *_) = cast
    await seed(siyu, giver, 3)
    staff.resign(siyu.simulator.world, siyu.corp, userid=giver)
    siyu.push(DAY)
    await siyu.until(lambda: alerts(siyu))
    siyu.push(DAY)
    await siyu.until(lambda: len(alerts(siyu)) == 2)
    await siyu.until(siyu.idle)
    assert "3 位" in alerts(siyu)[0]
    assert len((await siyu.get("unassigned"))["items"]) == 3
    (left,) = (await siyu.get("unassigned/staff"))["items"]
    assert (left["handover"], left["count"]) == (giver, 3)

    transfer = await ask(siyu, giver, [taker], resigned=True)
    assert transfer["resigned"] is True
    await stand(siyu, transfer, waiting=3)
    siyu.push(DAY + 600)
    await stand(siyu, transfer, done=3)
    assert (await siyu.get("unassigned"))["items"] == []
    siyu.push(2 * DAY)
    await siyu.until(siyu.idle)
    assert len(alerts(siyu)) == 2
    assert len(siyu.corp.contacts.of_member(taker)) == 3


async def test_who_has_just_left_can_be_placed_the_same_hour(siyu, cast):
    giver, (taker, *_) = cast
    await seed(siyu, giver, 2)
    siyu.app.contact_events = True
    staff.resign(siyu.simulator.world, siyu.corp, userid=giver)
    await siyu.until(lambda: siyu.events("staff_deleted"))
    await siyu.until(siyu.idle)
    siyu.push(61)
    await siyu.until(lambda: alerts(siyu))
    tried = await ask(siyu, giver, [taker], "transfers/preview")
    assert (tried["resigned"], tried["total"]) == (True, 2)


def alerts(stage):
    return [text for one in stage.inbox(stage.lead) if "等待分配" in (text := one.get("content", ""))]
