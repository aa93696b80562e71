"""What customers do on their phones: scan, add, accept, write, leave."""

from collections.abc import Sequence
from functools import partial

from simulator import acquisition, handover
from simulator.actions.errors import Impossible
from simulator.names import nickname
from simulator.world import World
from simulator.world.contacts import WECHAT, WECOM, Customer, Received, Relation, Standing
from simulator.world.corp import Corp
from simulator.world.people import Member
from simulator.world.telling import tell
from simulator.world.ways import ContactWay

BY_CODE = 1
BY_SEARCH = 2


def scan(
    world: World,
    corp: Corp,
    *,
    config_id: str = "",
    state: str = "",
    external_userid: str = "",
    name: str = "",
    half: bool = False,
) -> Relation:
    """Scan a contact way, found by its config_id or state; its members are met in turn.

    By an exclusive way, customers of one outside corp come to the member who has one of them already.
    A customer without id is new. `half`: the member has not confirmed yet. Who has the member already
    stays so, and nothing is announced.
    """
    way = _way(corp, config_id, state)
    members = corp.expand(way)
    if not members:
        raise Impossible("nobody stands behind this contact way")
    if way.expired(world.now()):
        raise Impossible("this temporary contact way has expired")
    customer = meet(world, corp, external_userid=external_userid, name=name)
    member = _colleague(corp, way, customer, members) or members[way.scans % len(members)]
    way.scans += 1
    made = _relate(
        world,
        corp,
        member,
        Relation(
            member.userid,
            customer.external_userid,
            world.now(),
            Standing.HALF if half else Standing.MUTUAL,
            add_way=BY_CODE,
            state=way.state,
            oper_userid=customer.external_userid,
            chat_until=world.now() + way.chat_expires_in if way.is_temp else 0.0,
            conclusions=way.conclusions,
        ),
    )
    if made.chat_until > world.now():
        world.agenda.put(made.chat_until, partial(corp.contacts.conclude, made, made.chat_until))
    return made


def add(
    world: World,
    corp: Corp,
    *,
    userid: str,
    external_userid: str = "",
    name: str = "",
    add_way: int = BY_SEARCH,
    state: str = "",
    half: bool = False,
) -> Relation:
    """Add a member without a code: by search, card, group …; a `state` comes with links only."""
    member = _member(corp, userid)
    if not member.serves:
        raise Impossible(f"{userid} cannot add customers")
    customer = meet(world, corp, external_userid=external_userid, name=name)
    return _relate(
        world,
        corp,
        member,
        Relation(
            member.userid,
            customer.external_userid,
            world.now(),
            Standing.HALF if half else Standing.MUTUAL,
            add_way=add_way,
            state=state,
            oper_userid=customer.external_userid,
        ),
    )


def meet(world: World, corp: Corp, *, external_userid: str = "", name: str = "", kind: int = WECHAT) -> Customer:
    """Return the customer of that id, or a new one with a name of one's own."""
    if external_userid:
        customer = corp.contacts.customers.get(external_userid)
        if customer is None:
            raise Impossible(f"no customer {external_userid}")
        return customer
    prefix = "wm" if kind == WECHAT else "wo"
    customer = Customer(
        corp.mint.text(prefix, 30),
        name or nickname(world.random),
        kind,
        gender=world.random.choice((0, 1, 2)),
        unionid=corp.mint.text("o", 27) if kind == WECHAT else "",
    )
    corp.contacts.customers[customer.external_userid] = customer
    return customer


def accept(world: World, corp: Corp, *, userid: str, external_userid: str) -> Relation:
    """Let a member confirm a customer who came by half; the welcome code of before stays the only one if used."""
    relation = find(corp, userid, external_userid)
    if relation.standing is not Standing.HALF:
        raise Impossible("the two are not waiting for each other")
    relation.standing = Standing.MUTUAL
    _announce(world, corp, relation, "add_external_contact")
    return relation


def reply(world: World, corp: Corp, *, userid: str, external_userid: str, text: str = "你好") -> Relation:
    """Write to a member. Apps are told of customers of acquisition links only; but a welcome is out of question."""
    relation = find(corp, userid, external_userid)
    if relation.standing is not Standing.MUTUAL:
        raise Impossible("the two are not friends")
    relation.greeted = True
    relation.last_chat = world.now()
    customer = corp.contacts.customers[external_userid]
    customer.received.append(Received(world.now(), "chat", userid, {"from": external_userid, "text": text}))
    acquisition.hear(world, corp, relation)
    return relation


def leave(world: World, corp: Corp, *, userid: str, external_userid: str) -> Relation:
    """Delete the member: del_follow_user, the churn signal; the member still has the customer."""
    relation = find(corp, userid, external_userid)
    if relation.standing not in (Standing.MUTUAL, Standing.HALF):
        raise Impossible("the customer does not have this member")
    relation.standing = Standing.LEFT if relation.standing is Standing.MUTUAL else Standing.REMOVED
    tell(world, corp, relation, "del_follow_user")
    acquisition.lose(world, corp, relation)
    return relation


def find(corp: Corp, userid: str, external_userid: str) -> Relation:
    """Return the relation of a pair, whatever became of it."""
    relation = corp.contacts.between(_member(corp, userid).userid, external_userid)
    if relation is None:
        raise Impossible(f"{userid} and {external_userid} have never met")
    return relation


def decline(world: World, corp: Corp, *, userid: str, external_userid: str) -> None:
    """Refuse to be handed over to a member, while that can still be done."""
    transfer = corp.transfers.waiting(external_userid)
    if transfer is None or transfer.takeover != _member(corp, userid).userid:
        raise Impossible(f"{external_userid} is not being handed over to {userid}")
    handover.refuse(world, corp, transfer)


def _relate(world: World, corp: Corp, member: Member, fresh: Relation) -> Relation:
    """Begin a relation, or begin it again; returns the one that stood when nothing changed."""
    known = corp.contacts.between(member.userid, fresh.external_userid)
    if known is not None and known.standing in (Standing.MUTUAL, Standing.HALF):
        return known
    if known is not None:
        fresh.adds = known.adds + 1
    if known is not None and known.standing is Standing.LEFT:
        fresh.tags, fresh.personal_tags = known.tags, known.personal_tags
        fresh.remark, fresh.description = known.remark, known.description
        fresh.remark_company, fresh.remark_mobiles = known.remark_company, known.remark_mobiles
        fresh.standing = Standing.MUTUAL  # the member still has the customer
    corp.contacts.relate(fresh)
    half = fresh.standing is Standing.HALF
    _announce(world, corp, fresh, "add_half_external_contact" if half else "add_external_contact")
    return fresh


def _announce(world: World, corp: Corp, relation: Relation, change: str) -> None:
    """Announce a beginning, with the state and, unless a greeting is out of question, a welcome code."""
    extra = [("State", relation.state)] if relation.state else []
    person = corp.contacts.customers[relation.external_userid]
    if not relation.greeted and person.kind != WECOM:
        extra.append(("WelcomeCode", corp.welcomes.issue(relation, now=world.now()).code))
    tell(world, corp, relation, change, *extra)


def _colleague(corp: Corp, way: ContactWay, customer: Customer, members: Sequence[Member]) -> Member | None:
    """The member who has a customer of the same outside corp, if the way is exclusive."""
    if not way.is_exclusive or not customer.corp_name:
        return None
    served = {
        relation.userid
        for relation in corp.contacts
        if relation.visible and corp.contacts.customers[relation.external_userid].corp_name == customer.corp_name
    }
    return next((member for member in members if member.userid in served), None)


def _way(corp: Corp, config_id: str, state: str) -> ContactWay:
    if config_id:
        way = corp.ways.get(config_id)
    else:
        way = next((one for one in corp.ways.values() if state and one.state == state), None)
    if way is None:
        raise Impossible(f"no contact way {config_id or state!r}")
    return way


def _member(corp: Corp, userid: str) -> Member:
    member = corp.directory.find(userid)
    if member is None:
        raise Impossible(f"no member {userid}")
    return member
