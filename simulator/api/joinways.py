"""Endpoints of join ways (page 92229)."""

from dataclasses import replace

from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING
from simulator.api.groups import find
from simulator.errors import Refusal
from simulator.world.groups import JoinWay
from simulator.world.ways import MOST_WAYS

CHARS = 30
NAME_CHARS = 40
MOST_GROUPS = 5
PLUGIN, QR_CODE = 1, 2


def add(call: Call) -> Answer:
    """Answer add_join_way: the config_id alone; the quota is shared with contact ways."""
    groups = call.corp.groups
    if len(call.corp.ways) + len(groups.ways) >= MOST_WAYS:
        raise Refusal(41045)
    way = _fill(call, JoinWay("", call.app.agent_id, call.world.pictures))
    way.config_id = call.corp.mint.hex("join_way")
    groups.ways[way.config_id] = way
    return {"config_id": way.config_id}


def get(call: Call) -> Answer:
    """Answer get_join_way."""
    way = _find(call)
    view: Answer = {
        "config_id": way.config_id,
        "scene": way.scene,
        "remark": way.remark,
        "auto_create_room": int(way.auto_create),
        "chat_id_list": way.chat_ids,
        "state": way.state,
    }
    if way.scene == QR_CODE:
        view["qr_code"] = way.qr_code
    if way.auto_create:
        view |= {"room_base_name": way.base_name, "room_base_id": way.base_number}
    return {"join_way": view}


def update(call: Call) -> Answer:
    """Answer update_join_way: everything is replaced, what is left out by its default."""
    way = _find(call)
    call.corp.groups.ways[way.config_id] = _fill(call, JoinWay(way.config_id, way.agent_id, way.pictures))
    return {}


def delete(call: Call) -> Answer:
    """Answer del_join_way."""
    del call.corp.groups.ways[_find(call).config_id]
    return {}


def _find(call: Call) -> JoinWay:
    """A join way of this very app; those of others are not visible."""
    config_id = call.body.text("config_id", missing=41043)
    way = call.corp.groups.ways.get(config_id)
    if way is None or way.agent_id != call.app.agent_id:
        raise Refusal(41044)
    return way


def _fill(call: Call, way: JoinWay) -> JoinWay:
    """The way as the request wants it; a remark that is too long is cut, not refused."""
    body = call.body
    chat_ids = body.texts("chat_id_list", missing=MISSING, most=MOST_GROUPS, over=41091)
    for chat_id in chat_ids:
        find(call, chat_id)
    return replace(
        way,
        scene=body.number("scene", missing=41038, invalid=41040, among=range(PLUGIN, QR_CODE + 1)),
        chat_ids=list(dict.fromkeys(chat_ids)),
        state=body.text("state", chars=CHARS),
        remark=body.text("remark")[:CHARS],
        auto_create=bool(body.number("auto_create_room", 1, among=range(2))),
        base_name=body.text("room_base_name", chars=NAME_CHARS),
        base_number=body.number("room_base_id"),
    )


ROUTES = {
    "externalcontact/groupchat/add_join_way": contact(add),
    "externalcontact/groupchat/get_join_way": contact(get),
    "externalcontact/groupchat/update_join_way": contact(update),
    "externalcontact/groupchat/del_join_way": contact(delete),
}
