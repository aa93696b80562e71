"""The demo's week: told day by day, and held against the books of the virtual WeCom and of other systems."""

import re
from dataclasses import replace

from bot.demo import books, days, plan, tally
from bot.demo.diary import HEADINGS, Diary
from simulator import Kind
from simulator.actions import staff
from simulator.world.broadcasts import Broadcast
from sop import webhooks


async def test_a_day_with_faults_is_told_and_the_books_agree(tmp_path):
    said = []
    async with days.company(said.append, folder=tmp_path) as week:
        await week.live(1, [fault for fault in days.FAULTS if fault[0] is not Kind.SILENCE])
        assert await tally.report(week), "\n".join(said)
        corp = week.stage.company.corp
        told = "\n".join(said)
        assert told.count("its author may not approve it, another did") == 2
        assert "Why? / 为什么？" in told
        assert re.search(r"siyu deliveries show \d+ -c \S+\n\n +Message \d+\n(.*\n)+ +why  +\S", told), "and its answer"
        assert week.webshop.repeated
        read = await books.read(week.operator, [("flow", one) for one in week.campaign.flows.values()])
        assert read.every
        first = next(iter(corp.broadcasts.by_id.values()))
        again = Broadcast(msgid="twice", created_at=first.created_at, content=first.content, tasks=first.tasks)
        corp.broadcasts.add(again)
        checks = await books.compare(read, week)
        assert [one.name for one in checks if one.faults and "twice" in one.name] == [
            "no task made twice / 任务不重复创建",
            "nothing sent twice / 消息不重复发送",
        ]
        del corp.broadcasts.by_id["twice"]
        await warehouse_is_checked(read, week)


async def warehouse_is_checked(read, week):
    assert await faulty(read, week) == set()
    week.warehouse.requests.append(replace(week.warehouse.requests[0], body=b"another order"))
    assert await faulty(read, week) == {"webhooks"}
    week.warehouse.requests.pop()
    lost = week.warehouse.requests[0].key
    week.warehouse.requests = [one for one in week.warehouse.requests if one.key != lost]
    assert await faulty(read, week) == {"webhooks"}
    read.calls[:] = [one for one in read.calls if webhooks.name(one["effect"]) != lost]
    assert await faulty(read, week) == {"webhooks"}, "an order of which nobody was told"


async def faulty(read, week):
    """The checks that do not hold, by their first words."""
    return {one.name.partition(" ")[0] for one in await books.compare(read, week) if one.faults}


async def test_what_groups_get_is_held_against_the_books(tmp_path):
    async with days.company([].append, folder=tmp_path) as week:
        await week.live(1, ())
        read = await books.read(week.operator, [("flow", week.campaign.flows["group_first_week"])])
        sent = [one for one in read.every if one["kind"] == "group" and one["status"] == "sent"]
        assert len(sent) >= len(plan.GROUPS)
        first = next(one for one in read.mailings if one["id"] == sent[0]["mailing_id"])
        broadcasts = week.stage.company.corp.broadcasts
        reached = broadcasts.by_id[first["msg_id"]]
        assert all(task.confirmed_at for task in reached.tasks.values()), "its owners have confirmed it"
        assert await faulty(read, week) == set()
        read.mailings.append({**first, "id": "again", "msg_id": "again"})
        read.deliveries["again"] = read.deliveries[first["id"]]
        broadcasts.add(replace(reached, msgid="again"))
        assert await faulty(read, week) == {"groups:"}, "two on one day"
        del broadcasts.by_id["again"], read.deliveries["again"], read.mailings[-1]
        sent[0]["user_id"] = "somebody.else"
        assert await faulty(read, week) == {"groups:"}


def test_a_day_is_what_has_changed_since_the_day_before():
    diary, counts = Diary(), dict.fromkeys(HEADINGS, 3)
    assert diary.line("Mon", 120, counts).split() == ["Mon", "120", *["3"] * len(HEADINGS)]
    assert diary.line("Tue", 125, counts | {"paid": 5}).split() == [
        "Tue",
        "125",
        "0",
        "2",
        *["0"] * (len(HEADINGS) - 2),
    ]
    assert len(diary.head().split()) == 2 * (len(HEADINGS) + 2) + 1 + 1


async def test_who_resigned_is_handed_over_on_the_next_morning(tmp_path):
    said = []
    async with days.company(said.append, folder=tmp_path) as week:
        leaver = next(one for one in week.stage.company.members if one.serves and not one.leads)
        await week.live(1, ())
        staff.resign(week.stage.wecom.simulator.world, week.stage.company.corp, userid=leaver.userid)
        await week.time.reach(week.time.now() + days.HOUR)
        await week.desk.look()
        assert [line for line in said if "transfer / 继承" in line and leaver.name in line]
