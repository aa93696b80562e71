"""A call is done, refused, to be tried later, or unknown; and nothing secret is told."""

import asyncio
import logging
import traceback

import httpx
import pytest
from structlog.testing import capture_logs

from wecom.calls import BACKGROUND, Pace
from wecom.errors import Misconfigured, NoAnswer, NotRelated, Refused, Throttled, TryLater, WecomError

READ = "externalcontact/get_follow_user_list"
WRITE = "externalcontact/send_welcome_msg"
SECRET = "s3cr3t-of-the-app"


async def read(client):
    return await client.staff.followers()


async def write(client):
    return await client.welcomes.send("code", "hello")


async def test_an_answer_without_errcode_is_done(client, platform):
    platform.reply(READ, {"follow_user": ["chen.yu"]})
    assert await read(client) == ("chen.yu",)


async def test_nulls_stand_for_what_is_absent(client, platform):
    platform.reply(READ, {"errcode": 0, "errmsg": None, "follow_user": None})
    assert await read(client) == ()


@pytest.mark.parametrize("error", [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")])
@pytest.mark.parametrize("call", [read, write])
async def test_what_was_not_sent_can_be_tried_later(client, platform, error, call):
    platform.reply(READ, error)
    platform.reply(WRITE, error)
    with pytest.raises(TryLater):
        await call(client)


LOST = [
    httpx.ReadTimeout("late"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("odd"),
    httpx.Response(502, text="bad gateway"),
    httpx.Response(200, text="<html>"),
    {"errcode": "not a number"},
]


@pytest.mark.parametrize("reply", LOST, ids=str)
async def test_a_write_without_an_answer_is_unknown(client, platform, reply):
    platform.reply(WRITE, reply)
    with pytest.raises(NoAnswer) as caught:
        await write(client)
    assert caught.value.path == WRITE
    assert len(platform.calls(WRITE)) == 1


@pytest.mark.parametrize("reply", LOST, ids=str)
async def test_a_read_without_an_answer_is_simply_tried_later(client, platform, reply):
    platform.reply(READ, reply)
    with pytest.raises(TryLater):
        await read(client)


async def test_busy_is_an_answer_and_so_a_write_is_tried_later(client, platform):
    platform.reply(WRITE, {"errcode": -1, "errmsg": "system busy"})
    with pytest.raises(TryLater) as caught:
        await write(client)
    assert caught.value.code == -1


async def test_only_a_download_may_answer_with_a_file(client, platform):
    headers = {"Content-Disposition": "attachment"}
    platform.reply(WRITE, httpx.Response(200, headers=headers, json={"errcode": 41050, "errmsg": "no"}))
    with pytest.raises(Refused):
        await write(client)


@pytest.mark.parametrize("grant", [{"errcode": 0}, {"access_token": ["odd"]}, {"access_token": "t", "expires_in": "x"}])
async def test_a_grant_that_cannot_be_read_is_tried_later(client, platform, grant):
    platform.reply("gettoken", grant)
    with pytest.raises(TryLater):
        await write(client)
    assert platform.calls(WRITE) == []


async def test_an_http_refusal_is_a_refusal(client, platform):
    platform.reply(WRITE, httpx.Response(413, text="too large"))
    with pytest.raises(Refused, match="HTTP 413"):
        await write(client)


async def test_a_missing_relation_has_a_name(client, platform):
    platform.reply("externalcontact/get", {"errcode": 84061, "errmsg": "not external contact"})
    with pytest.raises(NotRelated):
        await client.customers.get("wm1")


async def test_45009_blocks_the_path_and_nothing_else(client, platform, clock):
    platform.reply(WRITE, {"errcode": 45009, "errmsg": "freq"}, {"errcode": 0})
    with pytest.raises(Throttled) as caught:
        await write(client)
    assert (caught.value.code, caught.value.after) == (45009, 60)
    with pytest.raises(Throttled) as caught:
        await write(client)
    assert caught.value.after == pytest.approx(60)
    assert len(platform.calls(WRITE)) == 1
    await read(client)
    clock.advance(61)
    await write(client)


async def test_45033_makes_the_lane_narrower(client, platform):
    platform.reply(WRITE, {"errcode": 45033, "errmsg": "too many"})
    await read(client)
    with pytest.raises(TryLater):
        await write(client)
    lanes = client._line._lanes
    assert (lanes[WRITE].places, lanes[WRITE].busy, lanes[READ].places) == (128, 0, 16)


async def test_a_spent_budget_refuses_without_sending(client, platform, budget):
    await budget.block("ww1:" + WRITE)
    with pytest.raises(Throttled):
        await write(client)
    assert platform.calls(WRITE) == []


class Hesitant:
    """A budget that lets nobody pass the first time."""

    def __init__(self, wait):
        self.wait = wait
        self.asked = []

    async def reserve(self, charges, *, urgent):
        self.asked.append(urgent)
        return self.wait if len(self.asked) == 1 else 0.0

    async def block(self, key):
        raise AssertionError(key)


async def test_a_short_wait_is_waited_out(make_client, platform, client):
    client._line._budget = Hesitant(0.01)
    await write(client)
    assert len(platform.calls(WRITE)) == 1


async def test_a_wait_longer_than_the_caller_allows_is_refused(client, platform):
    client._line._budget = Hesitant(0.5)
    with pytest.raises(Throttled) as caught:
        await client.at(Pace(within=0.1)).welcomes.send("code", "hello")
    assert caught.value.after == 0.5
    assert platform.seen == []


async def test_the_pace_says_who_is_urgent(client):
    client._line._budget = budget = Hesitant(0)
    await client.staff.followers()
    await client.at(BACKGROUND).staff.followers()
    assert budget.asked == [True, False]


async def test_a_full_lane_is_tried_later_and_nothing_is_sent(client, platform, clock):
    await read(client)
    lane = client._line._lanes[READ]
    lane.busy = lane.places
    with pytest.raises(TryLater, match="too many calls under way"):
        await client.at(Pace(within=0.01)).staff.followers()
    assert len(platform.calls(READ)) == 1


async def test_a_cancelled_call_gives_its_place_back(make_client):
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            if request.url.path.endswith("gettoken"):
                return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
            return await asyncio.Event().wait()

    client = make_client(transport=Silent())
    task = asyncio.create_task(read(client))
    await asyncio.sleep(0.01)
    assert client._line._lanes[READ].busy == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert client._line._lanes[READ].busy == 0


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadTimeout("GET https://qyapi.weixin.qq.com/cgi-bin/x?access_token=token-1&corpsecret=" + SECRET),
        httpx.ConnectError("https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpsecret=" + SECRET),
        {"errcode": 60020, "errmsg": "not allowed, hint: [h], from ip: 1.2.3.4"},
        {"errcode": 45009, "errmsg": "freq"},
        httpx.Response(500, text="token-1 " + SECRET),
        {"errcode": "token-1 " + SECRET},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [WRITE, "gettoken"])
async def test_no_error_tells_a_secret(client, platform, reply, path, caplog):
    caplog.set_level(logging.DEBUG)
    platform.reply(path, reply)
    with capture_logs() as logs, pytest.raises(WecomError) as caught:
        await write(client)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(vars(caught.value))
    told += str(logs) + caplog.text
    assert SECRET not in told
    assert "token-1" not in told
    assert caught.value.path == path


async def test_a_client_shows_no_secret(client):
    assert SECRET not in repr(client) + repr(vars(client)) + repr(client.app)


async def test_a_wrong_agent_is_the_operators_matter(client, platform):
    platform.reply("agent/get", {"errcode": 301002, "errmsg": "not allow operate agent with this accesstoken"})
    with pytest.raises(Misconfigured):
        await client.staff.agent()


async def test_the_token_stands_in_the_query_and_the_body_in_plain_utf_8(client, platform):
    await client.welcomes.send("code", "您好")
    assert platform.last.query == {"access_token": "token-1"}
    assert "您好".encode() in platform.last.content
    assert platform.last.headers["content-type"] == "application/json"
    assert platform.calls("gettoken")[0].query == {"corpid": "ww1", "corpsecret": SECRET}
