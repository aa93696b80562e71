"""Where requests come from: those behind a proxy are told apart, and nobody can pass for somebody else from outside."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from console.api.auth import ALLOWED_FAILURES
from console.api.origin import trace


@pytest.fixture
def backend() -> str:
    """Nothing here depends on the store."""
    return "sqlite"


@pytest.mark.parametrize(
    ("remote", "told", "origin"),
    [
        ("8.8.8.8", [], "8.8.8.8"),
        ("8.8.8.8", ["9.9.9.9"], "8.8.8.8"),  # not from a proxy of ours
        ("127.0.0.1", ["9.9.9.9"], "9.9.9.9"),
        ("172.18.0.2", ["1.1.1.1, 9.9.9.9"], "9.9.9.9"),  # what came before it the caller may have made up
        ("172.18.0.2", ["1.1.1.1", "9.9.9.9"], "9.9.9.9"),
        ("127.0.0.1", ["9.9.9.9, 10.0.0.7"], "9.9.9.9"),  # two proxies
        ("127.0.0.1", ["10.0.0.7"], "10.0.0.7"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("127.0.0.1", [", ,"], "127.0.0.1"),
        ("2606:4700:1:2:3::4", [], "2606:4700:1:2::/64"),
        ("::ffff:8.8.8.8", ["9.9.9.9"], "8.8.8.8"),
        ("", [], ""),
    ],
)
def test_the_origin_is_the_last_hop_that_our_own_network_tells_of(remote, told, origin):
    headers = CIMultiDict([("X-Forwarded-For", each) for each in told])
    assert trace(make_mocked_request("GET", "/", headers).clone(remote=remote)) == origin


async def test_behind_a_proxy_one_who_guesses_locks_nobody_else_out(site):
    guess = {"Authorization": "Bearer siyu_admin_guess", "X-Forwarded-For": "9.9.9.9"}
    for _ in range(ALLOWED_FAILURES + 1):
        refused = await site.client.get("/api/v1/events", headers=guess)
        missed = await site.client.get("/c/guess", headers=guess)
    assert (refused.status, missed.status) == (429, 429)
    other = {"X-Forwarded-For": "8.8.4.4"}
    assert (await site("operator", "GET", "/events", headers=other))[0] == 200
    assert (await site.client.get("/c/guess", headers=other)).status == 404
