"""How the apps that may see a member learn what became of one of the member's customers."""

from simulator.world import World
from simulator.world.contacts import Relation
from simulator.world.corp import Corp
from simulator.world.facts import event


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
