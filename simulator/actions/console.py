"""What an administrator does in the console: corp tags, put in order by hand; customers assigned to others."""

from collections.abc import Sequence

from simulator import handover
from simulator.actions.errors import Impossible
from simulator.api.tags import strip
from simulator.errors import Refusal
from simulator.world import World
from simulator.world.corp import Corp
from simulator.world.facts import event
from simulator.world.tags import Tag, TagGroup
from simulator.world.transfers import Transfer

TAG, GROUP = "tag", "tag_group"


def create_tag(world: World, corp: Corp, *, group: str, name: str) -> Tag:
    """Create a tag in the group of that name, which is created when it is new."""
    now = world.now()
    into = corp.tags.named(group)
    if into is None:
        into = corp.tags.found(group, now=now)
        _tell(world, corp, "create", into.id, GROUP)
    try:
        tag = corp.tags.add(into, name, now=now)
    except Refusal as refusal:
        raise Impossible(f"{name}: {refusal.code}") from refusal
    _tell(world, corp, "create", tag.id, TAG)
    return tag


def create_strategy_tag(world: World, corp: Corp, *, strategy_id: int, group: str, name: str) -> Tag:
    """Create a tag of a rule group; self-built apps are not told."""
    now, library = world.now(), corp.strategy_tags
    into = library.named(group) or library.found(group, now=now)
    into.strategy_id = strategy_id
    return library.add(into, name, now=now)


def rename_tag(world: World, corp: Corp, *, id: str, name: str) -> None:  # noqa: A002 - the platform's word
    """Rename a tag or a group."""
    thing = _find(corp, id)
    try:
        corp.tags.rename(thing, name)
    except Refusal as refusal:
        raise Impossible(f"{name}: {refusal.code}") from refusal
    _tell(world, corp, "update", id, TAG if isinstance(thing, Tag) else GROUP)


def delete_tag(world: World, corp: Corp, *, id: str) -> None:  # noqa: A002 - the platform's word
    """Delete a tag, or a group with its tags, which are not announced one by one."""
    thing = _find(corp, id)
    if isinstance(thing, TagGroup):
        gone = corp.tags.dissolve(thing)
        _tell(world, corp, "delete", id, GROUP)
    else:
        gone = [thing]
        group = corp.tags.delete(thing)
        _tell(world, corp, "delete", id, TAG)
        if group is not None:
            _tell(world, corp, "delete", group.id, GROUP)
    strip(corp.contacts, {tag.id for tag in gone})


def shuffle_tags(world: World, corp: Corp, *, group_id: str = "") -> None:
    """Put the tags of a group, or without one the groups, into another order."""
    things: Sequence[Tag | TagGroup] = list(corp.tags.groups.values())
    if group_id:
        things = list(_group(corp, group_id).tags.values())
    orders = list(range(len(things)))
    world.random.shuffle(orders)
    for thing, order in zip(things, orders, strict=True):
        thing.order = order
    fact = event("change_external_tag", ("Id", group_id), ("ChangeType", "shuffle"), subject="tags")
    world.broadcast(corp, fact)


def assign(world: World, corp: Corp, *, handover_userid: str, takeover_userid: str, external_userid: str) -> None:
    """Hand a customer over in the console, of a member on the job or one who has left; it takes effect in a day."""
    giver, taker = corp.directory.ever(handover_userid), corp.directory.find(takeover_userid)
    relation = corp.contacts.between(giver.userid, external_userid) if giver else None
    if giver is None or taker is None or relation is None or not relation.visible:
        raise Impossible(f"{handover_userid} cannot hand {external_userid} over to {takeover_userid}")
    if corp.transfers.waiting(external_userid):
        raise Impossible(f"{external_userid} is being handed over already")
    left = corp.directory.former(giver.userid) is not None
    one = Transfer(giver.userid, taker.userid, external_userid, left, world.now())
    handover.begin(world, corp, one)


def _group(corp: Corp, group_id: str) -> TagGroup:
    thing = _find(corp, group_id)
    if not isinstance(thing, TagGroup):
        raise Impossible(f"{group_id} is no group")
    return thing


def _find(corp: Corp, wanted: str) -> Tag | TagGroup:
    thing = corp.tags.tags.get(wanted) or corp.tags.groups.get(wanted)
    if thing is None:
        raise Impossible(f"no tag or group {wanted}")
    return thing


def _tell(world: World, corp: Corp, change: str, id_: str, kind: str) -> None:
    fact = event("change_external_tag", ("Id", id_), ("TagType", kind), ("ChangeType", change), subject="tags")
    world.broadcast(corp, fact)
