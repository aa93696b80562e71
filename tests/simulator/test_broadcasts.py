"""Mass messages: tasks that members confirm, and what became of them."""

import pytest

from simulator import Simulator
from simulator.actions import broadcasts, customers, groups
from simulator.actions.errors import Impossible
from simulator.behaviour import Habits
from simulator.giant import grow
from simulator.world.broadcasts import Outcome
from simulator.world.caps import Cap
from tests.simulator.caller import Caller

TEXT = {"text": {"content": "周三会员日"}}
CREATE = "externalcontact/add_msg_template"


def create(crm: Caller, **body: object) -> str:
    answer = crm.post(CREATE, {**TEXT, **body})
    assert answer["errcode"] == 0, answer
    crm.sim.clock.advance(1)
    return answer["msgid"]


def test_nothing_is_sent_until_the_member_confirms(sim: Simulator, crm: Caller):
    relation = crm.friend()
    msgid = create(crm, external_userid=[relation.external_userid])
    assert crm.corp.contacts.customers[relation.external_userid].received == []
    task = {"msgid": msgid, "userid": "chen.yu"}
    assert crm.post("externalcontact/get_groupmsg_task", msgid=msgid)["task_list"] == [
        {"userid": "chen.yu", "status": 0}
    ]
    broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=msgid)
    [done] = crm.post("externalcontact/get_groupmsg_task", msgid=msgid)["task_list"]
    assert done["status"] == 2
    [row] = crm.post("externalcontact/get_groupmsg_send_result", task)["send_list"]
    assert (row["status"], row["external_userid"]) == (1, relation.external_userid)
    [received] = crm.corp.contacts.customers[relation.external_userid].received
    assert (received.kind, received.content) == ("broadcast", TEXT)


def test_who_cannot_be_reached_is_listed(sim: Simulator, crm: Caller):
    friend, gone = crm.friend(), crm.friend()
    customers.leave(sim.world, crm.corp, userid="chen.yu", external_userid=gone.external_userid)
    ids = [friend.external_userid, gone.external_userid, "wmUnknown"]
    answer = crm.post(CREATE, TEXT, external_userid=ids)
    assert answer["errcode"] == 0
    assert answer["fail_list"] == [gone.external_userid, "wmUnknown"]
    assert crm.post(CREATE, TEXT, external_userid=["wmUnknown"])["errcode"] == 41048


def test_a_customer_goes_to_the_member_who_chatted_last(sim: Simulator, crm: Caller):
    relation = crm.friend("chen.yu")
    external = relation.external_userid
    customers.add(sim.world, crm.corp, userid="lin.qiao", external_userid=external)
    sim.clock.advance(60)
    customers.reply(sim.world, crm.corp, userid="chen.yu", external_userid=external)
    assert list(crm.corp.broadcasts.by_id[create(crm, external_userid=[external])].tasks) == ["chen.yu"]
    sim.clock.advance(60)
    customers.reply(sim.world, crm.corp, userid="lin.qiao", external_userid=external)
    assert list(crm.corp.broadcasts.by_id[create(crm, external_userid=[external])].tasks) == ["lin.qiao"]
    chosen = create(crm, external_userid=[external], sender="chen.yu")
    assert list(crm.corp.broadcasts.by_id[chosen].tasks) == ["chen.yu"]


def test_a_tag_filter_is_any_of_each_list(crm: Caller):
    vip, high = (crm.corp.tags.named(g).named(n).id for g, n in [("客户等级", "VIP"), ("意向程度", "高意向")])
    both, one = crm.friend(), crm.friend()
    crm.friend()
    for relation, tags in ((both, [vip, high]), (one, [vip])):
        pair = {"userid": "chen.yu", "external_userid": relation.external_userid}
        crm.post("externalcontact/mark_tag", pair, add_tag=tags)
    filters = {"group_list": [{"tag_list": [vip]}, {"tag_list": [high]}]}
    [task] = crm.corp.broadcasts.by_id[create(crm, tag_filter=filters)].tasks.values()
    assert [row.id for row in task.recipients] == [both.external_userid]
    wide = {"group_list": [{"tag_list": [vip, high]}]}
    [task] = crm.corp.broadcasts.by_id[create(crm, tag_filter=wide)].tasks.values()
    assert len(task.recipients) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40063),
        ({"sender": "chen.yu"}, 0),
        ({"sender": "nobody"}, 60111),
        ({"sender": "lin.qiao"}, 41048),
        ({"external_userid": ["x"] * 10_001}, 40058),
        ({"tag_filter": {"group_list": [{"tag_list": ["etUnknown"]}]}}, 40068),
        ({"chat_type": "room"}, 40058),
        ({"chat_type": "group"}, 40063),
        ({"chat_type": "group", "sender": "chen.yu"}, 41048),
        ({"chat_type": "group", "sender": "chen.yu", "chat_id_list": ["wrNone"]}, 41048),
        ({"chat_type": "group", "sender": "chen.yu", "chat_id_list": ["x"] * 2001}, 40058),
        ({"chat_type": "group", "sender": "chen.yu", "allow_select": True}, 40058),
        ({"sender": "chen.yu", "allow_select": 1}, 40058),
        ({"sender": "chen.yu", "text": {"content": "好" * 1334}}, 40058),
        ({"sender": "chen.yu", "text": None}, 40063),
    ],
)
def test_a_task_names_what_is_wrong(crm: Caller, body: dict, code: int):
    crm.friend()
    assert crm.post(CREATE, {**TEXT, **body})["errcode"] == code


def test_records_answer_only_after_the_dispatch(sim: Simulator, crm: Caller):
    crm.friend()
    msgid = crm.post(CREATE, TEXT, sender="chen.yu")["msgid"]
    assert crm.post("externalcontact/get_groupmsg_task", msgid=msgid)["errcode"] == 41063
    sim.clock.advance(1)
    assert crm.post("externalcontact/get_groupmsg_task", msgid=msgid)["errcode"] == 0
    assert crm.post("externalcontact/get_groupmsg_task")["errcode"] == 41046
    assert crm.post("externalcontact/get_groupmsg_task", msgid="x")["errcode"] == 41047


def test_three_reminders_a_day(sim: Simulator, crm: Caller):
    crm.friend()
    msgid = create(crm, sender="chen.yu")
    codes = [crm.post("externalcontact/remind_groupmsg_send", msgid=msgid)["errcode"] for _ in range(4)]
    assert codes == [0, 0, 0, 41094]
    sim.clock.advance(86_400)
    assert Caller(sim, crm.corp, crm.app).post("externalcontact/remind_groupmsg_send", msgid=msgid)["errcode"] == 0


def test_a_cancelled_task_cannot_be_confirmed(sim: Simulator, crm: Caller):
    crm.friend()
    msgid = create(crm, sender="chen.yu")
    assert crm.post("externalcontact/cancel_groupmsg_send", msgid=msgid)["errcode"] == 0
    assert crm.post("externalcontact/cancel_groupmsg_send", msgid=msgid)["errcode"] == 41093
    assert crm.post("externalcontact/remind_groupmsg_send", msgid=msgid)["errcode"] == 41093
    with pytest.raises(Impossible):
        broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=msgid)


def test_a_customer_takes_as_many_a_month_as_it_has_days(sim: Simulator, crm: Caller):
    crm.friend()
    rows = []
    for _ in range(32):  # the world begins in October: 31 days
        msgid = create(crm, sender="chen.yu")
        [task] = broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=msgid).tasks.values()
        rows += [int(row.outcome) for row in task.recipients]
    assert rows == [1] * 31 + [3]
    sim.clock.advance(31 * 86_400)
    later = Caller(sim, crm.corp, crm.app)
    msgid = create(later, sender="chen.yu")
    [task] = broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=msgid).tasks.values()
    assert int(task.recipients[0].outcome) == 1


def test_who_left_in_between_is_no_friend(sim: Simulator, crm: Caller):
    relation = crm.friend()
    msgid = create(crm, sender="chen.yu")
    customers.leave(sim.world, crm.corp, userid="chen.yu", external_userid=relation.external_userid)
    broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=msgid)
    [row] = crm.post("externalcontact/get_groupmsg_send_result", msgid=msgid, userid="chen.yu")["send_list"]
    assert row["status"] == 2
    assert "send_time" not in row


def test_records_are_listed_by_time(sim: Simulator, crm: Caller):
    crm.friend()
    msgids = [create(crm, sender="chen.yu") for _ in range(3)]
    now = int(sim.clock.now())
    span = {"chat_type": "single", "start_time": now - 60, "end_time": now}
    listed = crm.post("externalcontact/get_groupmsg_list_v2", span, limit=2)
    assert [one["msgid"] for one in listed["group_msg_list"]] == msgids[:2]
    assert "creator" not in listed["group_msg_list"][0]
    for nobody in ({"filter_type": 1}, {"creator": "chen.yu"}, {"chat_type": "group"}):
        assert crm.post("externalcontact/get_groupmsg_list_v2", {**span, **nobody})["group_msg_list"] == []
    rest = crm.post("externalcontact/get_groupmsg_list_v2", span, limit=2, cursor=listed["next_cursor"])
    assert [one["msgid"] for one in rest["group_msg_list"]] == msgids[2:]
    too_long = {**span, "start_time": now - 40 * 86_400}
    assert crm.post("externalcontact/get_groupmsg_list_v2", too_long)["errcode"] == 40058


def test_a_limit_over_the_maximum_means_the_default(crm: Caller):
    relations = [crm.friend() for _ in range(501)]
    msgid = create(crm, external_userid=[one.external_userid for one in relations])
    body = {"msgid": msgid, "userid": "chen.yu"}
    page = crm.post("externalcontact/get_groupmsg_send_result", body, limit=5000)
    assert len(page["send_list"]) == 500
    assert len(crm.post("externalcontact/get_groupmsg_send_result", body, limit=1000)["send_list"]) == 501


def personal(sim: Simulator, crm: Caller, **settings: object) -> str:
    return broadcasts.mass_send(sim.world, crm.corp, userid="chen.yu", text="老客专享", **settings).msgid


def test_a_group_message_waits_for_the_owner_and_reaches_the_groups(sim: Simulator, crm: Caller):
    mine = [groups.found_group(sim.world, crm.corp, owner="chen.yu", name=f"{n}") for n in range(2)]
    other = groups.found_group(sim.world, crm.corp, owner="lin.qiao", name="别人的")
    gone = groups.found_group(sim.world, crm.corp, owner="chen.yu", name="散了")
    groups.dismiss_group(sim.world, crm.corp, chat_id=gone.chat_id)
    ids = [mine[0].chat_id, mine[1].chat_id, other.chat_id, gone.chat_id, "wrNone"]
    body = {"chat_type": "group", "sender": "chen.yu", "chat_id_list": ids}
    answer = crm.post(CREATE, TEXT, **body)
    assert (answer["errcode"], answer["fail_list"]) == (0, ids[2:])
    sim.clock.advance(1)
    one = {"msgid": answer["msgid"], "userid": "chen.yu"}
    assert crm.post("externalcontact/get_groupmsg_task", one)["task_list"] == [{"userid": "chen.yu", "status": 0}]
    assert crm.post("externalcontact/get_groupmsg_send_result", one)["send_list"] == []
    groups.pass_group(sim.world, crm.corp, chat_id=mine[1].chat_id, owner="lin.qiao")
    broadcasts.confirm(sim.world, crm.corp, **one)
    rows = crm.post("externalcontact/get_groupmsg_send_result", one)["send_list"]
    assert [(row["chat_id"], row["status"]) for row in rows] == [(mine[0].chat_id, 1), (mine[1].chat_id, 2)]
    assert [got.content for got in mine[0].received] == [TEXT]
    assert mine[1].received == other.received == []


def test_an_owner_who_was_given_no_groups_chooses_among_them(sim: Simulator, crm: Caller):
    mine = [groups.found_group(sim.world, crm.corp, owner="chen.yu", name=f"{n}").chat_id for n in range(3)]
    msgid = create(crm, chat_type="group", sender="chen.yu")
    broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=msgid, only=mine[:1])
    rows = crm.post("externalcontact/get_groupmsg_send_result", msgid=msgid, userid="chen.yu")["send_list"]
    assert [row["chat_id"] for row in rows] == mine[:1]
    given = create(crm, chat_type="group", sender="chen.yu", chat_id_list=mine)
    with pytest.raises(Impossible, match="left out"):
        broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=given, only=mine[:1])


def test_who_may_choose_leaves_customers_out(sim: Simulator, crm: Caller):
    ids = [crm.friend().external_userid for _ in range(3)]
    fixed, free = create(crm, sender="chen.yu"), create(crm, sender="chen.yu", allow_select=True)
    with pytest.raises(Impossible, match="left out"):
        broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=fixed, only=ids[:1])
    broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=free, only=ids[:1])
    rows = crm.post("externalcontact/get_groupmsg_send_result", msgid=free, userid="chen.yu")["send_list"]
    assert [row["status"] for row in rows] == [1, 0, 0]


def test_what_a_member_sends_by_hand_is_read_and_counts(sim: Simulator, crm: Caller):
    relation = crm.friend()
    crm.corp.broadcasts.intake.cap = Cap.DAY
    mine = personal(sim, crm, customers=[relation.external_userid])
    theirs = create(crm, sender="chen.yu")
    broadcasts.confirm(sim.world, crm.corp, userid="chen.yu", msgid=theirs)
    [row] = crm.post("externalcontact/get_groupmsg_send_result", msgid=theirs, userid="chen.yu")["send_list"]
    assert row["status"] == 3
    now = int(sim.clock.now())
    span = {"chat_type": "single", "start_time": now - 60, "end_time": now}

    def listed(**more: object) -> list[str]:
        return [
            one["msgid"] for one in crm.post("externalcontact/get_groupmsg_list_v2", {**span, **more})["group_msg_list"]
        ]

    assert (listed(), listed(filter_type=0), listed(filter_type=1)) == ([mine, theirs], [theirs], [mine])
    assert (listed(creator="chen.yu"), listed(creator="lin.qiao")) == ([mine], [])
    assert crm.post("externalcontact/get_groupmsg_task", msgid=mine)["task_list"][0]["status"] == 2
    assert crm.post("externalcontact/cancel_groupmsg_send", msgid=mine)["errcode"] == 41047
    with pytest.raises(Impossible):
        personal(sim, crm)


@pytest.mark.parametrize(("cap", "most"), [(Cap.MONTH, 31), (Cap.WEEK, 7), (Cap.DAY, 1)])
def test_a_group_takes_as_many_as_the_corp_lets_it(sim: Simulator, crm: Caller, cap: Cap, most: int):
    chat_id = groups.found_group(sim.world, crm.corp, owner="chen.yu").chat_id
    crm.corp.broadcasts.intake.cap = cap
    for number in range(33):
        one = broadcasts.mass_send(sim.world, crm.corp, userid="chen.yu", text="x", groups=[chat_id])
        outcome = one.tasks["chen.yu"].recipients[0].outcome
        assert outcome == (Outcome.SENT if number < most else Outcome.OVER_CAP)


def test_a_task_for_more_than_ten_thousand_is_refused(sim: Simulator, crm: Caller):
    [member] = grow(sim.world, crm.corp, staff=1, customers=11_000)
    assert crm.post(CREATE, TEXT, sender=member)["errcode"] == 40058


def test_words_that_nobody_may_send_are_refused(crm: Caller):
    crm.friend()
    crm.corp.blocked_words = frozenset({"刷单"})
    assert crm.post(CREATE, sender="chen.yu", text={"content": "来刷单"})["errcode"] == 40201


def test_rows_come_by_pages_and_too_long_a_page_is_the_usual_one(sim: Simulator, crm: Caller):
    [member] = grow(sim.world, crm.corp, staff=1, customers=1200)
    msgid = create(crm, sender=member)
    path, one = "externalcontact/get_groupmsg_send_result", {"msgid": msgid, "userid": member}
    assert len(crm.post(path, one, limit=1000)["send_list"]) == 1000
    lengths, seen, cursor = [], set(), ""
    while True:
        page = crm.post(path, one, limit=1001, cursor=cursor)
        lengths.append(len(page["send_list"]))
        seen |= {row["external_userid"] for row in page["send_list"]}
        if not (cursor := page["next_cursor"]):
            break
    assert lengths == [500, 500, len(crm.corp.contacts.of_member(member)) - 1000]
    assert len(seen) == sum(lengths)


async def test_members_by_habit_confirm_what_they_are_asked_for(sim: Simulator, crm: Caller):
    crm.friend()
    group = groups.found_group(sim.world, crm.corp, owner="chen.yu")
    left = create(crm, sender="chen.yu")
    sim.behaviour.habits = Habits(sends=1)
    done = create(crm, chat_type="group", sender="chen.yu")
    await sim.advance(86_400)
    tasks = {one.msgid: one.tasks["chen.yu"].confirmed_at for one in crm.corp.broadcasts.by_id.values()}
    assert tasks[done]
    assert not tasks[left]
    assert group.received
    assert Caller(sim, crm.corp, crm.app).post("externalcontact/remind_groupmsg_send", msgid=left)["errcode"] == 0
    await sim.advance(86_400)
    assert crm.corp.broadcasts.by_id[left].tasks["chen.yu"].confirmed_at


async def test_customers_by_habit_write_back_to_the_member_who_sent_it(sim: Simulator, crm: Caller):
    friends = [crm.friend().external_userid for _ in range(40)]
    sim.behaviour.habits = Habits(sends=1, answers=0.5)
    create(crm, external_userid=friends)
    await sim.advance(86_400)
    chats = [one for who in friends for one in crm.corp.contacts.customers[who].received if one.kind == "chat"]
    assert 10 < len(chats) < 30
    assert {one.userid for one in chats} == {"chen.yu"}
