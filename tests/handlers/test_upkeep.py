"""Once a day both sides are one again: the unknown is taken in, what was changed is followed, what is gone is noted."""

from datetime import timedelta

import pytest

from handlers import jobs, quotas, upkeep
from handlers.reader import Reader
from simulator import Simulator
from simulator.actions import acquisition as actions
from simulator.world.acquisition import Visit
from sop import acquisition
from sop.acquisition import Draft, Origin
from sop.events import DayQuotasDue, JobEnded, PartEnded, QuotasDue, StepDue, UpkeepDue
from sop.intents import Prompt
from sop.staff import Member
from storage.values import to_ms
from tests.handlers.desk import START, reach
from wecom.acquisition import Link, Range
from wecom.events import QuotaExhausted, QuotaExpiring, QuotaIncreased, QuotaLow

STEPS = {
    upkeep.LINKS: upkeep.read_links,
    upkeep.NEWCOMERS: upkeep.read_newcomers,
    upkeep.RULES: upkeep.read_rules,
    upkeep.STRATEGIES: upkeep.read_strategies,
}


class Company:
    """A virtual WeCom that a desk reads, and what is done in it."""

    def __init__(self, desk):
        self.desk = desk
        self.sim = Simulator(seed=7)
        company = self.sim.found_company()
        self.corp = company.corp
        self.client = reach(self.sim, company)
        desk.world = Reader(self.client)
        self.seen = 0

    async def make(self, name="海报", staff="chen.yu"):
        """A link that our app has made."""
        return (await self.client.acquisition.create(Link(name=name, range=Range(users=(staff,))))).link_id

    def come(self, link_id, channel=""):
        return actions.come(self.sim.world, self.corp, link_id=link_id, channel=channel)

    async def round(self, meanwhile=lambda job: None):
        """A day later everything is read, until nothing is left to do; `meanwhile` happens after each step."""
        self.desk.now += timedelta(days=1)
        await self.desk.run(upkeep.begin, UpkeepDue(corp_id="ww1", at=self.desk.now))
        while rows := await self.desk.announced(self.seen):
            for event in rows:
                self.seen += 1
                if isinstance(event, StepDue):
                    await self.desk.run(STEPS[event.job], event)
                    meanwhile(event.job)
                elif isinstance(event, PartEnded):
                    await self.desk.run(jobs.conclude, event)
                elif isinstance(event, JobEnded) and event.job == upkeep.LINKS:
                    await self.desk.run(upkeep.go_on, event)

    async def links(self):
        return await self.desk.store().links.page()


@pytest.fixture
async def company(desk):
    company = Company(desk)
    yield company
    await company.client.aclose()


async def test_links_unknown_here_are_taken_in_and_those_that_are_gone_are_noted(company, desk):
    link_id = await company.make()
    await company.round()
    (link,) = await company.links()
    assert (link.name, link.status, link.staff, link.link_id) == ("海报", "live", ("chen.yu",), link_id)
    await company.round()
    assert await company.links() == ((await desk.store().links.get(link.id)),), "and only once"
    await company.client.acquisition.delete(link_id)
    await company.round()
    (link,) = await company.links()
    assert (link.status, link.reason) == ("deleted", acquisition.LINK_LOST)


async def test_a_link_that_was_changed_at_wecom_is_followed(company, desk):
    link_id = await company.make()
    await company.round()
    company.corp.acquisition.links[link_id].users = ["li.na"]
    await company.round()
    (link,) = await company.links()
    assert (link.staff, link.version, link.seen) == (("li.na",), 2, 2)
    assert ("link", "taken", acquisition.LINK_TAKEN) in await desk.decisions()


async def test_customers_of_links_are_read_with_their_sources(company, desk):
    link_id = await company.make()
    await company.round()
    (link,) = await company.links()
    known = company.come(link_id, acquisition.make_state(Origin(link.id, "poster")))
    plain = company.come(link_id, "别的系统")
    await company.round()
    first = await desk.store().newcomers.find(known.external_userid, known.userid)
    second = await desk.store().newcomers.find(plain.external_userid, plain.userid)
    assert (first.link, first.source, second.source) == (link.id, "poster", "")


async def test_an_error_leaves_the_job_partial_and_the_next_day_begins_anew(company, desk):
    for number in range(upkeep.AT_ONCE + 1):
        await company.make(f"链接{number}")
    fault = company.sim.fail("refuse", "externalcontact/customer_acquisition/list_link", code=60011)
    await company.round()
    (job,) = await desk.store().jobs.page(kind=upkeep.LINKS)
    assert job.status == "partial"
    company.sim.faults.active.pop(fault.id)
    await company.round()
    last, before = await desk.store().jobs.page(kind=upkeep.LINKS)
    assert (last.status, last.done, before.status) == ("done", upkeep.AT_ONCE + 1, "cancelled")


async def test_an_error_on_the_second_page_keeps_the_first_and_leaves_the_job_partial_there(company, desk):
    link_id = await company.make()
    await company.round()
    for number in range(1001):
        pair = ("chen.yu", f"wm{number}")
        company.corp.acquisition.visits[pair] = Visit(pair[1], pair[0], link_id, "", 0.0)

    def fail(job):
        if job == upkeep.NEWCOMERS:
            company.sim.fail("refuse", "externalcontact/customer_acquisition/customer", code=60011)

    await company.round(fail)
    (job, *_) = await desk.store().jobs.page(kind=upkeep.NEWCOMERS)
    (part,) = await desk.store().jobs.parts(job.id)
    assert (job.status, part.status, part.done, part.code) == ("partial", "partial", 1000, 60011)
    assert part.cursor
    assert await desk.store().newcomers.find("wm999", "chen.yu")
    assert await desk.store().newcomers.find("wm1000", "chen.yu") is None
    company.sim.faults.active.clear()
    await company.round()
    assert await desk.store().newcomers.find("wm1000", "chen.yu")


async def test_rules_written_elsewhere_are_shown_followed_and_noted_when_gone(company, desk):
    world, corp = company.sim.world, company.corp
    number = int(actions.write_intercept(world, corp, name="总部", words=["对手"], departments=[1]))
    await company.round()
    (rule,) = await desk.store().intercepts.page()
    assert (rule.status, rule.name, rule.words, rule.departments) == ("foreign", "总部", ("对手",), (1,))
    corp.intercepts.rules[number].words = ["同行"]
    await company.round()
    (rule,) = await desk.store().intercepts.page()
    assert (rule.status, rule.words) == ("foreign", ("同行",))
    del corp.intercepts.rules[number]
    await company.round()
    (rule,) = await desk.store().intercepts.page()
    assert rule.status == "deleted"


async def test_strategies_are_copied_and_forgotten(company, desk):
    about = {"app": "crm", "name": "华东", "admins": ["chen.yu"], "users": ["li.na"], "departments": [5]}
    number = actions.found_strategy(company.sim.world, company.corp, **about)
    await company.round()
    (strategy,) = await desk.store().strategies.page()
    assert (strategy.id, strategy.name, strategy.admins) == (number, "华东", ("chen.yu",))
    assert await desk.store().strategies.subjects(number) == ("department:5", "user:li.na")
    company.corp.strategies.clear()
    await company.round()
    assert await desk.store().strategies.page() == ()


async def ask(desk, kind=QuotasDue, **more):
    await desk.run(quotas.ask, kind(corp_id="ww1", at=desk.now, **more))


async def test_a_quota_is_told_once_for_each_level_and_again_after_it_was_filled(company, desk):
    await desk.apply(lambda store: store.settings.put("alarm.receivers", ["boss"]))
    await ask(desk)
    assert not await desk.intents(Prompt)
    company.corp.acquisition.set_balance(19)
    for kind in (QuotaLow, QuotasDue, QuotaLow):
        await ask(desk, kind)
        desk.now += timedelta(days=1)
    assert [one.cause.split(":")[2] for one in await desk.intents(Prompt)] == ["warn"]
    company.corp.acquisition.set_balance(0)
    desk.now += timedelta(days=1)
    for kind in (QuotaExhausted, QuotasDue):
        await ask(desk, kind)
    assert [one.cause.split(":")[2] for one in await desk.intents(Prompt)] == ["warn", "critical"]
    company.corp.acquisition.set_balance(500)
    desk.now += timedelta(days=30)
    await ask(desk, QuotaIncreased)
    company.corp.acquisition.set_balance(3)
    desk.now += timedelta(days=30)
    await ask(desk, QuotaLow)
    assert [one.cause.split(":")[2] for one in await desk.intents(Prompt)] == ["warn", "critical", "warn"]


async def test_a_warning_waits_for_somebody_to_hear_it(company, desk):
    company.corp.acquisition.set_balance(19)
    await ask(desk)
    assert ("alert", "skipped", "no_lead") in await desk.decisions()
    await desk.apply(lambda store: store.settings.put("alarm.receivers", ["boss"]))
    await ask(desk)
    assert len(await desk.intents(Prompt)) == 1


async def test_a_part_that_expires_is_told_each_time_wecom_does(desk):
    await desk.apply(lambda store: store.settings.put("alarm.receivers", ["boss"]))
    for days in (14, 14, 7):
        at = START + timedelta(days=20 - days)
        event = QuotaExpiring(corp_id="ww1", at=at, expires=START + timedelta(days=20), amount=30)
        await desk.run(quotas.expire, event)
    first, second = await desk.intents(Prompt)
    assert "30" in first.text
    assert first.cause != second.cause


async def test_an_app_that_may_not_read_the_quota_says_so(company, desk):
    company.sim.fail("refuse", "externalcontact/customer_acquisition_quota", code=48002)
    await ask(desk)
    assert (await desk.decisions())[-1][:2] == ("quota", "skipped")


async def test_our_own_counts_are_noted_and_warned_of(desk):
    await desk.apply(lambda store: store.settings.put("alarm.receivers", ["boss"]))
    store = desk.store()
    for number in range(96):
        store.links.adopt(Draft(name="x"), link_id=str(number), url="")
        store.intercepts.adopt(RULE, rule_id=str(number))
    await store.commit()
    for _ in range(2):
        await desk.run(quotas.look, QuotasDue(corp_id="ww1", at=desk.now))
    (prompt,) = await desk.intents(Prompt)
    assert (prompt.cause.split(":")[1], "96" in prompt.text) == ("intercept_rules", True)


async def hire(desk):
    """A member, and whom they report to."""
    store = desk.store()
    store.staff.put(Member(user_id="chen", name="陈", leader="boss"), at=store.now)
    store.staff.put(Member(user_id="boss", name="王"), at=store.now)
    await store.commit()


async def test_a_day_that_runs_out_is_told_to_the_leads_of_whose_quota_it_is_and_again_the_next_day(desk):
    await hire(desk)

    async def give(transfer_id, most=241):
        at = to_ms(desk.now)
        await desk.sql(
            "INSERT INTO transfer_rows (transfer_id, subject, corp_id, what, handover, state, asked_at, changed_at) "
            + " UNION ALL ".join(
                f"SELECT {transfer_id}, 'g{n}', 'ww1', 'groups', 'chen', 'done', {at}, {at}" for n in range(most)
            )
        )

    async def look():
        await desk.run(quotas.watch, DayQuotasDue(corp_id="ww1", at=desk.now))
        return [(one.users, one.cause) for one in await desk.intents(Prompt)]

    assert await look() == []
    await give(1)
    desk.now += timedelta(hours=1)
    first = (("boss",), "quota:group_transfers:chen:warn:2025-10-09")
    assert await look() == [first]
    assert await look() == [first], "once for each level and day"
    desk.now += timedelta(days=1)
    assert await look() == [first]
    await give(2, most=250)
    assert (await look())[1:] == [(("boss",), "quota:group_transfers:chen:warn:2025-10-10")]


async def test_the_customer_with_most_tags_is_found_and_told_before_wecom_takes_no_more(desk):
    await hire(desk)
    await desk.sql(
        "INSERT INTO bindings (corp_id, external_user_id, user_id, tag_id, at) "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2400) "
        "SELECT 'ww1', 'wm1', 'chen', 'et' || CAST(i AS TEXT), 0 FROM n "
        "UNION ALL SELECT 'ww1', 'wn' || CAST(i AS TEXT), 'chen', 'et1', 0 FROM n"
    )
    await desk.run(quotas.begin, UpkeepDue(corp_id="ww1", at=desk.now))
    steps = 0
    while len(rows := await desk.announced(steps)):
        for event in rows:
            steps += 1
            if isinstance(event, StepDue):
                await desk.run(quotas.count, event)
    assert steps == 3, "two steps, and the end of the part"
    (reading,) = await desk.store().quotas.kept()
    facts = {"external_user_id": "wm1", "user_id": "chen", "near": 1}
    assert (reading.used, reading.most, reading.source, reading.facts) == (2400, 3000, "here", facts)
    (prompt,) = await desk.intents(Prompt)
    assert (prompt.users, prompt.cause) == (("boss",), "quota:relation_tags:warn:2025-10-09")


RULE = upkeep.intercepts.Draft(name="x", words=("y",), staff=("z",))
