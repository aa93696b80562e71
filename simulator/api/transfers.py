"""Endpoints of the transfer of customers, on the job and resigned (pages 92125, 94088, 92124, 94081, 94082).

What is wrong with a member refuses the whole call; what is wrong with a customer is said of that customer.
"""

from simulator import handover
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import INVALID, MISSING
from simulator.api.paging import clamp, cut
from simulator.errors import Refusal
from simulator.world.people import Member
from simulator.world.transfers import MOST_MOVES, YEAR, Transfer

MOST_AT_ONCE = 100
MESSAGE_CHARS = 200
RESULTS = 1000
UNASSIGNED = 1000


def transfer(call: Call) -> Answer:
    """Answer transfer_customer: what becomes of each customer is known a day later."""
    giver = call.server(call.body.text("handover_userid", missing=MISSING))
    message = call.body.text("transfer_success_msg", chars=MESSAGE_CHARS)
    return _transfer(call, giver, message=message)


def transfer_resigned(call: Call) -> Answer:
    """Answer resigned/transfer_customer: 40097 unless the member has left."""
    return _transfer(call, _former(call), resigned=True)


def show_results(call: Call) -> Answer:
    """Answer transfer_result: how the customers of a pair of members stand."""
    giver = call.member(call.body.text("handover_userid", missing=MISSING))
    return _results(call, giver)


def show_resigned_results(call: Call) -> Answer:
    """Answer resigned/transfer_result."""
    return _results(call, _former(call), resigned=True)


def list_unassigned(call: Call) -> Answer:
    """Answer get_unassigned_list: customers of who left within a year and who are not on their way to anybody."""
    limit = clamp(call.body.number("page_size", UNASSIGNED), most=UNASSIGNED)
    rows = [
        {
            "handover_userid": member.userid,
            "external_userid": relation.external_userid,
            "dimission_time": int(member.left_at),
        }
        for member in call.corp.directory
        if call.corp.directory.former(member.userid) and call.sees(member) and call.now < member.left_at + YEAR
        for relation in call.corp.contacts.of_member(member.userid)
        if call.corp.transfers.waiting(relation.external_userid) is None
    ]
    page, cursor = cut(rows, call.body.text("cursor"), limit)
    return {"info": list(page), "is_last": not cursor, "next_cursor": cursor}


def _transfer(call: Call, giver: Member, *, resigned: bool = False, message: str = "") -> Answer:
    taker = _taker(call, giver)
    customers = call.body.texts("external_userid", missing=41035, most=MOST_AT_ONCE, over=INVALID)
    call.hold(("transfer", call.corp.id, taker.userid), code=45035)
    rows = []
    for external in customers:
        code = _judge(call, giver, taker, external=external, resigned=resigned)
        if not code:
            one = Transfer(giver.userid, taker.userid, external, resigned, call.now, message)
            handover.begin(call.world, call.corp, one)
        rows.append({"external_userid": external, "errcode": code})
    return {"customer": rows}


def _judge(call: Call, giver: Member, taker: Member, *, external: str, resigned: bool) -> int:
    """The code that is said of one customer; 0 when the transfer begins."""
    corp = call.corp
    if external not in corp.contacts.customers:
        return 40096
    relation = corp.contacts.between(giver.userid, external)
    if relation is None or not relation.visible:
        return 40131
    if (under_way := corp.transfers.waiting(external)) is not None:
        return 40100 if under_way.handover == giver.userid else 40129
    if not resigned and corp.transfers.moves(external, now=call.now) >= MOST_MOVES:
        return 40128
    return 40099 if handover.is_full(corp, taker) else 0


def _taker(call: Call, giver: Member) -> Member:
    taker = call.server(call.body.text("takeover_userid", missing=MISSING))
    if taker.userid == giver.userid:
        raise Refusal(40130)
    check_fit(giver, now=call.now)
    return check_taker(taker, now=call.now)


def check_taker(taker: Member, *, now: float) -> Member:
    """Return who may take over: 40098 not verified by real name, 84074 not activated, or as in `check_fit`."""
    if not taker.verified:
        raise Refusal(40098, taker.userid)
    check_fit(taker, now=now)
    if not taker.serves:
        raise Refusal(84074, taker.userid)
    return taker


def check_fit(member: Member, *, now: float) -> None:
    """Refuse who is banned (40143), or has not logged in (or has left) for a year (40205)."""
    if member.banned:
        raise Refusal(40143, member.userid)
    if member.absent or (member.left_at and now >= member.left_at + YEAR):
        raise Refusal(40205, member.userid)


def _former(call: Call) -> Member:
    """The member who has left: 40097 for one who has not, 60111 for nobody."""
    userid = call.body.text("handover_userid", missing=MISSING)
    if call.corp.directory.find(userid) is not None:
        raise Refusal(40097, userid)
    member = call.corp.directory.former(userid)
    if member is None:
        raise Refusal(60111, userid)
    if not call.sees(member):
        raise Refusal(60011, userid)
    return member


def _results(call: Call, giver: Member, *, resigned: bool = False) -> Answer:
    taker = call.member(call.body.text("takeover_userid", missing=MISSING))
    found = call.corp.transfers.of_pair(giver.userid, taker.userid, resigned=resigned)
    page, cursor = cut(found, call.body.text("cursor"), RESULTS)
    rows = [
        {"external_userid": one.external_userid, "status": int(one.fate), "takeover_time": int(one.at)} for one in page
    ]
    return {"customer": rows, "next_cursor": cursor}


ROUTES = {
    "externalcontact/transfer_customer": contact(transfer),
    "externalcontact/transfer_result": contact(show_results),
    "externalcontact/get_unassigned_list": contact(list_unassigned),
    "externalcontact/resigned/transfer_customer": contact(transfer_resigned),
    "externalcontact/resigned/transfer_result": contact(show_resigned_results),
}
