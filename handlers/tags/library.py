"""The tag library follows WeCom, and what operators change in it is brought there."""

from collections.abc import Iterable
from contextlib import suppress
from typing import cast

from handlers.reader import Reader
from handlers.router import Router
from sop.events import DirectoryDue, Outcome, Settled
from sop.intents import AddTags, DeleteTags, EditTag
from sop.tags import LIBRARY_CHANGED, LIBRARY_FAILED, LIBRARY_REFUSED, Edit, Kind
from storage.store import Store
from storage.tags import Tag, TagGroup
from wecom import tags as wecom
from wecom.errors import Refused
from wecom.events import TagCreated, TagDeleted, TagsShuffled, TagUpdated
from wecom.events.tags import TagEvent
from wecom.ids import TagGroupId, TagId

router = Router()
Change = AddTags | EditTag | DeleteTags


@router.on(DirectoryDue)
async def read(_: DirectoryDue, store: Store, reader: Reader) -> None:
    """Read the whole library anew; an app that may not see the tags of rule groups keeps what it knows of them."""
    await store.tags.replace(await library(reader), at=store.now)
    with suppress(Refused):
        told = [_group(group, kind="strategy") for group in _alive(await reader.strategy_tags())]
        await store.tags.replace(told, at=store.now, kind="strategy")


async def library(reader: Reader) -> list[TagGroup]:
    """The corp's own tags as WeCom has them."""
    return [_group(group) for group in _alive(await reader.tags())]


@router.on(TagCreated, TagUpdated)
async def refresh(event: TagCreated | TagUpdated, store: Store, reader: Reader) -> None:
    """Read the tag or the group that the event names: it tells neither name nor position."""
    ids = ((), (TagGroupId(event.id),)) if event.tag_type == "tag_group" else ((TagId(event.id),), ())
    ask, kind = (reader.strategy_tags, "strategy") if event.strategy_id else (reader.tags, "corp")
    for group in await ask(*ids):
        if group.deleted:
            store.tags.bury_group(group.id)
            continue
        store.tags.put(_group(group, kind=cast(Kind, kind)), at=store.now)
        for tag in group.tags:
            if tag.deleted:
                store.tags.bury(tag.id)


@router.on(TagsShuffled)
async def reorder(event: TagsShuffled, store: Store, reader: Reader) -> None:
    """Read the positions of one group's tags, or of everything where the groups were put in another order."""
    strategy = event.strategy_id is not None
    kind: Kind = "strategy" if strategy else "corp"
    wanted = (event.group_id,) if event.group_id else ()
    told = _alive(await (reader.strategy_tags if strategy else reader.tags)((), wanted))
    await store.tags.replace(
        [_group(group, kind=kind) for group in told], at=store.now, kind=kind, group_id=event.group_id
    )


@router.on(TagDeleted)
async def bury(event: TagDeleted, store: Store) -> None:
    """A deleted group takes its tags with it, of which WeCom does not tell."""
    await _bury(store, event.id, group=_is_group(event))


@router.on(Settled, of=AddTags)
async def made(event: Settled, store: Store) -> None:
    """WeCom has given the new tags their ids: they take the places of those that stood for them."""
    intent = cast(AddTags, event.intent)
    if event.outcome is Outcome.DONE and event.result:
        told = event.result
        tags = tuple(Tag(**tag, group_id=told["group_id"]) for tag in told["tags"])
        group = TagGroup(id=told["group_id"], name=told["name"], position=told["position"], tags=tags)
        store.tags.made(intent.change)
        store.tags.put(group, at=event.at)
    _conclude(event, intent, store)


@router.on(Settled, of=EditTag)
async def edited(event: Settled, store: Store) -> None:
    """WeCom has the name and the position, and sends no callback for what we change ourselves."""
    intent = cast(EditTag, event.intent)
    if event.outcome is Outcome.DONE:
        edit = Edit(name=intent.name, position=intent.position)
        store.tags.edited(intent.id, edit, group=intent.group, at=event.at)
    _conclude(event, intent, store)


@router.on(Settled, of=DeleteTags)
async def deleted(event: Settled, store: Store) -> None:
    """The tag, or the group with its tags, is gone from the library and from every customer."""
    intent = cast(DeleteTags, event.intent)
    if event.outcome is Outcome.DONE:
        await _bury(store, intent.id, group=intent.group)
    _conclude(event, intent, store)


async def _bury(store: Store, identity: str, *, group: bool) -> None:
    if group:
        store.tags.bury_group(identity)
        return
    store.tags.bury(identity)
    known = await store.tags.find([identity])
    if identity in known:
        store.tags.empty(known[identity].group_id)


def _conclude(event: Settled, intent: Change, store: Store) -> None:
    about = {"rule": f"library:{intent.change}", "intent_id": event.intent_id}
    if event.outcome is Outcome.DONE:
        store.tags.settled(intent.change)
        store.decide("library", "sent", LIBRARY_CHANGED, **about)
        return
    store.tags.refuse(intent.change, code=event.code, reason=event.reason)
    reason = LIBRARY_REFUSED if event.outcome is Outcome.REFUSED else LIBRARY_FAILED
    store.decide("library", event.outcome.value, reason, code=event.code, said=event.reason, **about)


def _is_group(event: TagEvent) -> bool:
    return event.tag_type == "tag_group"


def _alive(groups: Iterable[wecom.TagGroup]) -> list[wecom.TagGroup]:
    return [group for group in groups if not group.deleted]


def _group(group: wecom.TagGroup, *, kind: Kind = "corp") -> TagGroup:
    """A group of WeCom's as we keep it, its tags in the order shown."""
    tags = sorted(group.tags, key=lambda tag: (-tag.order, tag.id))
    return TagGroup(
        id=group.id,
        name=group.name,
        position=group.order,
        kind=kind,
        strategy_id=group.strategy_id,
        tags=tuple(
            Tag(id=tag.id, name=tag.name, group_id=group.id, position=tag.order, kind=kind)
            for tag in tags
            if not tag.deleted
        ),
    )
