"""Tags: the library follows WeCom, channels mark their customers, and what was marked is known with its reason."""

from typing import cast

from handlers.contacts import cause, explain
from handlers.reader import Reader
from handlers.router import Router
from sop import reasons
from sop.events import DirectoryDue, Outcome, Settled
from sop.intents import MarkTags
from storage.store import Store
from storage.tags import Binding, Tag, TagGroup
from wecom.events import ContactAdded, TagCreated, TagDeleted, TagsShuffled, TagUpdated

router = Router()


@router.on(TagCreated, TagUpdated, TagsShuffled, DirectoryDue)
async def read(_: TagCreated | TagUpdated | TagsShuffled | DirectoryDue, store: Store, reader: Reader) -> None:
    """Read the library anew: the events tell neither names nor positions."""
    groups = [
        TagGroup(
            id=group.id,
            name=group.name,
            position=group.order,
            tags=tuple(
                Tag(id=tag.id, name=tag.name, group_id=group.id, position=tag.order)
                for tag in sorted(group.tags, key=lambda tag: (-tag.order, tag.id))
                if not tag.deleted
            ),
        )
        for group in await reader.tags()
        if not group.deleted
    ]
    await store.tags.replace(groups, at=store.now)


@router.on(TagDeleted)
async def bury(event: TagDeleted, store: Store) -> None:
    """A deleted group takes its tags with it, of which WeCom does not tell."""
    if event.tag_type == "tag_group":
        store.tags.bury_group(event.id)
    else:
        store.tags.bury(event.id)


@router.on(ContactAdded)
async def mark(event: ContactAdded, store: Store) -> None:
    """Put the channel's tags on who came by it."""
    channel = await store.channels.by_state(event.state)
    if channel is None or not channel.tags:
        return
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    rule = f"channel:{channel.id}@{channel.version}"
    known = await store.tags.find(channel.tags)
    gone = [tag_id for tag_id in channel.tags if tag_id in known and known[tag_id].deleted]
    if gone:
        store.decide("tag", "skipped", reasons.TAG_DELETED, rule=rule, version=channel.version, tags=gone, **about)
    wanted = tuple(tag_id for tag_id in channel.tags if tag_id not in gone)
    if wanted:
        store.intend(
            MarkTags(
                user_id=event.user_id,
                external_user_id=event.external_user_id,
                add=wanted,
                rule=rule,
                cause=cause("added", event),
            )
        )


@router.on(Settled, of=MarkTags)
async def keep(event: Settled, store: Store) -> None:
    """What WeCom has marked is ours too, since it sends no callback for it; what it refused has a reason."""
    intent = cast(MarkTags, event.intent)
    about = {"external_user_id": intent.external_user_id, "user_id": intent.user_id, "rule": intent.rule}
    facts = {"intent_id": event.intent_id, "add": intent.add, "remove": intent.remove}
    if event.outcome is Outcome.DONE:
        await _bind(event, intent, store)
        store.decide("tag", "sent", reasons.TAGS_MARKED, **about, **facts)
    else:
        reason = explain(event, refused=reasons.TAGS_REFUSED, failed=reasons.TAGS_FAILED)
        store.decide("tag", event.outcome.value, reason, code=event.code, said=event.reason, **about, **facts)


async def _bind(event: Settled, intent: MarkTags, store: Store) -> None:
    pair = intent.external_user_id, intent.user_id
    source = "rule" if intent.rule else "api"
    store.tags.bind(
        *pair,
        bindings=[
            Binding(tag_id=tag_id, source=source, rule=intent.rule, event_id=store.scope.event_id, at=event.at)
            for tag_id in intent.add
        ],
    )
    store.tags.unbind(*pair, tag_ids=intent.remove)
    known = await store.tags.find({*intent.add, *intent.remove})
    for what, tag_ids in (("tagged", intent.add), ("untagged", intent.remove)):
        if tag_ids:
            names = [known[tag_id].name for tag_id in tag_ids if tag_id in known]
            store.history.append(
                what,
                intent.external_user_id,
                user_id=intent.user_id,
                at=event.at,
                effect=f"{what}:{event.intent_id}",
                tags=tag_ids,
                names=names,
                rule=intent.rule,
            )
