"""Endpoints of contact ways (page 92228)."""

from dataclasses import replace

from simulator.api.attachments import read_conclusions
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING, Fields
from simulator.api.paging import cut
from simulator.errors import Refusal
from simulator.world.ways import BUTTON, MOST_TEMPORARY, MOST_USERS, MOST_WAYS, MULTIPLE, SINGLE, ContactWay

CHARS = 30
STYLES = {SINGLE: range(1, 4), MULTIPLE: range(1, 3)}
DAY = 86_400
FORTNIGHT = 14 * DAY
LISTED = 100
MOST_LISTED = 1000
_TEXTS = ("remark", "state")


def add(call: Call) -> Answer:
    """Answer add_contact_way: config_id, and qr_code for scene 2."""
    body = call.body
    way = ContactWay(
        config_id="",
        kind=body.number("type", missing=41037, invalid=41039, among=range(SINGLE, MULTIPLE + 1)),
        scene=body.number("scene", missing=41038, invalid=41040, among=range(1, 3)),
        created_at=call.now,
        agent_id=call.app.agent_id,
        is_temp=body.flag("is_temp"),
        is_exclusive=body.flag("is_exclusive"),
        pictures=call.world.pictures,
    )
    _check_quota(call, temporary=way.is_temp)
    _fill(call, way, body)
    _staff(call, way, body)
    way.config_id = call.corp.mint.hex("way")
    call.corp.ways[way.config_id] = way
    answer: Answer = {"config_id": way.config_id}
    return {**answer, "qr_code": way.qr_code} if way.qr_code else answer


def get(call: Call) -> Answer:
    """Answer get_contact_way."""
    return {"contact_way": _view(_find(call))}


def list_ids(call: Call) -> Answer:
    """Answer list_contact_way: by time of creation, temporary ones left out."""
    now = int(call.now)
    start = call.body.number("start_time", now - 90 * DAY)
    end = call.body.number("end_time", now)
    limit = call.body.number("limit", LISTED, among=range(1, MOST_LISTED + 1))
    ways = [
        {"config_id": way.config_id}
        for way in call.corp.ways.values()
        if not way.is_temp and start <= int(way.created_at) <= end
    ]
    page, cursor = cut(ways, call.body.text("cursor"), limit)
    answer: Answer = {"contact_way": list(page)}
    return {**answer, "next_cursor": cursor} if cursor else answer


def update(call: Call) -> Answer:
    """Answer update_contact_way: users and departments are replaced; type and scene cannot change."""
    way = _find(call)
    if way.expired(call.now):
        raise Refusal(41044, "expired")
    changed = replace(way)
    _fill(call, changed, call.body)
    if call.body.has("user") or call.body.has("party"):
        _staff(call, changed, call.body)
    call.corp.ways[way.config_id] = changed
    return {}


def delete(call: Call) -> Answer:
    """Answer del_contact_way."""
    del call.corp.ways[_find(call).config_id]
    return {}


def close(call: Call) -> Answer:
    """Answer close_temp_chat: end a session that began by a temporary way, and say its conclusion."""
    member = call.member(call.body.text("userid", missing=MISSING))
    relation = call.corp.contacts.between(member.userid, call.body.text("external_userid", missing=MISSING))
    if relation is None or not relation.visible or relation.chat_until <= call.now:
        raise Refusal(84061, "no temporary session")
    relation.chat_until = call.now
    call.corp.contacts.conclude(relation, call.now)
    return {}


def _check_quota(call: Call, *, temporary: bool) -> None:
    """Ways and join ways share one quota; temporary ways have one of each day."""
    ways = call.corp.ways
    if temporary:
        recent = sum(way.is_temp and way.created_at > call.now - DAY for way in ways.values())
        full = recent >= MOST_TEMPORARY
    else:
        most = MOST_WAYS - len(call.corp.groups.ways)
        full = len(ways) >= most and sum(not way.is_temp for way in ways.values()) >= most
    if full:
        raise Refusal(41045)


def _find(call: Call) -> ContactWay:
    config_id = call.body.text("config_id", missing=41043)
    way = call.corp.ways.get(config_id)
    if way is None:
        raise Refusal(41044)
    return way


def _fill(call: Call, way: ContactWay, body: Fields) -> None:
    """Set what may be given both when adding and when updating; nothing changes when one is wrong."""
    texts = {key: body.text(key, chars=CHARS) for key in _TEXTS if body.has(key)}
    style = body.number("style", way.style, invalid=41042)
    if way.scene == BUTTON and body.has("style") and style not in STYLES[way.kind]:
        raise Refusal(41042)
    lives = {
        key: body.number(key, among=range(1, FORTNIGHT + 1))
        for key in ("expires_in", "chat_expires_in")
        if body.has(key)
    }
    conclusions = body.nested("conclusions")
    unionid = body.text("unionid")
    if not way.is_temp and (lives or conclusions or unionid):
        raise Refusal(40058, "expires_in, chat_expires_in, unionid and conclusions are for is_temp")
    if conclusions:
        read_conclusions(call, conclusions)
    if way.is_temp and way.kind != SINGLE:
        raise Refusal(41039, "is_temp needs type 1")
    way.remark = texts.get("remark", way.remark)
    way.state = texts.get("state", way.state)
    way.style = style
    way.skip_verify = body.flag("skip_verify", default=way.skip_verify)
    way.expires_in = lives.get("expires_in", way.expires_in or 7 * DAY) if way.is_temp else 0
    way.chat_expires_in = lives.get("chat_expires_in", way.chat_expires_in or DAY) if way.is_temp else 0
    way.unionid = unionid or way.unionid
    way.conclusions = conclusions.values if conclusions else way.conclusions


def _staff(call: Call, way: ContactWay, body: Fields) -> None:
    """Set who stands behind a way: all known, visible and activated, and at most 100."""
    users, parties = body.texts("user"), body.numbers("party")
    if way.kind == SINGLE and parties:
        raise body.refuse("party", why="is for type 2")
    if way.kind == SINGLE and len(users) != 1:
        raise body.refuse("user", MISSING if not users else 41041, "must be exactly one for type 1")
    if not users and not parties:
        raise body.refuse("user", MISSING, "or party")
    members = [call.member(userid, unknown=40031) for userid in users]
    if any(not member.serves for member in members):
        raise Refusal(41054)
    for number in parties:
        call.department(number)
    trial = ContactWay("", way.kind, way.scene, 0.0, 0, users=[one.userid for one in members], departments=parties)
    if len(call.corp.expand(trial)) > MOST_USERS:
        raise Refusal(41041)
    way.users, way.departments = trial.users, parties


def _view(way: ContactWay) -> Answer:
    view: Answer = {
        "config_id": way.config_id,
        "type": way.kind,
        "scene": way.scene,
        "remark": way.remark,
        "skip_verify": way.skip_verify,
        "state": way.state,
        "user": way.users,
        "party": way.departments,
        "is_temp": way.is_temp,
        "is_exclusive": way.is_exclusive,
    }
    if way.scene == BUTTON:
        view["style"] = way.style
    else:
        view["qr_code"] = way.qr_code
    if way.is_temp:
        view |= {"expires_in": way.expires_in, "chat_expires_in": way.chat_expires_in}
        view |= {"unionid": way.unionid, "conclusions": way.conclusions}
    return view


ROUTES = {
    "externalcontact/add_contact_way": contact(add),
    "externalcontact/get_contact_way": contact(get),
    "externalcontact/list_contact_way": contact(list_ids),
    "externalcontact/update_contact_way": contact(update),
    "externalcontact/del_contact_way": contact(delete),
    "externalcontact/close_temp_chat": contact(close),
}
