"""What follows from the end of a call for something that operators want at WeCom, whatever it is."""

from dataclasses import dataclass

from sop.events import Outcome, Settled
from storage.mirrors import Mirrors
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """What a decision is about, and the reasons of the ends that a call may have."""

    what: str
    live: str
    deleted: str
    refused: str
    failed: str


def conclude(
    event: Settled, store: Store, mirrors: Mirrors, ends: Ends, *, identity: int, version: int, gone: bool = False
) -> None:
    """Store how a call ended, and give the reason; what was done is stored by who knows what came of it."""
    about = {"rule": f"{ends.what}:{identity}", "version": version, "intent_id": event.intent_id}
    if event.outcome is Outcome.DONE:
        if gone:
            mirrors.bury(identity)
        store.decide(ends.what, "sent", ends.deleted if gone else ends.live, **about)
        return
    refused = event.outcome is Outcome.REFUSED
    said = f"{event.code} {event.reason}" if event.code else event.reason
    mirrors.refuse(identity, version, reason=said)
    reason = ends.refused if refused else ends.failed
    store.decide(ends.what, event.outcome.value, reason, code=event.code, said=event.reason, **about)
