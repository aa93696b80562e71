"""What happens in customer groups: founded, joined, left, renamed, handed on, dismissed (page 92130)."""

from collections.abc import Sequence

from simulator import handover
from simulator.actions.customers import meet
from simulator.actions.errors import Impossible
from simulator.world import World
from simulator.world.corp import Corp
from simulator.world.facts import Value
from simulator.world.groups import CUSTOMER, SCAN_SEATS, SEATS, STAFF, Group, JoinScene, JoinWay, Membership
from simulator.world.telling import tell_group

INVITED, SCANNED = 0, 3  # the scale of the callback, which is not that of the API
LEFT, REMOVED = 0, 1


def found_group(
    world: World,
    corp: Corp,
    *,
    owner: str,
    name: str = "",
    customers: Sequence[str] = (),
    members: Sequence[str] = (),
) -> Group:
    """Found a group with its owner, other members of staff, and customers by id: `create`."""
    now = world.now()
    ids = [_staff(corp, one) for one in (owner, *members)]
    for one in customers:
        meet(world, corp, external_userid=one)
    inside = {one: Membership(id=one, kind=STAFF, joined_at=now, inviter=ids[0]) for one in ids}
    inside |= {one: Membership(id=one, kind=CUSTOMER, joined_at=now, inviter=ids[0]) for one in customers}
    group = corp.groups.found(ids[0], name=name, members=inside, at=now)
    tell_group(world, corp, group, "create")
    return group


def invite(
    world: World,
    corp: Corp,
    *,
    chat_id: str,
    userid: str = "",
    customers: Sequence[str] = (),
    members: Sequence[str] = (),
    link: bool = False,
) -> Group:
    """Bring people in, directly or by a link: customers by id ("" is somebody new) and members of staff.

    Without a userid a customer brings them: the platform names inviters of the corp only (page 92122).
    """
    group, now = find_group(corp, chat_id), world.now()
    inviter = _staff(corp, userid) if userid else ""
    scene = JoinScene.LINK if link else JoinScene.DIRECT
    staff = [_staff(corp, one) for one in members]
    people = [meet(world, corp, external_userid=one).external_userid for one in customers]
    kinds = dict.fromkeys(staff, STAFF) | dict.fromkeys(people, CUSTOMER)
    fresh = {
        one: Membership(id=one, kind=kind, joined_at=now, scene=scene, inviter=inviter)
        for one, kind in kinds.items()
        if one not in group.now.members
    }
    if len(group.now.members) + len(fresh) > SEATS:
        raise Impossible("the group is full")
    if fresh:
        _come(world, corp, group, fresh, scene=INVITED)
    return group


def join_group(
    world: World, corp: Corp, *, config_id: str = "", state: str = "", external_userid: str = "", name: str = ""
) -> Group:
    """Scan a join way: into its first group that has a seat; else a new one is made, or the scan fails.

    Who is in one of its groups already is shown that group, and nothing is announced.
    """
    way = _way(corp, config_id, state)
    person = meet(world, corp, external_userid=external_userid, name=name).external_userid
    listed = [corp.groups.by_id[one] for one in way.chat_ids]
    alive = [group for group in listed if not group.now.dismissed]
    inside = next((group for group in alive if person in group.now.members), None)
    if inside is not None:
        return inside
    group = next((group for group in alive if len(group.now.members) < SCAN_SEATS), None)
    if group is None:
        group = _grow(world, corp, way)
    now = world.now()
    stay = Membership(id=person, kind=CUSTOMER, joined_at=now, scene=JoinScene.CODE, state=way.state)
    _come(world, corp, group, {person: stay}, scene=SCANNED)
    return group


def quit_group(world: World, corp: Corp, *, chat_id: str, external_userid: str) -> Group:
    """Leave a group by oneself; a member of staff can, too."""
    return _go(world, corp, chat_id, [external_userid], scene=LEFT)


def kick(world: World, corp: Corp, *, chat_id: str, ids: Sequence[str]) -> Group:
    """Have the owner put people out."""
    return _go(world, corp, chat_id, ids, scene=REMOVED)


def rename_group(world: World, corp: Corp, *, chat_id: str, name: str) -> Group:
    """Give a group another name."""
    return _change(world, corp, chat_id, "change_name", name=name)


def post_notice(world: World, corp: Corp, *, chat_id: str, notice: str) -> Group:
    """Put another notice up."""
    return _change(world, corp, chat_id, "change_notice", notice=notice)


def pass_group(world: World, corp: Corp, *, chat_id: str, owner: str) -> Group:
    """Hand a group on: a new owner who is not in it comes in without being announced as a newcomer."""
    return handover.pass_group(world, corp, find_group(corp, chat_id), owner=_staff(corp, owner))


def appoint(world: World, corp: Corp, *, chat_id: str, admins: Sequence[str]) -> Group:
    """Make these, and no others, administrators of a group. The platform tells no app."""
    group = find_group(corp, chat_id)
    group.change(world.now(), admins=tuple(_staff(corp, one) for one in admins))
    return group


def dismiss_group(world: World, corp: Corp, *, chat_id: str) -> Group:
    """Dissolve a group."""
    group = find_group(corp, chat_id)
    group.change(world.now(), dismissed=True)
    tell_group(world, corp, group, "dismiss")
    return group


def find_group(corp: Corp, chat_id: str) -> Group:
    """Return a group that exists."""
    group = corp.groups.by_id.get(chat_id)
    if group is None or group.now.dismissed:
        raise Impossible(f"no group {chat_id}")
    return group


def _come(world: World, corp: Corp, group: Group, fresh: dict[str, Membership], *, scene: int) -> None:
    versions = corp.groups.seat(group, fresh, at=world.now())
    _tell_members(world, corp, group, "add_member", ids=list(fresh), scenes=(scene, 0), versions=versions)


def _go(world: World, corp: Corp, chat_id: str, ids: Sequence[str], *, scene: int) -> Group:
    group = find_group(corp, chat_id)
    if not ids or not set(ids) <= set(group.now.members) or group.now.owner in ids:
        raise Impossible(f"{', '.join(ids)} cannot leave the group")
    versions = corp.groups.unseat(group, tuple(ids), at=world.now())
    _tell_members(world, corp, group, "del_member", ids=ids, scenes=(0, scene), versions=versions)
    return group


def _tell_members(
    world: World,
    corp: Corp,
    group: Group,
    detail: str,
    *,
    ids: Sequence[str],
    scenes: tuple[int, int],
    versions: tuple[str, str],
) -> None:
    more: list[tuple[str, Value]] = [
        ("UpdateDetail", detail),
        ("JoinScene", scenes[0]),
        ("QuitScene", scenes[1]),
        ("MemChangeCnt", len(ids)),
        ("MemChangeList", [("Item", one) for one in ids]),
        ("LastMemVer", versions[0]),
        ("CurMemVer", versions[1]),
    ]
    tell_group(world, corp, group, "update", *more)


def _change(world: World, corp: Corp, chat_id: str, detail: str, **values: object) -> Group:
    group = find_group(corp, chat_id)
    group.change(world.now(), **values)
    tell_group(world, corp, group, "update", ("UpdateDetail", detail))
    return group


def _grow(world: World, corp: Corp, way: JoinWay) -> Group:
    """Make the next group of a join way whose groups are full; the first of five makes room for it."""
    if not way.auto_create:
        raise Impossible("all groups of this code are full")
    owner = corp.groups.by_id[way.chat_ids[-1]].now.owner
    name = f"{way.base_name}{way.base_number}" if way.base_name else ""
    group = found_group(world, corp, owner=owner, name=name)
    way.base_number += 1
    way.chat_ids = [*way.chat_ids, group.chat_id][-5:]
    return group


def _way(corp: Corp, config_id: str, state: str) -> JoinWay:
    ways = corp.groups.ways
    way = ways.get(config_id) if config_id else next((one for one in ways.values() if state == one.state), None)
    if way is None:
        raise Impossible(f"no join way {config_id or state!r}")
    return way


def _staff(corp: Corp, userid: str) -> str:
    member = corp.directory.find(userid)
    if member is None:
        raise Impossible(f"no member {userid}")
    return member.userid
