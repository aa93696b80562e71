"""How the making of a mailing ended: it waits for its members, is made anew, comes to nothing, or nobody knows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from handlers.alerts import alert
from handlers.deliveries import steps
from handlers.router import Router
from sop import reasons
from sop.deliveries import Status as Delivered
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import Mailing, Status
from sop.events import Outcome, Settled
from sop.intents import MakeMailing
from storage.deliveries.results import Result
from storage.store import Store
from wecom.codes import Kind, explain

router = Router()


@router.on(Settled, of=MakeMailing)
async def settled(event: Settled, store: Store) -> None:
    """Note what WeCom said; what nobody knows is looked for."""
    intent = cast(MakeMailing, event.intent)
    mailing = await store.deliveries.mailings.get(intent.mailing_id)
    if mailing is None or mailing.status is not Status.MAKING or intent.turn != mailing.tries:
        return
    mailing = replace(mailing, asked_at=event.at, code=event.code)
    _drop(mailing, event.result.get("refused", {}), store)
    doubtful = bool(event.result.get("doubtful"))
    if event.outcome is Outcome.DONE and "msg_id" in event.result and event.result["msg_id"]:
        await _made(mailing, event, store)
    elif event.outcome is Outcome.DONE and "nothing" in event.result:
        await _needless(mailing, event.result, store)
    elif event.outcome is Outcome.REFUSED:
        await _refused(mailing, event, store)
    elif event.outcome is Outcome.LATE and not doubtful:
        await steps.give_up(mailing, store, status=Status.REFUSED, reason=rules.LATE, said=event.said)
    else:
        await _unknown(mailing, event, store)


async def _made(mailing: Mailing, event: Settled, store: Store) -> None:
    """Members have to confirm now; whom WeCom cannot reach is told at once."""
    failed: Sequence[str] = event.result.get("failed", ())
    count = int(event.result.get("count", mailing.count))
    if left_out := event.result.get("left_out"):
        store.decide("attachment", "skipped", rules.LEFT_OUT, materials=left_out, **steps.about(mailing))
    fate = Delivered.FAILED.value
    ends = [Result(subject, fate, rules.UNREACHED, mailing.user_id, event.at) for subject in failed]
    store.deliveries.results.end(mailing.id, ends)
    made = replace(mailing, msg_id=event.result["msg_id"], count=count, failed=len(failed))
    store.decide(
        "mailing", "sent", rules.MADE, intent_id=event.intent_id, count=count, failed=len(failed), **steps.about(made)
    )
    await steps.follow(made, store, made_at=event.at, changed=bool(failed or event.result.get("refused")))


def _drop(mailing: Mailing, refused: dict[str, str], store: Store) -> None:
    """Whoever opted out after it was gathered was left out at the last moment."""
    fate = Delivered.CANCELLED.value
    ends = [Result(subject, fate, reason, mailing.user_id, store.now) for subject, reason in refused.items()]
    store.deliveries.results.end(mailing.id, ends)


async def _needless(mailing: Mailing, result: dict[str, Any], store: Store) -> None:
    """It was called off before it was made, or nothing is left that could be sent."""
    if result["nothing"] == "empty":
        await steps.give_up(mailing, store, status=Status.REFUSED, reason=rules.MEDIA_BAD, said="")
    else:
        await steps.give_up(mailing, store, status=Status.CANCELLED, reason=rules.STOPPED, said=result["nothing"])


async def _refused(mailing: Mailing, event: Settled, store: Store) -> None:
    """What WeCom has refused it has not made: it is tried anew where that can help."""
    content = await store.deliveries.mailings.content(mailing.content_id)
    materials = {int(one.material) for one in content.attachments if one.material}
    late = store.now - mailing.created_at > rules.MAKE or mailing.tries >= rules.TRIES
    config = event.code and explain(event.code).kind is Kind.CONFIG
    why = reasons.explain(rules.judge(event.code))
    if event.code in rules.EXPIRED and materials and not late:
        store.materials.lapse(materials)
        steps.make_anew(mailing, store, after=rules.MEDIA, reason=rules.WAITS, said=event.said)
        return
    if config and not late:
        steps.make_anew(mailing, store, after=rules.AGAIN, reason=rules.WAITS, said=event.said)
    else:
        status, reason = Status.REFUSED, rules.judge(event.code)
        await steps.give_up(mailing, store, status=status, reason=reason, said=event.said)
    voice = await store.settings.voice()
    said = why.en if voice.language == "en" else why.zh
    cause = f"mailing:refused:{mailing.origin}:{mailing.origin_id}:{event.code}:{event.at:%Y-%m-%d}"
    words = f"{said} ({event.said})"
    await alert(rules.HALTED, store, cause=cause, reason=rules.judge(event.code), count=mailing.count, why=words)


async def _unknown(mailing: Mailing, event: Settled, store: Store) -> None:
    """Ask WeCom what it has, once it has had a moment."""
    about = steps.about(mailing)
    store.decide("mailing", "unknown", rules.UNKNOWN, intent_id=event.intent_id, said=event.said, **about)
    moved = replace(mailing, status=Status.UNKNOWN, reason=rules.UNKNOWN)
    steps.look_at(moved, store, due_at=rules.next_look(moved, event.at, await steps.pace(store)))
