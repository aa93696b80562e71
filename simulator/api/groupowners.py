"""Endpoints that give groups another owner, at once and without asking anybody (pages 95703, 92127)."""

from simulator import handover
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import INVALID, MISSING
from simulator.api.groups import find
from simulator.api.transfers import check_taker
from simulator.errors import Refusal
from simulator.world.groups import Group
from simulator.world.people import Member, Status
from simulator.world.transfers import MOST_MOVES

MOST_AT_ONCE = 100
MOST_A_DAY = 300  # from one person


def pass_on_job(call: Call) -> Answer:
    """Answer groupchat/onjob_transfer: an empty list of failures means that all have succeeded."""
    return _pass(call, resigned=False)


def pass_resigned(call: Call) -> Answer:
    """Answer groupchat/transfer, for groups whose owner has left."""
    return _pass(call, resigned=True)


def _pass(call: Call, *, resigned: bool) -> Answer:
    wanted = call.body.texts("chat_id_list", missing=MISSING, most=MOST_AT_ONCE, over=INVALID)
    taker = check_taker(call.server(call.body.text("new_owner", missing=MISSING)), now=call.now)
    call.hold(("transfer", call.corp.id, taker.userid), code=45035)
    failed = []
    for chat_id in wanted:
        try:
            group = find(call, chat_id)
            _check(call, group, taker, resigned=resigned)
        except Refusal as refusal:
            said = refusal.describe(ip=call.request.ip, hint="")
            failed.append({"chat_id": chat_id, "errcode": refusal.code, "errmsg": said})
            continue
        giver = group.now.owner
        call.corp.transfers.pass_group(chat_id, giver, at=call.now, resigned=resigned)
        handover.pass_group(call.world, call.corp, group, owner=taker.userid)
    return {"failed_chat_list": failed}


def _check(call: Call, group: Group, taker: Member, *, resigned: bool) -> None:
    """Refuse one group; the page names no code for the limits of moves and of the day."""
    transfers, owner = call.corp.transfers, call.corp.directory.ever(group.now.owner)
    left = owner is None or owner.status is Status.LEFT
    if group.now.owner == taker.userid:
        raise Refusal(90504)
    if left is not resigned:
        raise Refusal(90500 if resigned else 90502)
    if not resigned and transfers.passes(group.chat_id, now=call.now) >= MOST_MOVES:
        raise Refusal(90508)
    if transfers.given_today(group.now.owner, now=call.now) >= MOST_A_DAY:
        raise Refusal(45009)


ROUTES = {
    "externalcontact/groupchat/onjob_transfer": contact(pass_on_job),
    "externalcontact/groupchat/transfer": contact(pass_resigned),
}
