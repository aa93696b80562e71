"""Endpoints that tell of moments: which there are, who published, who sees them, what they said (page 93333)."""

from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING
from simulator.api.paging import cut, fall_back
from simulator.errors import Refusal
from simulator.world.contacts import Standing
from simulator.world.moments import Moment, Publication, Reaction

DAYS = 30 * 86_400
LISTED = 20
ROWS, MOST_ROWS = 500, 1000
SEEN, MOST_SEEN = 3000, 5000
CORP, PERSONAL, ALL = range(3)
PARTIAL, PUBLIC = 0, 1


def list_all(call: Call) -> Answer:
    """Answer get_moment_list: those of the corp, and those that members whom the app sees made by hand."""
    body = call.body
    start, end = body.number("start_time", missing=MISSING), body.number("end_time", missing=MISSING)
    if not start <= end <= start + DAYS:
        raise body.refuse("end_time", why="must be within 30 days after start_time")
    wanted, creator = body.number("filter_type", ALL, among=range(3)), body.text("creator")
    if creator:
        creator = call.member(creator).userid
    rows = [
        one
        for one in call.corp.moments.known(call.now)
        if start < one.created_at < end
        and wanted in (ALL, PERSONAL if one.creator else CORP)
        and creator in ("", one.creator)
        and _seen(call, one.creator)
    ]
    limit = fall_back(body.number("limit"), default=LISTED, most=LISTED)
    page, cursor = cut(rows, body.text("cursor"), limit)
    return {"next_cursor": cursor, "moment_list": [_record(one) for one in page]}


def list_tasks(call: Call) -> Answer:
    """Answer get_moment_task, for moments of the corp: who has published."""
    moment = call.corp.moments.dispatched(call.body.text("moment_id"), now=call.now)
    if moment.creator:
        raise Refusal(41067)
    limit = fall_back(call.body.number("limit"), default=ROWS, most=MOST_ROWS)
    page, cursor = cut(list(moment.publications.values()), call.body.text("cursor"), limit)
    rows = [{"userid": one.userid, "publish_status": int(bool(one.published_at))} for one in page]
    return {"next_cursor": cursor, "task_list": rows}


def list_customers(call: Call) -> Answer:
    """Answer get_moment_customer_list: whom a member chose when publishing."""
    _, part = _published(call)
    limit = fall_back(call.body.number("limit"), default=ROWS, most=MOST_ROWS)
    page, cursor = cut(list(part.audience), call.body.text("cursor"), limit)
    return {
        "next_cursor": cursor,
        "customer_list": [{"userid": part.userid, "external_userid": external} for external in page],
    }


def list_results(call: Call) -> Answer:
    """Answer get_moment_send_result: which customers can see what a member published."""
    _, part = _published(call)
    contacts = call.corp.contacts
    friends = [
        external
        for external in part.audience
        if (pair := contacts.between(part.userid, external)) and pair.standing is Standing.MUTUAL
    ]
    limit = fall_back(call.body.number("limit"), default=SEEN, most=MOST_SEEN)
    page, cursor = cut(friends, call.body.text("cursor"), limit)
    return {"next_cursor": cursor, "customer_list": [{"external_userid": external} for external in page]}


def list_comments(call: Call) -> Answer:
    """Answer get_moment_comments: who liked and commented what a member published, without the words."""
    _, part = _published(call)
    return {
        "comment_list": [_react(one) for one in part.comments],
        "like_list": [_react(one) for one in part.likes],
    }


def _published(call: Call) -> tuple[Moment, Publication]:
    """The part of a member who has published: 41061 not asked, 41062 not yet."""
    moment = call.corp.moments.find(call.body.text("moment_id"), now=call.now)
    part = moment.publications.get(call.member(call.body.text("userid")).userid)
    if part is None:
        raise Refusal(41061)
    if not part.published_at:
        raise Refusal(41062)
    return moment, part


def _seen(call: Call, creator: str) -> bool:
    member = call.corp.directory.ever(creator) if creator else None
    return not creator or (member is not None and call.sees(member))


def _record(one: Moment) -> Answer:
    record: Answer = {
        "moment_id": one.moment_id,
        "create_time": int(one.created_at),
        "create_type": PERSONAL if one.creator else CORP,
        "visible_type": PARTIAL if one.tags else PUBLIC,
        **one.content,
    }
    return {**record, "creator": one.creator} if one.creator else record


def _react(one: Reaction) -> Answer:
    return {"userid" if one.staff else "external_userid": one.id, "create_time": one.at}


ROUTES = {
    "externalcontact/get_moment_list": contact(list_all),
    "externalcontact/get_moment_task": contact(list_tasks),
    "externalcontact/get_moment_customer_list": contact(list_customers),
    "externalcontact/get_moment_send_result": contact(list_results),
    "externalcontact/get_moment_comments": contact(list_comments),
}
