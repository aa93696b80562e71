"""What customers do by acquisition links, and what an administrator does about links, quota, words and strategies."""

from collections.abc import Sequence

from simulator import acquisition
from simulator.actions import customers
from simulator.actions.errors import Impossible
from simulator.world import World
from simulator.world.acquisition import Link, Purchase
from simulator.world.contacts import Relation
from simulator.world.corp import Corp
from simulator.world.intercepts import Rule
from simulator.world.strategies import Strategy

BY_LINK = 16
CHANNEL_BYTES = 64


def open_link(world: World, corp: Corp, *, link_id: str, channel: str = "") -> str:
    """Open a link and look at the profile of whom it leads to: open_profile; returns the userid."""
    link = _find(corp, link_id)
    link.clicks.append(world.now())
    members = acquisition.expand(corp, link)
    if not members:
        acquisition.check(world, corp)
        raise Impossible("nobody stands behind this link")
    if not corp.acquisition.balance:
        raise Impossible("the quota of acquisition links is used up")
    link.opens += 1
    acquisition.tell(world, corp, link, "open_profile", ("State", cut(channel)))
    return members[(link.opens - 1) % len(members)].userid


def come(
    world: World, corp: Corp, *, link_id: str, channel: str = "", external_userid: str = "", name: str = ""
) -> Relation:
    """Add a member by a link: open_profile, friend_request and add_external_contact, and one less in the quota.

    Where the member confirms by hand, the add is half first. Who is friends already uses nothing up.
    """
    link = _find(corp, link_id)
    userid, state = open_link(world, corp, link_id=link_id, channel=channel), cut(channel)
    person = customers.meet(world, corp, external_userid=external_userid, name=name)
    known = corp.contacts.between(userid, person.external_userid)
    about = {"userid": userid, "external_userid": person.external_userid, "add_way": BY_LINK, "state": state}
    acquisition.tell(world, corp, link, "friend_request", ("State", state))
    relation = customers.add(world, corp, **about, half=not link.skip_verify)  # type: ignore[arg-type]
    if relation is not known:
        acquisition.enter(world, corp, relation, link)
    return relation


def delete_link(world: World, corp: Corp, *, link_id: str) -> None:
    """Delete a link in the console: delete_link."""
    link = _find(corp, link_id)
    acquisition.tell(world, corp, link, "delete_link")
    del corp.acquisition.links[link_id]


def buy_quota(world: World, corp: Corp, *, amount: int, days: float = 365) -> None:
    """Add to the quota for so many days."""
    acquisition.buy(world, corp, Purchase(world.now() + days * acquisition.DAY, amount))


def write_intercept(world: World, corp: Corp, *, name: str, words: Sequence[str], departments: Sequence[int]) -> str:
    """Write an intercept rule in the console, which no app may change; returns its id."""
    rule = Rule(0, 0, world.now(), name=name, words=list(words), departments=list(departments))
    return str(corp.intercepts.add(rule).rule_id)


def found_strategy(
    world: World,
    corp: Corp,
    *,
    app: str,
    name: str,
    admins: Sequence[str] = (),
    users: Sequence[str] = (),
    departments: Sequence[int] = (),
) -> int:
    """Make a customer strategy in the name of an app; returns its id."""
    number = corp.mint.number("strategy")
    corp.strategies[number] = Strategy(
        number,
        corp.app(app).agent_id,
        world.now(),
        name,
        admins=list(admins),
        users=list(users),
        departments=list(departments),
    )
    return number


def cut(channel: str) -> str:
    """The channel as the platform gives it back: at most 64 bytes."""
    return channel.encode()[:CHANNEL_BYTES].decode(errors="ignore")


def _find(corp: Corp, link_id: str) -> Link:
    link = corp.acquisition.links.get(link_id)
    if link is None:
        raise Impossible(f"no link {link_id}")
    return link
