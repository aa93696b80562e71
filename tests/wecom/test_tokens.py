"""Tokens are fetched once for all, renewed early, and replaced when they are refused."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from wecom.calls import App
from wecom.errors import Misconfigured, Throttled, TryLater
from wecom.tokens import EARLY, LONGEST_PAUSE, PAUSE, MemoryTokens, Token, Tokens

GET = "externalcontact/get_follow_user_list"
OK = {"errcode": 0, "errmsg": "ok"}


class Revoking(httpx.AsyncBaseTransport):
    """A platform on which all tokens but the newest are dead; every answer takes a turn of the loop."""

    def __init__(self, code):
        self.code = code
        self.grants = 0
        self.alive = "none"

    async def handle_async_request(self, request):
        await asyncio.sleep(0)
        if request.url.path.endswith("gettoken"):
            self.grants += 1
            self.alive = f"t{self.grants}"
            return httpx.Response(200, json=OK | {"access_token": self.alive, "expires_in": 7200})
        fine = request.url.params["access_token"] == self.alive
        return httpx.Response(200, json=OK if fine else {"errcode": self.code, "errmsg": "dead"})


@pytest.mark.parametrize("code", [42001, 40014])
async def test_fifty_dead_tokens_at_once_cost_exactly_one_gettoken(make_client, code):
    platform = Revoking(code)
    client = make_client(transport=platform)
    await client.staff.followers()
    platform.alive = "revoked"
    before = platform.grants
    await asyncio.gather(*[client.staff.followers() for _ in range(50)])
    assert platform.grants - before == 1


async def test_fifty_first_calls_cost_exactly_one_gettoken(make_client):
    platform = Revoking(42001)
    client = make_client(transport=platform)
    await asyncio.gather(*[client.staff.followers() for _ in range(50)])
    assert platform.grants == 1


async def test_two_clients_with_one_store_share_a_token_and_its_renewal(make_client):
    platform, store = Revoking(42001), MemoryTokens()
    one, two = make_client(transport=platform, tokens=store), make_client(transport=platform, tokens=store)
    await one.staff.followers()
    await two.staff.followers()
    assert platform.grants == 1
    platform.alive = "revoked"
    await asyncio.gather(*[client.staff.followers() for client in (one, two) for _ in range(10)])
    assert platform.grants == 2


async def test_a_request_is_replayed_once_and_no_more(client, platform):
    platform.reply(GET, {"errcode": 42001, "errmsg": "expired"})
    with pytest.raises(TryLater):
        await client.staff.followers()
    assert [seen.query["access_token"] for seen in platform.calls(GET)] == ["token-1", "token-2"]
    assert len(platform.calls("gettoken")) == 2


async def test_a_token_lives_until_its_end(client, platform, clock):
    await client.staff.followers()
    clock.advance(7200 - EARLY.total_seconds() - 61)
    await client.staff.followers()
    assert len(platform.calls("gettoken")) == 1
    clock.advance(7200)
    await client.staff.followers()
    assert len(platform.calls("gettoken")) == 2


async def test_near_its_end_a_token_is_renewed_without_holding_up_the_caller(clock):
    grants, gate = [], asyncio.Event()

    async def fetch():
        grants.append(len(grants) + 1)
        if len(grants) > 1:
            await gate.wait()
        return Token(f"t{len(grants)}", clock.now() + timedelta(seconds=7200))

    tokens = Tokens("k", MemoryTokens(), fetch, clock=clock.now)
    assert await tokens.current() == "t1"
    clock.advance(7200 - EARLY.total_seconds() + 1)
    assert [await tokens.current() for _ in range(5)] == ["t1"] * 5
    await asyncio.sleep(0)
    assert grants == [1, 2]
    gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert (await tokens.current(), grants) == ("t2", [1, 2])


async def test_a_renewal_that_fails_leaves_the_old_token_in_use(client, platform, clock):
    grant = OK | {"access_token": "old", "expires_in": 7200}
    platform.reply("gettoken", grant, httpx.ConnectError("down"))
    await client.staff.followers()
    clock.advance(7200 - EARLY.total_seconds() + 1)
    with capture_logs() as logs:
        for _ in range(5):
            await client.staff.followers()
            await asyncio.sleep(0)
    assert [log["event"] for log in logs] == ["token_renewal_failed"]
    assert platform.last.query["access_token"] == "old"
    assert len(platform.calls("gettoken")) == 2


@pytest.mark.parametrize("code", [40001, 40013])
async def test_a_wrong_secret_pauses_asking(client, platform, clock, code):
    platform.reply("gettoken", {"errcode": code, "errmsg": "invalid credential"})
    for _ in range(20):
        with pytest.raises(Misconfigured):
            await client.staff.followers()
    assert len(platform.calls("gettoken")) == 1
    clock.advance(PAUSE.total_seconds() + 1)
    with pytest.raises(Misconfigured):
        await client.staff.followers()
    assert len(platform.calls("gettoken")) == 2


async def test_a_secret_that_stays_wrong_is_tried_ever_less_often(client, platform, clock):
    platform.reply("gettoken", {"errcode": 40001, "errmsg": "invalid credential"})
    for _ in range(24 * 60):
        with pytest.raises(Misconfigured):
            await client.staff.followers()
        clock.advance(60)
    assert len(platform.calls("gettoken")) <= 24 * 3600 / LONGEST_PAUSE.total_seconds() + 6


async def test_a_mended_secret_works_again(client, platform, clock):
    platform.reply("gettoken", {"errcode": 40001, "errmsg": "no"}, OK | {"access_token": "good", "expires_in": 7200})
    with pytest.raises(Misconfigured):
        await client.staff.followers()
    clock.advance(PAUSE.total_seconds() + 1)
    await client.staff.followers()
    assert platform.last.query["access_token"] == "good"


async def test_after_a_success_the_pauses_begin_short_again(clock):
    outcomes = [Misconfigured("gettoken"), Misconfigured("gettoken"), None, Misconfigured("gettoken"), None]

    async def fetch():
        outcome = outcomes.pop(0)
        if outcome:
            raise outcome
        return Token("t", clock.now())

    tokens = Tokens("k", MemoryTokens(), fetch, clock=clock.now)
    for pause in (1, 2, 0, 1):
        if pause:
            with pytest.raises(Misconfigured):
                await tokens.current()
        else:
            await tokens.current()
        clock.advance(pause * PAUSE.total_seconds())
    assert await tokens.current() == "t"


async def test_a_banned_address_waits_an_hour(client, platform):
    platform.reply("gettoken", {"errcode": 45009, "errmsg": "banned"})
    for _ in range(2):
        with pytest.raises(Throttled) as caught:
            await client.staff.followers()
        assert caught.value.after == 3600
    assert len(platform.calls("gettoken")) == 1


async def test_waiters_share_a_failed_fetch_instead_of_repeating_it(make_client):
    class Down(httpx.AsyncBaseTransport):
        tries = 0

        async def handle_async_request(self, request):
            self.tries += 1
            await asyncio.sleep(0)
            raise httpx.ConnectError("down")

    down = Down()
    client = make_client(transport=down)
    outcomes = await asyncio.gather(*[client.staff.followers() for _ in range(50)], return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {TryLater}
    assert down.tries == 1


def test_neither_secret_nor_token_is_shown(clock):
    assert "hush" not in repr(App("crm", 1, "hush"))
    assert "hush" not in repr(Token("hush", clock.now()))
