"""How near calls and messages are to what WeCom takes, by one process or by all together; warnings within the day."""

from dataclasses import replace

import pytest

from bot.app import Service
from bot.config import Redis
from sop.events import DayQuotasDue, QuotasDue
from sop.intents import Prompt
from tests.services import free_port
from tests.stage import raised

FOLLOWERS = "externalcontact/get_follow_user_list"


async def test_how_near_calls_are_to_their_rates_is_shown_as_wecom_saw_them(siyu):
    calls = (await siyu.get("quotas"))["calls"]
    assert calls["counted"] == "process"
    (way,) = [one for one in calls["paths"] if one["path"] == "externalcontact/get_follow_user_list"]
    seen = len(siyu.calls(way["path"]))
    assert {(each["seconds"], each["used"], each["limit"]) for each in way["windows"]} == {
        (60, seen, 10_000),
        (3600, seen, 150_000),
    }
    shares = [one["share"] for one in calls["paths"]]
    assert shares == sorted(shares, reverse=True)
    siyu.fail("refuse", "externalcontact/customer_acquisition_quota", code=45009, count=1)
    await siyu.announce(QuotasDue(corp_id=siyu.corp.id, at=siyu.now()))
    await siyu.until(lambda: blocked(siyu, "externalcontact/customer_acquisition_quota"))


async def blocked(stage, path):
    first = (await stage.get("quotas"))["calls"]["paths"][0]
    return first["path"] == path and first["blocked_until"]


async def usage(stage, path):
    """What is shown of a path by the process that answers."""
    calls = (await stage.get("quotas"))["calls"]
    return calls["counted"], [one["windows"] for one in calls["paths"] if one["path"] == path]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_processes_that_share_a_redis_are_counted_together(migrated_url, redis_url):
    async with raised(migrated_url) as stage:

        def hire(role, **shared):
            return Service(replace(stage.config(free_port()), **shared), role, now=stage.now)

        for role in ("worker", "clock", "web"):
            await stage.serve(hire(role, redis=Redis(redis_url)))
        await stage.settled()
        seen = len(stage.calls(FOLLOWERS))
        counted, ((minute, hour),) = await usage(stage, FOLLOWERS)
        assert (counted, minute["used"], hour["used"]) == ("all", seen, seen)
        await stage.serve(hire("web"))
        assert await usage(stage, FOLLOWERS) == ("process", []), "without Redis who answers has called nothing"


async def test_messages_of_the_day_are_told_before_wecom_takes_no_more(siyu):
    await siyu.api.patch(f"{siyu.base}/api/v1/settings", json={"alarm_receivers": [siyu.lead]})
    await siyu.run("UPDATE staff SET active = FALSE WHERE user_id NOT IN (SELECT MIN(user_id) FROM staff)")
    everyone = tuple(member.userid for member in siyu.company.members)
    sent = 0
    while sent < 160:
        await siyu.want(Prompt(users=everyone, text=f"{sent}", cause=f"news:{sent}"))
        sent += len(everyone)
    await siyu.until(siyu.idle)
    await siyu.announce(DayQuotasDue(corp_id=siyu.corp.id, at=siyu.now()))
    await siyu.until(lambda: any("今日应用消息人次" in str(one) for one in siyu.inbox(siyu.lead)))
    (shown,) = [one for one in (await siyu.get("quotas"))["items"] if one["name"] == "app_messages"]
    assert (shown["limit"], shown["daily"], shown["level"] != "ok") == (200, True, True)
