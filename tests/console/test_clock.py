"""The clock and schedules over the API."""

from datetime import timedelta

import pytest

from sop.rounds import ROUNDS
from storage import rounds
from storage.inbox import Inbox
from storage.leases import CLOCK, Leases
from tests.console.conftest import CORP, NOW
from tests.storage.rows import enrol, flow

ZONE = "Asia/Shanghai"


async def test_the_clock_tells_who_leads_what_is_due_and_what_ran(site, corps):
    (corp,) = corps
    status, before = await site("reviewer", "GET", "/clock")
    assert (status, before["leader"]) == (200, None)
    assert {one["state"] for one in before["rounds"]} == {"never"}
    await Leases(site.database).hold(CLOCK, "p1", length=timedelta(minutes=1))
    await enrol(site.database, CORP, await flow(site.database, CORP), NOW - timedelta(minutes=5))
    event, began = ROUNDS[0].event, ROUNDS[0].began(NOW, corp.zone, CORP)
    await Inbox(site.database).remember(rounds.arrival(event, CORP, corp.app, began=began, now=NOW))
    _, clock = await site("reviewer", "GET", "/clock")
    assert clock["leader"]["holder"] == "p1"
    assert [(one["overdue"], one["late_seconds"]) for one in clock["due"] if one["name"] == "flows"] == [(1, 300)]
    assert [one["kind"] for one in clock["rounds"] if one["state"] == "open"] == [event.kind]


async def test_reps_do_not_see_the_machine(site):
    assert (await site("rep", "GET", "/clock"))[0] == 403


async def preview(site, schedule, **more):
    return await site("operator", "POST", "/schedules/preview", {"schedule": schedule, **more})


async def test_a_schedule_is_told_in_words_and_moments(site):
    status, answer = await preview(site, {"cron": {"expression": "0 7 * * 1"}}, count=2)
    assert status == 200
    assert answer["moments"] == ["2026-05-10T23:00:00Z", "2026-05-17T23:00:00Z"]
    assert answer["sentence"] == "周一 07:00"


async def test_a_schedule_of_a_date_takes_the_date_and_the_zone_of_the_customer(site):
    birthday = {"dated": {"field": "birthday", "at": "09:00", "every": "year", "offset": -1}}
    _, answer = await preview(site, birthday, day="1990-06-02", zone="Europe/Berlin", count=1)
    assert answer["moments"] == ["2026-06-01T07:00:00Z"]
    assert (await preview(site, birthday))[1]["moments"] == []


@pytest.mark.parametrize(
    ("schedule", "more", "field"),
    [
        ({"cron": {"expression": "0 9 * *"}}, {}, "schedule.expression"),
        ({"cron": {"expression": "9" * 5000}}, {}, "schedule.expression"),
        ({"weekly": {}}, {}, "schedule"),
        ({"once": {"at": "9999-12-31T23:59:59-23:00"}}, {}, "schedule.at"),
        ({"once": {"at": "2026-06-01T09:00:00"}}, {"zone": "Nowhere"}, "zone"),
    ],
)
async def test_a_schedule_that_is_none_is_refused_with_what_to_change(site, schedule, more, field):
    status, problem = await preview(site, schedule, **more)
    assert status == 422
    assert [one["field"] for one in problem["errors"]] == [field]
