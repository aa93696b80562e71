"""Endpoints of customer groups: the list, one with its members, and what is counted (pages 92120, 92122, 92133)."""

from simulator.api.call import Answer, Call, contact
from simulator.api.fields import INVALID, MISSING
from simulator.api.paging import cut
from simulator.errors import Refusal
from simulator.world.corp import Corp
from simulator.world.groups import CUSTOMER, Group, Membership, Snapshot
from simulator.world.people import Member, Status

DAY = 86_400
CHINA = 8 * 3600  # days begin at midnight there
MOST_OWNERS = 100
MOST_MEMBERS = 1000  # in range; beyond them the list needs an owner
MOST_LISTED = 1000
MOST_DAYS, OLDEST = 30, 180
NORMAL, OWNER_LEFT = 0, 1


def list_groups(call: Call) -> Answer:
    """Answer groupchat/list: dismissed groups are not in it, those of who has left only when asked for by owner."""
    wanted = call.body.number("status_filter", among=range(4))
    limit = call.body.number("limit", missing=MISSING, among=range(1, MOST_LISTED + 1))
    owners = _owners(call, needed=False)
    rows: list[Answer] = []
    for group in call.corp.groups.by_id.values():
        seen = group.seen(call.now)
        if seen is None or seen.dismissed or group.internal:
            continue
        owner = call.corp.directory.ever(seen.owner)
        if owner is None or not call.sees(owner) or (owners and owner.userid not in owners):
            continue
        left = owner.status is Status.LEFT
        if left and not owners:
            continue
        status = OWNER_LEFT if left else NORMAL
        if wanted in (0, status):
            rows.append({"chat_id": group.chat_id, "status": status})
    page, cursor = cut(rows, call.body.text("cursor"), limit)
    return {"group_chat_list": list(page), "next_cursor": cursor}


def get_group(call: Call) -> Answer:
    """Answer groupchat/get, as the group was two seconds ago."""
    group = find(call, call.body.text("chat_id", missing=MISSING))
    seen = group.seen(call.now)
    if seen is None:
        raise Refusal(40050)
    named = bool(call.body.number("need_name", among=range(2)))
    return {"group_chat": _view(call.corp, group, seen, named=named)}


def find(call: Call, chat_id: str) -> Group:
    """Return a group that the app may see: 40050 unknown, 90501 without customers, 49008 dissolved, 60011 hidden."""
    group = call.corp.groups.by_id.get(chat_id)
    if group is None:
        raise Refusal(40050, chat_id)
    if group.internal:
        raise Refusal(90501, chat_id)
    seen = group.seen(call.now) or group.now
    if seen.dismissed:
        raise Refusal(49008, chat_id)
    owner = call.corp.directory.ever(seen.owner)
    if owner is None or not call.sees(owner):
        raise Refusal(60011, chat_id)
    return group


def count_owners(call: Call) -> Answer:
    """Answer groupchat/statistic: one row per owner; ordered by new groups unless told otherwise."""
    begin, end = _days(call)
    order = call.body.number("order_by", 1, among=range(1, 5))
    upwards = bool(call.body.number("order_asc", among=range(2)))
    limit = call.body.number("limit", 500, among=range(1, MOST_LISTED + 1))
    offset = call.body.number("offset")
    rows = [(one, _count(call.corp, [one], begin, end)) for one in _owners(call, needed=True)]
    key = ("new_chat_cnt", "chat_total", "new_member_cnt", "member_total")[order - 1]
    rows.sort(key=lambda row: row[1][key], reverse=not upwards)
    page = rows[offset : offset + limit]
    items = [{"owner": owner, "data": data} for owner, data in page]
    return {"total": len(rows), "next_offset": offset + len(page), "items": items}


def count_days(call: Call) -> Answer:
    """Answer groupchat/statistic_group_by_day: one row per day for all the owners together."""
    begin, end = _days(call)
    owners = _owners(call, needed=True)
    days = range(begin, end, DAY)
    return {"items": [{"stat_time": day, "data": _count(call.corp, owners, day, day + DAY)} for day in days]}


def find_chat(call: Call) -> Answer:
    """Answer opengid_to_chatid; a mini-program's id of a group is here its chat id with `og` before it."""
    open_gid = call.body.text("opengid", missing=MISSING)
    chat_id = open_gid.removeprefix("og")
    if chat_id == open_gid or chat_id not in call.corp.groups.by_id:
        raise Refusal(90511)
    return {"chat_id": find(call, chat_id).chat_id}


def _owners(call: Call, *, needed: bool) -> list[str]:
    """The owners asked for, who may have left; without them everyone, if these are not too many."""
    nested = call.body.need("owner_filter") if needed else call.body.nested("owner_filter")
    wanted = nested.texts("userid_list", missing=MISSING, most=MOST_OWNERS, over=40032) if nested else []
    found = []
    for userid in wanted:
        member = call.corp.directory.ever(userid)
        if member is None:
            raise Refusal(40031, userid)
        if not call.sees(member):
            raise Refusal(60011, userid)
        found.append(member.userid)
    if not wanted and sum(map(call.sees, _present(call.corp))) > MOST_MEMBERS:
        raise Refusal(81017)
    return found


def _present(corp: Corp) -> list[Member]:
    return [member for member in corp.directory if member.status is not Status.LEFT]


def _days(call: Call) -> tuple[int, int]:
    """Whole days from `day_begin_time` through `day_end_time`, none of them today."""
    first = call.body.number("day_begin_time", missing=MISSING)
    begin, last, today = (
        (moment + CHINA) // DAY * DAY - CHINA
        for moment in (first, call.body.number("day_end_time", first), int(call.now))
    )
    if not today - OLDEST * DAY <= begin <= last < today or last - begin >= MOST_DAYS * DAY:
        raise Refusal(INVALID, "day_begin_time or day_end_time")
    return begin, last + DAY


def _count(corp: Corp, owners: list[str], begin: int, end: int) -> dict[str, int]:
    """Count groups as they are now and were founded then; nobody talks in this world."""
    mine = [group for group in corp.groups.by_id.values() if group.now.owner in owners and group.created_at < end]
    alive = [group for group in mine if not group.now.dismissed]
    return {
        "new_chat_cnt": sum(begin <= group.created_at for group in mine),
        "chat_total": len(alive),
        "chat_has_msg": 0,
        "new_member_cnt": sum(begin <= at < end for group in mine for at in group.joined),
        "member_total": sum(len(group.now.members) for group in alive),
        "member_has_msg": 0,
        "msg_total": 0,
        "migrate_trainee_chat_cnt": 0,
    }


def _view(corp: Corp, group: Group, seen: Snapshot, *, named: bool) -> Answer:
    return {
        "chat_id": group.chat_id,
        "name": seen.name,
        "owner": seen.owner,
        "create_time": int(group.created_at),
        "notice": seen.notice,
        "member_list": [_member(corp, one, named=named) for one in seen.members.values()],
        "admin_list": [{"userid": one} for one in seen.admins],
        "member_version": seen.version,
    }


def _member(corp: Corp, stay: Membership, *, named: bool) -> Answer:
    view: Answer = {
        "userid": stay.id,
        "type": stay.kind,
        "join_time": int(stay.joined_at),
        "join_scene": int(stay.scene),
        "group_nickname": stay.nickname,
    }
    if stay.inviter:
        view["invitor"] = {"userid": stay.inviter}
    if stay.state:
        view["state"] = stay.state
    if stay.kind == CUSTOMER:
        person = corp.contacts.customers[stay.id]
        view |= {"unionid": person.unionid} if person.unionid else {}
        return view | ({"name": person.name} if named else {})
    member = corp.directory.ever(stay.id)
    return view | ({"name": member.name} if named and member else {})


ROUTES = {
    "externalcontact/groupchat/list": contact(list_groups),
    "externalcontact/groupchat/get": contact(get_group),
    "externalcontact/groupchat/statistic": contact(count_owners),
    "externalcontact/groupchat/statistic_group_by_day": contact(count_days),
    "externalcontact/opengid_to_chatid": contact(find_chat),
}
