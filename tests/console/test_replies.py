"""Idempotency keys: the same request twice is done once."""

import asyncio
from datetime import timedelta

from storage.replies import LIFETIME
from tests.console.conftest import CORP

WELCOME = {"name": "默认", "scope": {"kind": "corp"}, "text": "你好"}
KEY = {"Idempotency-Key": "k-1"}


async def count(site) -> int:
    return len((await site("operator", "GET", "/welcomes"))[1]["items"])


async def test_a_repetition_gets_the_same_answer_and_does_nothing(site):
    first = await site("operator", "POST", "/welcomes", WELCOME, headers=KEY)
    response = await site.ask("operator", "POST", "/welcomes", WELCOME, headers=KEY)
    assert (response.status, await response.json()) == first
    assert response.headers["Idempotency-Replayed"] == "true"
    assert await count(site) == 1


async def test_without_a_key_everything_is_done_anew(site):
    for _ in range(2):
        await site("operator", "POST", "/welcomes", WELCOME)
    assert await count(site) == 2


async def test_a_key_belongs_to_one_request(site):
    await site("operator", "POST", "/welcomes", WELCOME, headers=KEY)
    for path, body in (("/welcomes", {**WELCOME, "text": "别的"}), ("/channels", WELCOME)):
        status, problem = await site("operator", "POST", path, body, headers=KEY)
        assert (status, problem["type"]) == (422, "urn:siyu:problem:key-reused")
    assert await count(site) == 1


async def test_a_key_belongs_to_one_token(site):
    await site("operator", "POST", "/welcomes", WELCOME, headers=KEY)
    assert (await site("admin", "POST", "/welcomes", WELCOME, headers=KEY))[0] == 201
    assert await count(site) == 2


async def test_of_the_same_request_many_times_at_once_one_is_done(site):
    await site.token("operator")
    requests = (site("operator", "POST", "/welcomes", WELCOME, headers=KEY) for _ in range(8))
    answers = await asyncio.gather(*requests)
    assert {status for status, _ in answers} == {201}
    assert len({answer["id"] for _, answer in answers}) == 1
    assert await count(site) == 1


async def test_what_failed_may_be_tried_again_under_its_key(site):
    assert (await site("operator", "POST", "/welcomes", {}, headers=KEY))[0] == 422
    assert (await site("operator", "POST", "/welcomes", WELCOME, headers=KEY))[0] == 201


async def test_a_deletion_is_repeated_too(site):
    _, made = await site("operator", "POST", "/welcomes", WELCOME)
    for _ in range(2):
        assert (await site("operator", "DELETE", f"/welcomes/{made['id']}", headers=KEY))[0] == 204


async def test_a_key_is_forgotten_after_a_day(site):
    await site("operator", "POST", "/welcomes", WELCOME, headers=KEY)
    site.clock.now += LIFETIME + timedelta(seconds=1)
    assert (await site("operator", "POST", "/welcomes", WELCOME, headers=KEY))[0] == 201
    assert await count(site) == 2


async def test_a_key_is_checked(site):
    for key in ("", "x" * 201, "a\tb"):
        status, problem = await site("operator", "POST", "/welcomes", WELCOME, headers={"Idempotency-Key": key})
        assert (status, problem["errors"][0]["field"]) == (422, "Idempotency-Key"), key
    assert (await site("operator", "GET", "/welcomes", headers=KEY))[0] == 422


async def test_the_loops_are_woken_after_a_write_only(site):
    await site("operator", "GET", f"/welcomes?corp={CORP}")
    await site("operator", "POST", "/welcomes/preview", {"staff": "nobody"})
    assert site.woken == []
    await site("operator", "POST", "/welcomes", WELCOME)
    assert len(site.woken) == 1
