"""Webhooks: signed as the standard's own example, and named so that a header can carry it."""

from datetime import UTC, datetime

from sop import webhooks
from sop.intents import CallWebhook


def test_the_signature_is_that_of_the_standard():
    """The vector that its libraries are tested with."""
    secret, identity = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    made = webhooks.sign(secret, identity, 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_name_is_one_that_a_header_takes():
    assert webhooks.name("webhook:7:flow:1:2") == "webhook:7:flow:1:2"
    assert webhooks.name("webhook:7:旅程\r\nx") == "webhook:7:%E6%97%85%E7%A8%8B%0D%0Ax"


def test_one_system_is_asked_a_few_times_at_once_at_most():
    at = datetime(2026, 5, 4, tzinfo=UTC)
    lanes = {CallWebhook(webhook_id=7, event="x", at=at, cause=f"{n}").lane for n in range(500)}
    assert len(lanes) == 8
