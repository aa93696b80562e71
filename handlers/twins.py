"""Twins: bring what stands at WeCom in step with what operators want, one call at a time for each thing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sop.events import Outcome, Settled
from sop.intents.twins import TwinIntent
from storage.store import Store
from storage.twins import Twin, Twins

T = TypeVar("T", bound=Twin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How decisions about it are named, and why they were taken."""

    what: str
    wanted: str
    live: str
    deleted: str
    refused: str
    failed: str


def advance(
    twin: T | None, twins: Twins[T, Any], store: Store, *, step: Callable[[T], TwinIntent | None], words: Words
) -> None:
    """Take the next step from what WeCom has to what is wanted, if one is due.

    `step` gives the call for a twin that is pending or deleting; None where WeCom has nothing to delete.
    """
    if twin is None or not twin.due:
        return
    about = {"rule": f"{words.what}:{twin.id}", "version": twin.version}
    intent = step(twin)
    if intent is None:
        twins.bury(twin.id)
        store.decide(words.what, "skipped", words.deleted, **about)
        return
    intent_id = store.intend(intent)
    twins.ask(twin)
    store.decide(words.what, "wanted", words.wanted, intent_id=intent_id, **about)


def conclude(event: Settled, twins: Twins[T, Any], store: Store, *, words: Words) -> None:
    """Note what came of a call with its reason, and look again: what is wanted may have moved on meanwhile."""
    intent = cast(TwinIntent, event.intent)
    row, version, gone = intent.row, intent.version, intent.deed == "delete"
    about = {"rule": f"{words.what}:{row}", "version": version, "intent_id": event.intent_id}
    if event.outcome is not Outcome.DONE:
        refused = event.outcome is Outcome.REFUSED
        twins.refuse(row, version, reason=event.said)
        why = words.refused if refused else words.failed
        store.decide(words.what, event.outcome.value, why, code=event.code, said=event.reason, **about)
    elif gone:
        twins.bury(row)
        store.decide(words.what, "sent", words.deleted, **about)
    else:
        twins.see(row, version, **{name: str(event.result[name]) for name in twins.made if name in event.result})
        store.decide(words.what, "sent", words.live, **about)
    twins.converge(row, version)
