"""Where webhooks may lead is looked at when they are asked, not only when they are written."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.performers import PERFORMERS, Attempt, Tools
from sop.intents import CallWebhook
from sop.webhooks import HOOK_INSIDE, Draft
from tests.handlers.desk import reach
from tests.receiver import Receiver, receiving
from wecom.errors import NoAnswer, Refused, TryLater

Perform = Callable[..., Awaitable[dict]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def perform(stage) -> AsyncIterator[Perform]:
    client = reach(stage.simulator, stage.company)

    async def run(url: str, *, inside: bool, seconds: float = 5.0) -> dict:
        store = stage.store()
        webhook = store.webhooks.add(Draft(name="a", url=url))
        await store.commit()
        now = stage.now()
        intent = CallWebhook(webhook_id=webhook.id, event="test", at=now, cause=url)
        attempt = Attempt(now=now, created_at=now, within=1, timeout=seconds, urgent=False, doubtful=False)
        return await PERFORMERS[CallWebhook](intent, Tools(client, stage.database, inside), attempt)

    yield run
    await client.aclose()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
async def test_our_own_network_is_not_asked(perform, receiver, host):
    port = receiver.url.rpartition(":")[2].partition("/")[0]
    with pytest.raises(Refused, match=HOOK_INSIDE):
        await perform(f"http://{host}:{port}/hook", inside=False)
    assert receiver.took == []
    assert await perform(receiver.url, inside=True) == {"status": 204}


async def test_who_is_not_there_was_surely_not_told(perform, free_port):
    with pytest.raises(TryLater):
        await perform(f"http://127.0.0.1:{free_port}/", inside=True)
    with pytest.raises(TryLater):
        await perform("http://nobody.invalid/", inside=False)


async def test_of_who_does_not_answer_nobody_knows(perform, receiver):
    receiver.answers = ["sleep", "hang up"]
    for _ in range(2):
        with pytest.raises(NoAnswer):
            await perform(receiver.url, inside=True, seconds=0.5)


async def test_a_receiver_says_how_long_to_wait(perform, receiver):
    receiver.answers, receiver.headers = [503, 503], {"Retry-After": "7"}
    with pytest.raises(TryLater) as caught:
        await perform(receiver.url, inside=True)
    assert caught.value.after == 7
    receiver.headers = {"Retry-After": "999999999"}
    with pytest.raises(TryLater) as caught:
        await perform(receiver.url, inside=True)
    assert caught.value.after == 3600
