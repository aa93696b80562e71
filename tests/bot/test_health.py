"""What the service says about itself: alive, ready, and in numbers."""

import pytest

from bot.app import NotMigrated
from storage import migrations
from tests.stage import raised


async def test_a_living_service_is_alive_and_ready(living):
    for path, status in (("healthz", "ok"), ("readyz", "ready")):
        answer = await living.api.get(f"{living.base}/{path}")
        assert (answer.status_code, answer.json()["status"]) == (200, status)


async def test_every_role_tells_its_health(stage):
    for role in ("worker", "clock"):
        service = await stage.serve(role=role)
        base = service._config.server.public_url
        assert (await stage.api.get(f"{base}/readyz")).status_code == 200
        assert (await stage.api.post(f"{base}/callback/{stage.corp.id}/crm")).status_code == 404


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_service_whose_loop_has_ended_is_not_ready(living):
    service = living.services[0]
    service._loops["courier"].cancel()
    await living.until(service._loops["courier"].done)
    answer = await living.api.get(f"{living.base}/readyz")
    assert (answer.status_code, answer.json()["faults"]) == (503, {"loop courier": "ended"})
    assert (await living.api.get(f"{living.base}/healthz")).status_code == 200


async def test_a_database_that_is_not_migrated_is_refused_at_the_start(database_url):
    async with raised(database_url) as stage:
        with pytest.raises(NotMigrated, match="siyu migrate"):
            await stage.hire().start()
        await migrations.migrate(database_url)
        await stage.serve()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_metrics_count_callbacks_events_and_intents(living):
    channel = await living.channel(welcome={"text": "你好"})
    relation = living.scan(channel)
    await living.until(lambda: living.greetings(relation))
    await living.until(living.idle)
    told = (await living.api.get(f"{living.base}/metrics")).text
    for line in (
        'siyu_callbacks_total{app="crm",outcome="stored"}',
        'siyu_events_total{kind="contact_added"}',
        'siyu_intents_total{kind="send_welcome",outcome="done"}',
        'siyu_handler_seconds_bucket{handler="welcomes.greet"',
        "siyu_event_seconds_count",
        "siyu_events_open",
        "siyu_intents_oldest_seconds",
    ):
        assert line in told
    assert relation.external_userid not in told
