"""Webhooks: how each telling of another system ended, with the reason."""

from typing import cast

from handlers.router import Router
from sop import webhooks
from sop.events import Outcome, Settled
from sop.intents import CallWebhook
from storage.store import Store

router = Router()


@router.on(Settled, of=CallWebhook)
async def settled(event: Settled, store: Store) -> None:
    """Note the end where a customer's story tells it."""
    intent = cast(CallWebhook, event.intent)
    done = event.outcome is Outcome.DONE
    known = event.reason in (webhooks.HOOK_GONE, webhooks.HOOK_INSIDE)
    failed = webhooks.HOOK_REFUSED if event.outcome is Outcome.REFUSED else webhooks.HOOK_FAILED
    reason = webhooks.HOOK_TOLD if done else event.reason if known else failed
    store.decide(
        "webhook",
        "sent" if done else event.outcome.value,
        reason,
        external_user_id=intent.external_user_id,
        user_id=intent.user_id,
        rule=f"webhook:{intent.webhook_id}",
        intent_id=event.intent_id,
        code=event.result.get("status", event.code),
        event=intent.event,
    )
