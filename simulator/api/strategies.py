"""Endpoints that read customer strategies (page 94883)."""

from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING
from simulator.api.paging import cut
from simulator.world.strategies import Strategy

MOST = 1000
MEMBER, DEPARTMENT = 1, 2
# These five cannot be switched off; all others are as their administrator has set them.
ALWAYS = ("view_customer_list", "view_customer_data", "view_room_list", "contact_me", "join_room")


def list_ids(call: Call) -> Answer:
    """Answer customer_strategy/list: what the calling app has made."""
    rows = [
        {"strategy_id": one.strategy_id} for one in call.corp.strategies.values() if one.agent_id == call.app.agent_id
    ]
    page, cursor = cut(rows, call.body.text("cursor"), _limit(call))
    return {"strategy": list(page), "next_cursor": cursor}


def get(call: Call) -> Answer:
    """Answer customer_strategy/get."""
    one = _find(call)
    return {
        "strategy": {
            "strategy_id": one.strategy_id,
            "parent_id": one.parent_id,
            "strategy_name": one.name,
            "create_time": int(one.created_at),
            "admin_list": one.admins,
            "privilege": {"manage_customer_tag": True, **one.privilege, **dict.fromkeys(ALWAYS, True)},
        }
    }


def get_range(call: Call) -> Answer:
    """Answer customer_strategy/get_range."""
    one = _find(call)
    nodes: list[Answer] = [{"type": MEMBER, "userid": userid} for userid in one.users]
    nodes += [{"type": DEPARTMENT, "partyid": number} for number in one.departments]
    page, cursor = cut(nodes, call.body.text("cursor"), _limit(call))
    return {"range": list(page), "next_cursor": cursor}


def _limit(call: Call) -> int:
    return call.body.number("limit", MOST, among=range(1, MOST + 1))


def _find(call: Call) -> Strategy:
    one = call.corp.strategies.get(call.body.number("strategy_id", missing=MISSING))
    if one is None or one.agent_id != call.app.agent_id:
        raise call.body.refuse("strategy_id")
    return one


_PATH = "externalcontact/customer_strategy/"
ROUTES = {
    _PATH + "list": contact(list_ids),
    _PATH + "get": contact(get),
    _PATH + "get_range": contact(get_range),
}
