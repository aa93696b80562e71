"""Pages of customers are read once each, halt where WeCom refuses, and begin anew where it forgot a cursor."""

from datetime import timedelta

import pytest

from handlers import jobs
from handlers.sync import begin, contacts, sighted
from sop import sync
from sop.events import PartEnded, RelationRead, StepDue, SyncDue
from tests.handlers.desk import START, World, after
from wecom.customers import Contact, Customer, Follow, Profile
from wecom.errors import NotRelated, Refused, TryLater
from wecom.pages import Page


class Book(World):
    """WeCom with pages of two customers; `trouble` is raised at a page, once for each error listed."""

    def __init__(self, **counts):
        super().__init__()
        self.rows = {
            member: [f"wm-{member}-{number:02d}" for number in range(count)] for member, count in counts.items()
        }
        self.followers = tuple(counts)
        self.trouble = {}
        self.asked = []

    async def contacts(self, user_ids, cursor):
        place = int(cursor or 0)
        self.asked.append(place)
        if errors := self.trouble.get(place):
            raise errors.pop(0)
        rows = [self.contact(member, name) for member in user_ids for name in self.rows[member]]
        end = place + 2
        return Page(tuple(rows[place:end]), str(end) if end < len(rows) else "")

    async def customers_of(self, user_id):
        return tuple(self.rows[user_id])

    async def customer(self, external_user_id):
        follows = [
            self.contact(member, external_user_id).follow
            for member in self.rows
            if external_user_id in self.rows[member]
        ]
        if not follows:
            raise NotRelated("externalcontact/get", code=84061)
        return Profile(customer=Customer(external_user_id=external_user_id, name="小周"), follows=tuple(follows))

    def contact(self, member, name):
        return Contact(
            customer=Customer(external_user_id=name, name="小周"), follow=Follow(user_id=member, added_at=START)
        )


@pytest.fixture
def book(desk):
    desk.now = after(hours=1)
    desk.world = Book(chen=25, lin=0)
    return desk.world


async def work(desk, seen=0):
    """Handle what was announced until nothing is left; how many events there were."""
    while rows := await desk.announced(seen):
        for event in rows:
            seen += 1
            desk.now += timedelta(seconds=1)
            match event:
                case StepDue():
                    await desk.run(contacts.step, event)
                case PartEnded():
                    await desk.run(jobs.conclude, event)
                case RelationRead():
                    await desk.run(sighted.judge, event)
    return seen


async def start(desk, *, repair=True):
    store = desk.store()
    begun = await store.syncs.begin(repair=repair, kinds=[sync.CUSTOMERS])
    await store.commit()
    return begun[sync.CUSTOMERS]


async def drifts(desk, job_id):
    return {(row["kind"], row["what"]): row["count"] for row in await desk.store().drifts.sums(job_id)}


async def test_an_error_on_page_seven_leaves_the_job_partial_at_page_seven(desk, book):
    book.trouble[12] = [Refused("batch", "no", code=60020)] * 2
    job_id = await start(desk)
    seen = await work(desk)
    job, parts = await desk.store().jobs.get(job_id), await desk.store().jobs.parts(job_id)
    assert (job.status, job.done) == ("partial", 12)
    assert (parts[1].status, parts[1].code, sync.load(parts[1].cursor, now=START).page) == ("partial", 60020, "12")
    assert len(await desk.store().scans.of_member("chen")) == 12

    book.trouble.clear()
    assert await start(desk) == job_id
    await work(desk, seen)
    job = await desk.store().jobs.get(job_id)
    assert (job.status, job.done) == ("done", 25)
    assert book.asked == [0, 2, 4, 6, 8, 10, 12, 12, 12, 14, 16, 18, 20, 22, 24]
    assert await desk.store().drifts.totals(job_id) == {"members": 2, "differing": 0, "there": 25, "here": 25}


async def test_how_far_the_first_reading_is_shows_in_the_members_it_has_passed(desk):
    desk.now = after(hours=1)
    desk.world = book = Book(chen=3, lin=30, wang=3)
    book.trouble[22] = [Refused("batch", "no", code=60020)] * 2
    job_id = await start(desk)
    seen = await work(desk)
    job = await desk.store().jobs.get(job_id)
    assert (job.total, job.size, job.passed, round(job.share, 2)) == (None, 3, 1, 0.33)
    book.trouble.clear()
    await start(desk)
    seen = await work(desk, seen)
    assert (await desk.store().jobs.get(job_id)).share == 1
    again = await start(desk)
    await work(desk, seen)
    job = await desk.store().jobs.get(again)
    assert (job.total, job.size, job.passed) == (36, 36, 36)


async def test_what_wecom_puts_off_is_tried_again_at_the_page_where_it_stood(desk, book):
    book.trouble[4] = [TryLater("batch", "busy", code=-1)] * 2
    job_id = await start(desk)
    seen = await work(desk)
    part = (await desk.store().jobs.parts(job_id))[1]
    assert (part.status, part.tries, part.done) == ("open", 1, 4)
    step = StepDue(corp_id="ww1", at=desk.now, job=sync.CUSTOMERS, job_id=job_id, part=1, lane=1, round=part.round)
    await desk.run(contacts.step, step)
    await work(desk, seen)
    assert (await desk.store().jobs.get(job_id)).status == "done"


async def test_a_cursor_that_wecom_forgot_begins_the_part_anew_and_counts_nobody_twice(desk, book):
    book.trouble[6] = [Refused("batch", "cursor", code=50100)] * 2
    job_id = await start(desk)
    await work(desk)
    assert (await desk.store().jobs.get(job_id)).status == "done"
    assert await desk.store().drifts.totals(job_id) == {"members": 2, "differing": 0, "there": 25, "here": 25}


async def test_a_member_who_went_out_of_sight_meanwhile_keeps_nobody_up(desk, book):
    job_id = await start(desk)
    (plan,) = await desk.announced(0)
    await desk.run(contacts.step, plan)
    book.followers = ("chen",)
    book.trouble[0] = [Refused("batch", "who is lin", code=40031)]
    await work(desk, 1)
    assert (await desk.store().jobs.get(job_id)).status == "done"
    assert (await desk.store().drifts.totals(job_id))["members"] == 1


async def test_who_was_passed_over_by_the_pages_is_found_by_the_count(desk, book):
    whole = book.rows["chen"]
    book.rows["chen"] = whole[:20]
    await start(desk)
    seen = await work(desk)

    class Shifty(Book):
        async def contacts(self, user_ids, cursor):
            """Somebody leaves the list behind the reader, so that another slips through."""
            page = await super().contacts(user_ids, cursor)
            if cursor == "4":
                self.rows["chen"] = self.rows["chen"][1:]
            return page

    desk.world = shifty = Shifty(chen=0, lin=0)
    shifty.rows["chen"] = list(whole)
    job_id = await start(desk)
    await work(desk, seen)
    held = await desk.store().scans.of_member("chen")
    active = {name for name, row in held.items() if row["status"] == "active"}
    assert active == set(shifty.rows["chen"])
    assert held[whole[0]]["status"] == "removed"
    assert (await drifts(desk, job_id))["relation", "missing_there"] == 1


async def test_without_repair_nothing_but_the_report_is_written(desk, book):
    job_id = await start(desk, repair=False)
    await work(desk)
    assert await desk.store().scans.of_member("chen") == {}
    assert await drifts(desk, job_id) == {("customer", "missing_here"): 25, ("relation", "missing_here"): 50}


async def test_a_corp_that_has_just_come_is_read_at_once_and_once(desk, book):
    await desk.run(begin, SyncDue(corp_id="ww1", at=desk.now - timedelta(hours=5)))
    first = await desk.store().syncs.latest()
    assert first == desk.now
    desk.now += timedelta(minutes=5)
    await desk.run(begin, SyncDue(corp_id="ww1", at=desk.now - timedelta(hours=5)))
    await start(desk)
    jobs = await desk.store().jobs.page()
    assert (len(jobs), {job.kind for job in jobs}) == (len(sync.KINDS), set(sync.KINDS))


async def test_a_night_begins_what_is_not_under_way_and_a_missed_one_is_made_up_for(desk, book):
    await desk.run(begin, SyncDue(corp_id="ww1", at=desk.now))
    first = await desk.store().syncs.latest()
    await desk.run(begin, SyncDue(corp_id="ww1", at=desk.now))
    assert await desk.store().syncs.latest() == first
    store = desk.store()
    for kind in sync.KINDS:
        store.jobs.end(await store.syncs.open(kind), "done")
    await store.commit()
    desk.now += timedelta(hours=30)
    await desk.run(begin, SyncDue(corp_id="ww1", at=desk.now - timedelta(hours=5)))
    assert await desk.store().syncs.latest() > first
