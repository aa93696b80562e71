"""Customers change hands 24 hours after that was asked for, unless they refuse or the taker is full; groups at once."""

from simulator.world import World
from simulator.world.contacts import Received, Relation, Standing
from simulator.world.corp import Corp
from simulator.world.groups import STAFF, Group, Membership
from simulator.world.people import Member
from simulator.world.telling import tell, tell_group
from simulator.world.transfers import WAIT, Fate, Transfer

BY_ADMINISTRATOR = 202
MOVED = "DELETE_BY_TRANSFER"
DEFAULT_MESSAGE = "您好，后续将由我为您服务。"


def begin(world: World, corp: Corp, transfer: Transfer) -> None:
    """Let a transfer wait for its time; the customer may think about it."""
    transfer.at = transfer.asked_at + WAIT
    corp.transfers.begin(transfer)
    world.agenda.put(transfer.at, lambda: _take_effect(world, corp, transfer))
    for consider in world.offers:
        consider(corp, transfer)


def refuse(world: World, corp: Corp, transfer: Transfer) -> None:
    """The customer does not want it."""
    _fail(world, corp, transfer, Fate.REFUSED, why="customer_refused")


def pass_group(world: World, corp: Corp, group: Group, *, owner: str) -> Group:
    """A group has another owner at once; one who is not in it comes in without being announced as a newcomer."""
    now = world.now()
    if owner not in group.now.members:
        corp.groups.seat(group, {owner: Membership(id=owner, kind=STAFF, joined_at=now)}, at=now)
    group.change(now, owner=owner)
    tell_group(world, corp, group, "update", ("UpdateDetail", "change_owner"))
    return group


def is_full(corp: Corp, taker: Member) -> bool:
    """Whether a member can have no more customers."""
    return len(corp.contacts.of_member(taker.userid)) >= taker.most_customers


def _take_effect(world: World, corp: Corp, transfer: Transfer) -> None:
    """The day is over: where nothing stands against it, the customer is the taker's now."""
    if corp.transfers.waiting(transfer.external_userid) is not transfer:
        return  # refused meanwhile
    taker = corp.directory.find(transfer.takeover)
    given = corp.contacts.between(transfer.handover, transfer.external_userid)
    if taker is None or given is None or not given.visible:
        corp.transfers.drop(transfer)
        return
    known = corp.contacts.between(taker.userid, transfer.external_userid)
    friends = known is not None and known.standing is Standing.MUTUAL
    if not friends and is_full(corp, taker):
        _fail(world, corp, transfer, Fate.FULL, why="customer_limit_exceed")
        return
    silent = friends or corp.transfers.gave(taker.userid, transfer.external_userid)
    corp.transfers.end(transfer, Fate.DONE, at=world.now())
    given.standing = Standing.REMOVED
    if not friends:
        _befriend(world, corp, transfer, silent=silent)
    if not transfer.resigned:
        tell(world, corp, given, "del_external_contact", ("Source", MOVED))
    words: dict[str, object] = {"from": taker.userid, "text": transfer.message or DEFAULT_MESSAGE}
    customer = corp.contacts.customers[transfer.external_userid]
    customer.received.append(Received(world.now(), "chat", taker.userid, words))


def _befriend(world: World, corp: Corp, transfer: Transfer, *, silent: bool) -> None:
    """The taker has a new customer, with nothing of what the giver knew, and without a welcome code."""
    fresh = Relation(
        transfer.takeover,
        transfer.external_userid,
        world.now(),
        Standing.MUTUAL,
        add_way=BY_ADMINISTRATOR,
        oper_userid=transfer.handover,
        greeted=True,
    )
    corp.contacts.relate(fresh)
    if not silent:
        tell(world, corp, fresh, "add_external_contact")


def _fail(world: World, corp: Corp, transfer: Transfer, fate: Fate, *, why: str) -> None:
    corp.transfers.end(transfer, fate, at=world.now())
    stub = Relation(transfer.takeover, transfer.external_userid, world.now(), Standing.REMOVED)
    tell(world, corp, stub, "transfer_fail", ("FailReason", why))
