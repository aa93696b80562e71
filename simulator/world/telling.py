"""How the apps that may see a member learn what became of the member's customers and groups."""

from simulator.world import World
from simulator.world.contacts import Relation
from simulator.world.corp import Corp
from simulator.world.facts import Value, event
from simulator.world.groups import Group


def tell(world: World, corp: Corp, relation: Relation, change: str, *extra: tuple[str, str]) -> None:
    """Announce a change_external_contact about a relation."""
    fact = event(
        "change_external_contact",
        ("ChangeType", change),
        ("UserID", relation.userid),
        ("ExternalUserID", relation.external_userid),
        *extra,
        subject=relation.external_userid,
    )
    world.broadcast(corp, fact, about=corp.directory.find(relation.userid))


def tell_group(world: World, corp: Corp, group: Group, change: str, *more: tuple[str, Value]) -> None:
    """Announce a change_external_chat to the apps that see the owner."""
    fields = (("ChatId", group.chat_id), ("ChangeType", change), *more)
    fact = event("change_external_chat", *fields, subject=f"group:{group.chat_id}")
    world.broadcast(corp, fact, about=corp.directory.ever(group.now.owner))
