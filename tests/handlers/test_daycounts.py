"""What WeCom counts is read each morning: an owner's past by the month, all owners' days together, links day by day."""

from datetime import date, timedelta

import pytest

from handlers import daycounts, jobs
from handlers.reader import Reader
from simulator import Simulator
from simulator.actions import acquisition as links
from simulator.actions import groups as actions
from sop.acquisition import Draft
from sop.daycounts import LATE, PAST, day_of
from sop.events import JobEnded, PartEnded, StepDue, UpkeepDue
from sop.groups import Changes, Group
from tests.handlers.desk import reach
from wecom.acquisition import Link, Range

BY_OWNER, BY_DAY = "externalcontact/groupchat/statistic", "externalcontact/groupchat/statistic_group_by_day"
OF_LINK = "externalcontact/customer_acquisition/statistic"
STEPS = {daycounts.OF_GROUPS: daycounts.read_groups, daycounts.OF_LINKS: daycounts.read_links}


class Town:
    """A virtual WeCom with groups, and a desk that reads what it counts."""

    def __init__(self, desk):
        self.desk, self.sim = desk, Simulator(seed=7)
        company = self.sim.found_company()
        self.corp = company.corp
        self.client = reach(self.sim, company)
        desk.world, self.seen = Reader(self.client), 0
        self.pass_time(0)

    def pass_time(self, days):
        self.sim.clock.advance(days * 86_400)
        self.desk.now = self.desk.now.fromtimestamp(self.sim.clock.now(), self.desk.now.tzinfo)

    def day(self, ago):
        return day_of(self.desk.now) - timedelta(days=ago)

    async def found(self, owner):
        """A group there, and in our ledger."""
        group = actions.found_group(self.sim.world, self.corp, owner=owner)
        await self.know(owner, group.chat_id)
        return group

    async def know(self, owner, chat_id):
        shown = Group(chat_id=chat_id, owner=owner, created_at=self.desk.now, version="1")
        await self.desk.apply(lambda store: store.groups.put(None, shown, Changes(), status="normal"))

    async def run(self):
        """Go on until nothing is left to do."""
        while rows := await self.desk.announced(self.seen):
            for event in rows:
                self.seen += 1
                if isinstance(event, StepDue):
                    await self.desk.run(STEPS[event.job], event)
                elif isinstance(event, PartEnded):
                    await self.desk.run(jobs.conclude, event)

    async def morning(self):
        await self.desk.run(daycounts.begin, UpkeepDue(corp_id="ww1", at=self.desk.now))
        await self.run()
        (job, *_) = await self.desk.store().jobs.page(kind=daycounts.OF_GROUPS)
        return job.status

    async def groups(self, **which):
        found = await self.desk.store().daycounts.groups(date(2000, 1, 1), date(2999, 1, 1), **which)
        return {day: (one.new_groups, one.groups, one.new_members) for day, one in sorted(found.items())}

    def calls(self, path):
        return sum(entry.code == 0 for entry in self.sim.transcript.find(path=path))


@pytest.fixture
async def town(desk):
    town = Town(desk)
    yield town
    await town.client.aclose()


async def test_the_past_of_a_new_owner_is_read_by_the_month_and_later_days_together(town):
    await town.found("chen.yu")
    await town.found("li.na")
    town.pass_time(3)
    assert await town.morning() == "done"
    assert (town.calls(BY_DAY), town.calls(BY_OWNER)) == (2 * -(-PAST // 30), 0)
    days = await town.groups(staff={"chen.yu"})
    assert days[town.day(3)][0] == 1
    assert max(days) == town.day(1)
    town.pass_time(1)
    await town.morning()
    assert town.calls(BY_DAY) == 2 * -(-PAST // 30), "what is known is not read back again"
    assert town.calls(BY_OWNER) == LATE + 1, "both owners together"
    assert max(await town.groups(staff={"li.na"})) == town.day(1)


async def test_mornings_that_were_missed_are_made_up_for(town):
    await town.found("chen.yu")
    town.pass_time(2)
    await town.morning()
    town.pass_time(20)
    await town.morning()
    days = set(await town.groups())
    assert {town.day(ago) for ago in range(1, 21)} <= days


async def test_an_owner_whom_wecom_does_not_show_hides_no_other(town):
    for owner in ("chen.yu", "li.na"):
        await town.found(owner)
    town.pass_time(2)
    await town.morning()
    await town.know("ghost", "g9")
    store = town.desk.store()
    store.daycounts.note_groups("ghost", town.day(1), daycounts.GroupCounts())
    await store.commit()
    town.pass_time(1)
    assert await town.morning() == "done"
    for owner in ("chen.yu", "li.na"):
        assert max(await town.groups(staff={owner})) == town.day(1)
    assert max(await town.groups(staff={"ghost"})) == town.day(2)


async def test_what_wecom_refuses_leaves_the_job_partial(town):
    await town.found("chen.yu")
    town.pass_time(2)
    town.sim.fail("refuse", BY_DAY, code=48002)
    assert await town.morning() == "partial"
    assert await town.groups() == {}


async def test_each_day_of_a_link_is_read_once_and_the_last_ones_anew(town, desk):
    made = await town.client.acquisition.create(Link(name="海报", range=Range(users=("chen.yu",))))
    store = desk.store()
    link = store.links.adopt(Draft(name="海报", staff=("chen.yu",)), link_id=made.link_id, url="u")
    await store.commit()
    town.pass_time(1)
    for _ in range(2):
        links.come(town.sim.world, town.corp, link_id=made.link_id)
    town.pass_time(1)

    async def read():
        ended = JobEnded(corp_id="ww1", at=desk.now, job_id=1, job="sync_links", status="done")
        await desk.run(daycounts.go_on, ended)
        await town.run()
        return await desk.store().daycounts.link(link, date(2000, 1, 1), date(2999, 1, 1))

    days = await read()
    assert (min(days), max(days)) == (town.day(30), town.day(1))
    assert (days[town.day(1)].clicks, days[town.day(1)].customers) == (2, 2)
    assert (days[town.day(2)].clicks, days[town.day(2)].customers) == (0, 0)
    assert town.calls(OF_LINK) == 30
    town.pass_time(1)
    assert max(await read()) == town.day(1)
    assert town.calls(OF_LINK) == 30 + LATE + 1
