"""Another system is told: signed, once, under one id however often it is tried, and never inside our own network."""

from collections.abc import AsyncIterator

import pytest

from sop import webhooks
from sop.intents import CallWebhook
from tests.receiver import Receiver, receiving
from tests.stage import Stage


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def hook(siyu: Stage, url: str) -> dict:
    return await siyu.post("webhooks", {"name": "商城", "url": url})


async def tell(siyu: Stage, webhook: dict, cause: str = "flow:1:2", **more) -> CallWebhook:
    intent = CallWebhook(
        webhook_id=int(webhook["id"]),
        event="vip",
        external_user_id="wm1",
        data={"级别": 3},
        at=siyu.now(),
        cause=cause,
        **more,
    )
    await siyu.want(intent)
    return intent


async def ended(siyu: Stage) -> list[tuple[str, int, str]]:
    await siyu.until(siyu.idle)
    found = [one for one in await siyu.intents() if one.kind == CallWebhook.kind]
    return [(one.status, one.code, one.reason) for one in found]


async def test_another_system_is_told_with_our_signature(siyu: Stage, receiver: Receiver):
    webhook = await hook(siyu, receiver.url)
    intent = await tell(siyu, webhook)
    await siyu.until(lambda: receiver.took)
    (delivery,) = receiver.took
    assert delivery.is_signed(webhook["secret"])
    assert not delivery.is_signed("whsec_" + "A" * 43 + "=")
    assert delivery.headers["webhook-id"] == intent.effect == f"webhook:{webhook['id']}:flow:1:2"
    body = delivery.body
    assert (body["type"], body["external_user_id"], body["data"]) == ("vip", "wm1", {"级别": 3})
    await tell(siyu, webhook)  # the same fact again
    assert await ended(siyu) == [("done", 0, "")]
    assert len(receiver.took) == 1
    decisions = [
        (one["verdict"], one["reason"]["code"]) for one in (await siyu.get("decisions", what="webhook"))["items"]
    ]
    assert decisions == [("sent", webhooks.HOOK_TOLD)]


@pytest.mark.parametrize("lost", ["hang up", 500, 429, 408])
async def test_what_was_not_taken_is_told_again_under_the_same_id(siyu: Stage, receiver: Receiver, lost):
    receiver.answers = [lost]
    webhook = await hook(siyu, receiver.url)
    await tell(siyu, webhook)
    await siyu.until(lambda: len(receiver.took) == 2)
    first, second = receiver.took
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.content == second.content
    assert second.is_signed(webhook["secret"])
    assert (await ended(siyu))[0][0] == "done"


@pytest.mark.parametrize("status", [400, 401, 410, 422])
async def test_what_is_refused_is_not_told_again(siyu: Stage, receiver: Receiver, status):
    receiver.answers = [status]
    await tell(siyu, await hook(siyu, receiver.url))
    assert await ended(siyu) == [("refused", status, f"HTTP {status}")]
    assert len(receiver.took) == 1


async def test_a_redirection_is_not_followed(siyu: Stage, receiver: Receiver):
    receiver.answers, receiver.headers = [307], {"Location": receiver.url}
    await tell(siyu, await hook(siyu, receiver.url))
    assert await ended(siyu) == [("refused", 307, "HTTP 307")]
    assert len(receiver.took) == 1


async def test_a_webhook_that_is_switched_off_or_gone_is_not_asked(siyu: Stage, receiver: Receiver):
    webhook = await hook(siyu, receiver.url)
    path = f"{siyu.base}/api/v1/webhooks/{webhook['id']}"
    assert (await siyu.api.patch(path, json={"enabled": False})).is_success
    await tell(siyu, webhook, "off")
    assert await ended(siyu) == [("refused", 0, webhooks.HOOK_GONE)]
    assert (await siyu.api.delete(path)).is_success
    await tell(siyu, webhook, "gone")
    assert [reason for _, _, reason in await ended(siyu)] == [webhooks.HOOK_GONE] * 2
    assert receiver.took == []


async def test_another_secret_is_in_force_at_once(siyu: Stage, receiver: Receiver):
    webhook = await hook(siyu, receiver.url)
    renewed = await siyu.post(f"webhooks/{webhook['id']}/secret", {})
    assert renewed["secret"] != webhook["secret"]
    await tell(siyu, webhook)
    await siyu.until(lambda: receiver.took)
    assert receiver.took[0].is_signed(renewed["secret"])
    assert not receiver.took[0].is_signed(webhook["secret"])


async def test_the_test_button_says_how_it_went(siyu: Stage, receiver: Receiver):
    webhook = await hook(siyu, receiver.url)
    found = await siyu.post(f"webhooks/{webhook['id']}/test", {}, wait=10)
    assert (found["status"], found["code"]) == ("done", 204)
    assert receiver.took[0].body["type"] == "test"
    receiver.answers = [403]
    found = await siyu.post(f"webhooks/{webhook['id']}/test", {}, wait=10)
    assert (found["status"], found["code"], found["reason"]) == ("refused", 403, "HTTP 403")
