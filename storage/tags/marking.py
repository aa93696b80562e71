"""Marking customers: tags of WeCom by an intent, internal ones here and at once, for as long as they are wanted."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table, select

from sop import events as own
from sop import intents
from sop.events import Outcome, Settled, TagExpired
from sop.intents import MarkTags
from sop.tags import INTERNAL, MOST_OF_RELATION
from sop.tags.owners import TAG_FULL, TAG_INTERNAL, name
from storage.engine.sql import Row, Statement
from storage.schema.spine import events
from storage.schema.spine import intents as wanted
from storage.store import Store
from storage.tags import Binding
from storage.values import to_ms

_COUNT = Statement("""
    SELECT COUNT(*) AS count FROM bindings
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id AND user_id = :user_id AND tag_id NOT LIKE 'in:%'
""")


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
    if await overflows(store, there):
        store.decide("tag", "skipped", TAG_FULL, add=there.add, **about)
        return None
    return store.intend(there)


async def overflows(store: Store, marking: MarkTags) -> bool:
    """Whether a member would have more than 3,000 tags on the customer."""
    adding = [tag for tag in marking.add if not tag.startswith(INTERNAL)]
    return bool(adding) and await _count(store, marking) + len(adding) - len(marking.remove) > MOST_OF_RELATION


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
            schedule(store, marking, tag_id=tag_id, until=marking.expires_at)


def schedule(store: Store, marking: MarkTags, *, tag_id: str, until: datetime) -> None:
    """Have it noticed when the time is over for which the owner of a marking wants a tag."""
    owner, _, _ = name(marking.rule, marking.source)
    pair = {"external_user_id": marking.external_user_id, "user_id": marking.user_id}
    due = TagExpired(corp_id=store.scope.corp_id, at=until, tag_id=tag_id, owner=owner, expires_at=until, **pair)
    timer = f"tag:{marking.external_user_id}:{marking.user_id}:{tag_id}:{owner}:{to_ms(until)}"
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
    return (await all_under_way(store, {external_user_id})).get((external_user_id, user_id), ())


async def all_under_way(
    store: Store, external_user_ids: Collection[str]
) -> dict[tuple[str, str], tuple[MarkTags, ...]]:
    """Likewise for all relations of some customers, by customer and member."""
    lanes = [f"{store.scope.corp_id}/customer:{each}" for each in sorted(external_user_ids)]
    marks: list[object] = []
    for row in await _open(store, events, lanes, kind=f"settled:{MarkTags.kind}"):
        end = own.load(Settled.kind, row["body"])
        if isinstance(end, Settled) and end.outcome is Outcome.DONE:
            marks.append(end.intent)
    waiting = await _open(store, wanted, lanes, kind=MarkTags.kind)
    marks += [intents.load(MarkTags.kind, row["body"]) for row in waiting]
    found: dict[tuple[str, str], tuple[MarkTags, ...]] = {}
    for each in marks:
        if isinstance(each, MarkTags):
            pair = each.external_user_id, each.user_id
            found[pair] = (*found.get(pair, ()), each)
    return found


async def _open(store: Store, table: Table, lanes: Sequence[str], *, kind: str) -> Sequence[Row]:
    own = table.c
    query = select(own.body).where(own.lane.in_(lanes), own.open, own.kind == kind).order_by(own.id)
    return await store.scope.database.fetch(Statement(query))


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
