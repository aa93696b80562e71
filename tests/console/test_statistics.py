"""Channels in numbers: per day of the corp, per member, for those who may see them, and as a table."""

import csv
import io
from datetime import date, timedelta

import pytest

from sop.channels import Draft
from sop.relations import Deed, Fact
from sop.staff import Department, Member
from tests.console.conftest import CORP, LEADER, REP

OTHER = "li.na"
ZEROS = {"repeat_adds": 0, "half_adds": 0, "lost_24h": 0, "lost_7d": 0, "conversations": 0}


@pytest.fixture
async def company(site):
    """Two channels; the leader's rep won two customers by the first one, the other member one by each."""
    store = site.store()
    await store.staff.replace([], [Department(id=2, leaders=(LEADER,)), Department(id=3)], at=store.now)
    for user_id, department in ((LEADER, 2), (REP, 2), (OTHER, 3)):
        store.staff.put(Member(user_id=user_id, departments=(department,)), at=store.now)
    site.shop = store.channels.add(Draft(name="=门店", staff=(REP, OTHER)))
    site.fair = store.channels.add(Draft(name="展会", staff=(OTHER,)))
    await store.commit()
    story = [("wm1", REP, site.shop, 0), ("wm2", REP, site.shop, 16), ("wm3", OTHER, site.shop, 0)]
    for customer, user_id, channel, hours in [*story, ("wm4", OTHER, site.fair, 0)]:
        store = site.store()
        fact = Fact(deed=Deed.ADDED, at=store.now + timedelta(hours=hours), channel_id=channel.id)
        await store.relations.record(customer, user_id, fact=fact)
        await store.commit()
    for first in (True, False):
        site.counter.count(CORP, site.shop.id, date(2026, 5, 4), first=first)
    await site.counter.flush()
    site.clock.now += timedelta(days=2)
    return site


async def ask(site, path: str, role: str = "operator"):
    status, document = await site(role, "GET", path)
    assert status == 200, document
    return document


async def test_a_channel_in_numbers_day_by_day(company):
    shown = await ask(company, f"/channels/{company.shop.id}/statistics?since=2026-05-03&until=2026-05-05")
    assert [(row["day"], row["visits"], row["visitors"], row["adds"]) for row in shown["rows"]] == [
        ("2026-05-03", 0, 0, 0),
        ("2026-05-04", 2, 1, 2),
        ("2026-05-05", 0, 0, 1),  # at half past two in the morning in Shanghai
    ]
    assert shown["total"] == {"visits": 2, "visitors": 1, "adds": 3, **ZEROS}


async def test_by_default_it_is_the_last_seven_days(company):
    shown = await ask(company, f"/channels/{company.shop.id}/statistics")
    assert (shown["since"], shown["until"], len(shown["rows"])) == ("2026-04-30", "2026-05-06", 7)


async def test_per_member_and_in_total(company):
    shown = await ask(company, f"/channels/{company.shop.id}/statistics?by=staff")
    assert [(row["user_id"], row["adds"], row["visits"]) for row in shown["rows"]] == [(REP, 2, None), (OTHER, 1, None)]
    shown = await ask(company, f"/channels/{company.shop.id}/statistics?by=total")
    assert [(row["adds"], row["visits"]) for row in shown["rows"]] == [(3, 2)]


async def test_all_channels_are_walked(company):
    first = await ask(company, "/statistics/channels?limit=1")
    second = await ask(company, f"/statistics/channels?limit=1&after={first['next']}")
    assert [(each["name"], each["adds"], each["visits"]) for page in (first, second) for each in page["items"]] == [
        ("展会", 1, 0),
        ("=门店", 3, 2),
    ]
    assert second["next"] is None


async def test_a_leader_sees_what_the_departments_did_and_no_visits(company):
    page = await ask(company, "/statistics/channels", "leader")
    assert [(each["name"], each["adds"], each["visits"]) for each in page["items"]] == [("=门店", 2, None)]
    shown = await ask(company, f"/channels/{company.shop.id}/statistics?by=staff", "leader")
    assert [row["user_id"] for row in shown["rows"]] == [REP]
    assert shown["total"]["adds"] == 2
    assert (await company("leader", "GET", f"/channels/{company.fair.id}/statistics"))[0] == 404
    assert (await company("rep", "GET", "/statistics/channels"))[0] == 403


async def test_a_table_opens_in_a_spreadsheet_and_runs_nothing(company):
    response = await company.ask("operator", "GET", "/statistics/channels?limit=1", headers={"Accept": "text/csv"})
    assert (response.status, response.content_type) == (200, "text/csv")
    content = await response.read()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["渠道编号", "渠道名称", "访问次数", "访问人数"]
    assert [row[1:5] for row in rows[1:]] == [["展会", "0", "0", "1"], ["'=门店", "2", "1", "3"]]
    response = await company.ask(
        "operator", "GET", f"/channels/{company.shop.id}/statistics?format=csv", headers={"Accept-Language": "en"}
    )
    rows = list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig"))))
    assert (rows[0][0], len(rows)) == ("day", 8)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-05-05&until=2026-05-04", "until"),
        ("since=2024-01-01&until=2026-05-04", "since"),
        ("since=x", "since"),
    ],
)
async def test_a_span_must_make_sense(company, query, field):
    status, problem = await company("operator", "GET", f"/statistics/channels?{query}")
    assert (status, [error["field"] for error in problem["errors"]]) == (422, [field])


async def test_a_channel_that_is_not_there_has_no_numbers(company):
    assert (await company("operator", "GET", "/channels/1/statistics"))[0] == 404
