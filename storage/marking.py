"""Marking customers: tags of WeCom by an intent, internal ones here and at once, for as long as they are wanted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sop import events as own
from sop import intents
from sop.events import Outcome, Settled, TagExpired
from sop.intents import MarkTags
from sop.owners import TAG_FULL, TAG_INTERNAL, name
from sop.tags import INTERNAL, MOST_OF_RELATION
from storage.sql import Statement
from storage.store import Store
from storage.tags import Binding

_COUNT = Statement("""
    SELECT COUNT(*) AS count FROM bindings
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id AND tag_id NOT LIKE 'in:%'
""")
_OPEN = Statement("SELECT body FROM intents WHERE lane = :lane AND open AND kind = 'mark_tags' ORDER BY id")
_ENDED = Statement("SELECT body FROM events WHERE lane = :lane AND open AND kind = 'settled:mark_tags' ORDER BY id")


async def mark(store: Store, marking: MarkTags) -> int | None:
    """Put tags on a customer, or take them off; the id of the intent, None where nothing is left for WeCom.

    More than the 3,000 tags that a member can put on a customer are not sent; the decision says so.
    """
    here, there = _part(marking, internal=True), _part(marking, internal=False)
    about = {"external_user_id": marking.external_user_id, "user_id": marking.user_id, "rule": marking.rule}
    if here.add or here.remove:
        write(store, here, at=store.now)
        await record(store, here, at=store.now, effect=here.effect)
        store.decide("tag", "sent", TAG_INTERNAL, add=here.add, remove=here.remove, **about)
    if not there.add and not there.remove:
        return None
    if there.add and await _count(store, marking) + len(there.add) - len(there.remove) > MOST_OF_RELATION:
        store.decide("tag", "skipped", TAG_FULL, add=there.add, **about)
        return None
    return store.intend(there)


def write(store: Store, marking: MarkTags, *, at: datetime) -> None:
    """Tags are on a customer since `at`, or off: store it with who wanted it, and see that it ends when it should."""
    pair = marking.external_user_id, marking.user_id
    owner, source, version = name(marking.rule, marking.source)
    rule = f"{owner}@{version}" if ":" in owner else ""
    store.tags.unbind(*pair, tag_ids=marking.remove, by_hand=source not in {"rule", "channel"})
    store.tags.bind(
        *pair,
        bindings=[
            Binding(
                tag_id=tag_id,
                source=source,
                rule=rule,
                event_id=store.scope.event_id,
                at=at,
                evidence=marking.evidence,
                expires_at=marking.expires_at,
            )
            for tag_id in marking.add
        ],
    )
    if marking.expires_at is not None:
        for tag_id in marking.add:
            schedule(store, marking, tag_id=tag_id, owner=owner, until=marking.expires_at)


def schedule(store: Store, marking: MarkTags, *, tag_id: str, owner: str, until: datetime) -> None:
    """Have it noticed when the time of a tag is over."""
    pair = {"external_user_id": marking.external_user_id, "user_id": marking.user_id}
    due = TagExpired(corp_id=store.scope.corp_id, at=until, tag_id=tag_id, owner=owner, expires_at=until, **pair)
    timer = f"tag:{marking.external_user_id}:{marking.user_id}:{tag_id}:{owner}:{int(until.timestamp())}"
    store.schedule(due, name=timer, due_at=until)


async def record(store: Store, marking: MarkTags, *, at: datetime, effect: str) -> None:
    """Write into the history what was put on a customer, and what was taken off."""
    known = await store.tags.find({*marking.add, *marking.remove})
    for what, tag_ids in (("tagged", marking.add), ("untagged", marking.remove)):
        if tag_ids:
            store.history.append(
                what,
                marking.external_user_id,
                user_id=marking.user_id,
                at=at,
                effect=f"{what}:{effect}",
                tags=tag_ids,
                names=[known[tag_id].name for tag_id in tag_ids if tag_id in known],
                rule=marking.rule,
            )


async def under_way(store: Store, external_user_id: str, user_id: str) -> tuple[MarkTags, ...]:
    """The marks of a relation that may be at WeCom already while their end is not written here, in their order.

    What was marked before a reading of WeCom is among them or in the bindings, provided that the reading came first.
    """
    lane = f"{store.scope.corp_id}/customer:{external_user_id}"
    ended = [own.load("settled", row["body"]) for row in await store.scope.fetch(_ENDED, lane=lane)]
    done = [end.intent for end in ended if isinstance(end, Settled) and end.outcome is Outcome.DONE]
    waiting = [intents.load("mark_tags", row["body"]) for row in await store.scope.fetch(_OPEN, lane=lane)]
    return tuple(_of(user_id, [*done, *waiting]))


def _of(user_id: str, marks: Iterable[object]) -> Iterable[MarkTags]:
    return (each for each in marks if isinstance(each, MarkTags) and each.user_id == user_id)


def _part(marking: MarkTags, *, internal: bool) -> MarkTags:
    """What of a marking is for WeCom, or what is not."""
    add, remove = (
        tuple(tag for tag in tags if tag.startswith(INTERNAL) is internal) for tags in (marking.add, marking.remove)
    )
    return replace(marking, add=add, remove=remove)


async def _count(store: Store, marking: MarkTags) -> int:
    pair = {"external_user_id": marking.external_user_id, "user_id": marking.user_id}
    (row,) = await store.scope.fetch(_COUNT, **pair)
    return int(row["count"])
