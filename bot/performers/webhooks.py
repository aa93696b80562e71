"""What is told to other systems: a signed request, to an address outside our own network, followed nowhere else."""

from collections.abc import Mapping
from datetime import UTC

import aiohttp
import msgspec

from bot.performers.attempt import Attempt, Perform, Result, Tools
from console import outside
from console.outside import Forbidden
from sop import webhooks
from sop.intents import CallWebhook, Intent
from sop.webhooks import Webhook
from storage.scope import Scope
from storage.webhooks import Webhooks
from wecom.errors import NoAnswer, Refused, TryLater

PATH = "webhook"
LONGEST_PAUSE = 3600.0  # seconds that a receiver may ask for
_CONNECT = 2.0  # seconds of the time that a try has
_LATER = frozenset({408, 425, 429})  # beside all of 5xx
_AGENT = "Siyu-Webhook/1"


async def _call_webhook(intent: CallWebhook, tools: Tools, attempt: Attempt) -> Result:
    """Tell once; `Refused` by what it will say again, `TryLater` before it was told, `NoAnswer` when nobody knows."""
    client = tools.client
    scope = Scope(database=tools.database, corp_id=client.corp_id, app=client.app.name, now=attempt.now)
    webhook = await Webhooks(scope).get(intent.webhook_id)
    if webhook is None or not webhook.enabled:
        raise Refused(PATH, webhooks.HOOK_GONE)
    try:
        outside.check(webhook.url, inside=tools.inside)
        status, pause = await _post(webhook, intent, attempt, inside=tools.inside)
    except (Forbidden, aiohttp.InvalidURL) as error:
        raise Refused(PATH, webhooks.HOOK_INSIDE) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise TryLater(PATH, type(error).__name__) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoAnswer(PATH, type(error).__name__) from error
    if status in _LATER or status >= 500:  # noqa: PLR2004
        raise TryLater(PATH, f"HTTP {status}", code=status, after=pause)
    if not 200 <= status < 300:  # noqa: PLR2004 - a redirection may lead anywhere, so it is none that counts
        raise Refused(PATH, f"HTTP {status}", code=status)
    return {"status": status}


async def _post(webhook: Webhook, intent: CallWebhook, attempt: Attempt, *, inside: bool) -> tuple[int, float]:
    """The status that is answered, and the pause that is asked for; what else is said is not read."""
    body, identity = _word(intent), webhooks.name(intent.effect)
    timestamp = int(attempt.now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "webhook-id": identity,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": webhooks.sign(webhook.secret, identity, timestamp, body),
    }
    patience = aiohttp.ClientTimeout(total=attempt.timeout, sock_connect=min(_CONNECT, attempt.timeout))
    async with (
        aiohttp.ClientSession(connector=outside.connector(inside=inside), timeout=patience) as session,
        session.post(webhook.url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, _read_pause(answer.headers.get("Retry-After", ""))


def _word(intent: CallWebhook) -> bytes:
    """The body; it is the same with every try."""
    return msgspec.json.encode(
        {
            "id": intent.effect,
            "type": intent.event,
            "timestamp": intent.at.astimezone(UTC),
            "external_user_id": intent.external_user_id,
            "user_id": intent.user_id,
            "data": intent.data,
        }
    )


def _read_pause(header: str) -> float:
    """Seconds of a Retry-After; a date, or nonsense, counts as no wish."""
    return min(float(header), LONGEST_PAUSE) if header.isascii() and header.isdigit() else 1.0


PERFORMERS: Mapping[type[Intent], Perform] = {CallWebhook: _call_webhook}
