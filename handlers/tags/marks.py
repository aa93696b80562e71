"""Tags on customers: channels mark who comes by them; what was marked, by us or by hand, is known with its reason."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from handlers.contacts import cause, explain
from handlers.router import Router
from sop import reasons
from sop.events import Outcome, RelationRead, Settled, TagExpired
from sop.intents import MarkTags
from sop.tags import INTERNAL, owners
from sop.tags.owners import RULE, TAG_EXPIRED, TAG_TAKEN, Owner
from storage.store import Store
from storage.tags import Binding, marking
from wecom.customers import Follow
from wecom.events import ContactAdded, ContactEdited
from wecom.events.customers import ContactEvent

router = Router()


@router.on(ContactAdded)
async def mark(event: ContactAdded, store: Store) -> None:
    """Put the channel's tags on who came by it."""
    channel = await store.channels.by_state(event.state)
    if channel is not None and channel.tags:
        await give(event, store, tags=channel.tags, rule=f"channel:{channel.id}", version=channel.version)


async def give(event: ContactAdded, store: Store, *, tags: tuple[str, ...], rule: str, version: int) -> None:
    """Put tags on a customer who was just added, for the way by which they came; deleted ones are left out."""
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    named = f"{rule}@{version}"
    known = await store.tags.find(tags)
    gone = [tag_id for tag_id in tags if tag_id in known and known[tag_id].deleted]
    if gone:
        store.decide("tag", "skipped", reasons.TAG_DELETED, rule=named, version=version, tags=gone, **about)
    wanted = tuple(tag_id for tag_id in tags if tag_id not in gone)
    if wanted:
        evidence = {"state": event.state, "added_at": event.at.isoformat()}
        marks = MarkTags(
            external_user_id=event.external_user_id,
            user_id=event.user_id,
            add=wanted,
            rule=named,
            evidence=evidence,
            cause=cause("added", event),
        )
        await marking.mark(store, marks)


@router.on(Settled, of=MarkTags)
async def keep(event: Settled, store: Store) -> None:
    """What WeCom has marked is ours too, since it sends no callback for it; what it refused has a reason."""
    intent = cast(MarkTags, event.intent)
    about = {"external_user_id": intent.external_user_id, "user_id": intent.user_id, "rule": intent.rule}
    facts = {"intent_id": event.intent_id, "add": intent.add, "remove": intent.remove}
    if event.outcome is Outcome.DONE:
        if event.at < await store.tags.read_at(intent.external_user_id, intent.user_id):
            await _look_back(event, intent, store)
        else:
            marking.write(store, intent, at=event.at)
        await marking.record(store, intent, at=event.at, effect=str(event.intent_id))
        store.decide("tag", "sent", reasons.TAGS_MARKED, **about, **facts)
    else:
        reason = explain(event, refused=reasons.TAGS_REFUSED, failed=reasons.TAGS_FAILED)
        store.decide("tag", event.outcome.value, reason, code=event.code, said=event.reason, **about, **facts)


@router.on(TagExpired)
async def expire(event: TagExpired, store: Store) -> None:
    """Take a tag off whose time is over, unless somebody else wants it or the time was extended."""
    pair = event.external_user_id, event.user_id
    holding = (await store.tags.owners(*pair)).get(event.tag_id, ())
    own = next((each for each in holding if each.owner == event.owner and each.status == "held"), None)
    if own is None or own.expires_at is None or own.expires_at > event.at:
        return
    store.tags.forget_owner(*pair, tag_id=event.tag_id, owner=own.owner)
    if own.owner.startswith(RULE):  # so that the rule does not set it again at once
        over = replace(own, status="expired", at=store.now, expires_at=None)
        store.tags.own(*pair, tag_id=event.tag_id, owner=over)
    removal = MarkTags(
        external_user_id=event.external_user_id,
        user_id=event.user_id,
        remove=(event.tag_id,),
        rule=f"expiry:{own.owner}@{own.version}",
        cause=f"expired:{event.tag_id}:{own.owner}:{int(event.at.timestamp())}",
    )
    await release(store, removal, others=owners.without(holding, own.owner), reason=TAG_EXPIRED)


async def release(store: Store, removal: MarkTags, *, others: Iterable[Owner], reason: str) -> None:
    """An owner lets go of the one tag of a removal: it stays for the others, or is taken off."""
    pair, (tag_id,) = (removal.external_user_id, removal.user_id), removal.remove
    about = {"external_user_id": pair[0], "user_id": pair[1], "rule": removal.rule, "tag": tag_id}
    heir = owners.strongest(others)
    if heir is not None:
        store.tags.show(*pair, tag_id=tag_id, owner=heir)
        store.decide("tag", "skipped", owners.TAG_SHARED, because=reason, owner=heir.owner, **about)
        return
    intent_id = await marking.mark(store, removal)
    store.decide("tag", "wanted", reason, intent_id=intent_id, evidence=removal.evidence, **about)


async def retag(
    event: ContactEvent | RelationRead, told: Follow, store: Store, *, source: str = "staff"
) -> dict[str, Any]:
    """Bindings become what WeCom says; what we did not set was set by the staff. What has changed, for the history.

    `source` is by whom it is shown to be set: a sync does not know who did it.
    """
    pair = event.external_user_id, event.user_id
    known = [each.tag_id for each in await store.tags.bindings(*pair) if not each.tag_id.startswith(INTERNAL)]
    under_way = await marking.under_way(store, *pair)
    found = owners.compare(told.tag_ids, known, under_way)
    for tag_id, ours in found.arrived.items():
        marking.write(store, replace(ours, add=(tag_id,), remove=()), at=event.at)
    hand = [Binding(tag_id=tag, source=source, event_id=store.scope.event_id, at=event.at) for tag in found.put]
    store.tags.bind(*pair, bindings=hand)
    by_hand = isinstance(event, ContactEdited)  # on a return, tags are missing because they went with the relation
    if by_hand:
        await _note_taken(event, found.taken, store)
    store.tags.unbind(*pair, tag_ids=found.taken, by_hand=by_hand)
    store.tags.unbind(*pair, tag_ids=found.let_go)
    store.tags.note_reading(*pair, at=event.at if isinstance(event, RelationRead) else store.now)
    return {name: list(ids) for name, ids in (("tagged", found.put), ("untagged", sorted(found.taken))) if ids}


async def _look_back(event: Settled, intent: MarkTags, store: Store) -> None:
    """Of a mark done before the tags were last read, the reading says what is left: the staff came after it."""
    pair = intent.external_user_id, intent.user_id
    bound = {each.tag_id for each in await store.tags.bindings(*pair)}
    left = tuple(tag_id for tag_id in intent.add if tag_id in bound)
    marking.write(store, replace(intent, add=left, remove=()), at=event.at)
    owner, source, version = owners.name(intent.rule, intent.source)
    for tag_id in intent.add:
        if tag_id not in bound and owner.startswith(RULE):
            taken = Owner(owner=owner, source=source, version=version, status="suppressed", at=store.now)
            store.tags.own(*pair, tag_id=tag_id, owner=taken)
    again = [tag_id for tag_id in intent.remove if tag_id in bound]
    store.tags.bind(*pair, bindings=[Binding(tag_id=tag_id, source="staff", at=event.at) for tag_id in again])


async def _note_taken(event: ContactEvent | RelationRead, taken: Iterable[str], store: Store) -> None:
    """The staff took away what a rule had set: the rule hears of it."""
    owning = await store.tags.owners(event.external_user_id, event.user_id)
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    for tag_id in taken:
        for owner in owning.get(tag_id, ()):
            if owner.owner.startswith(RULE) and owner.status == "held":
                store.decide("tag", "skipped", TAG_TAKEN, rule=owner.owner, version=owner.version, tag=tag_id, **about)
