"""What follows when customers come by an acquisition link, write, or leave; what becomes of the quota (page 97299)."""

from simulator.world import World
from simulator.world.acquisition import LOW, Link, Purchase, Visit
from simulator.world.contacts import WECHAT, Relation
from simulator.world.corp import Corp
from simulator.world.facts import Value, event
from simulator.world.people import Member

DAY = 86_400.0
COUNTED = (3, 5, 10)  # the messages that apps are told of by message_from_customer
WARNINGS = (14, 7, 3, 2, 1)  # days before a part of the quota is lost


def expand(corp: Corp, link: Link) -> list[Member]:
    """The members of a link who can add customers, each once."""
    members = [member for userid in link.users if (member := corp.directory.find(userid))]
    for number in link.departments:
        members += corp.directory.staff(number, deep=True)
    return list({member.userid: member for member in members if member.serves}.values())


def enter(world: World, corp: Corp, relation: Relation, link: Link) -> None:
    """A customer has come by a link: one less in the quota."""
    pair = (relation.userid, relation.external_userid)
    corp.acquisition.visits[pair] = Visit(
        relation.external_userid, relation.userid, link.link_id, relation.state, world.now()
    )
    corp.acquisition.use()
    left = corp.acquisition.balance
    if left == LOW - 1:
        _tell_all(world, corp, "balance_low")
    if not left:
        _tell_all(world, corp, "balance_exhausted")


def hear(world: World, corp: Corp, relation: Relation) -> None:
    """A member has received a message: where the customer came by a link, its app learns of some of them."""
    visit, link = _find(corp, relation)
    if visit is None or link is None or not _by_wechat(corp, relation):
        return
    visit.messages += 1
    if visit.messages == 1:
        tell(world, corp, link, "customer_start_chat", *_pair(relation))
    if visit.messages in COUNTED:
        key = corp.acquisition.issue(visit, now=world.now())
        tell(world, corp, link, "message_from_customer", ("ChatKey", key))


def lose(world: World, corp: Corp, relation: Relation) -> None:
    """A customer has removed a member."""
    visit, link = _find(corp, relation)
    if visit is not None and link is not None and _by_wechat(corp, relation):
        tell(world, corp, link, "del_follow_user", *_pair(relation), ("State", visit.state))


def check(world: World, corp: Corp) -> None:
    """Tell of every link by which nobody can be added any more, once."""
    for link in corp.acquisition.links.values():
        dead = not expand(corp, link)
        if dead and not link.unavailable:
            tell(world, corp, link, "link_unavailable")
        link.unavailable = dead


def buy(world: World, corp: Corp, purchase: Purchase) -> None:
    """Add to the quota; its loss is announced ahead, and happens."""
    empty = not corp.acquisition.balance
    corp.acquisition.buy(purchase)
    if empty and purchase.balance:
        _tell_all(world, corp, "balance_increased")
    for days in WARNINGS:
        at = purchase.expires_at - days * DAY
        if at > world.now():
            world.agenda.put(at, lambda: _warn(world, corp, purchase))
    world.agenda.put(purchase.expires_at, lambda: _expire(purchase))


def tell(world: World, corp: Corp, link: Link, change: str, *extra: tuple[str, Value]) -> None:
    """Announce something about a link to the app that made it."""
    app = corp.apps.get(link.agent_id)
    if app is not None and app.customer_contact:
        fields = (("ChangeType", change), *extra, ("LinkId", link.link_id))
        world.tell(corp, app, event("customer_acquisition", *fields, subject=f"link:{link.link_id}"))


def _warn(world: World, corp: Corp, purchase: Purchase) -> None:
    if purchase.balance:
        about: tuple[tuple[str, Value], ...] = (
            ("ExpireTime", int(purchase.expires_at)),
            ("ExpireQuotaNum", purchase.balance),
        )
        _tell_all(world, corp, "quota_expire_soon", *about)


def _expire(purchase: Purchase) -> None:
    purchase.balance = 0


def _tell_all(world: World, corp: Corp, change: str, *extra: tuple[str, Value]) -> None:
    world.broadcast(corp, event("customer_acquisition", ("ChangeType", change), *extra, subject="acquisition"))


def _find(corp: Corp, relation: Relation) -> tuple[Visit | None, Link | None]:
    visit = corp.acquisition.visits.get((relation.userid, relation.external_userid))
    return visit, corp.acquisition.links.get(visit.link_id) if visit else None


def _by_wechat(corp: Corp, relation: Relation) -> bool:
    return corp.contacts.customers[relation.external_userid].kind == WECHAT


def _pair(relation: Relation) -> tuple[tuple[str, Value], tuple[str, Value]]:
    return ("UserID", relation.userid), ("ExternalUserID", relation.external_userid)
