"""Endpoints of acquisition links (pages 97297, 97298, 97375, 100130)."""

from dataclasses import replace

from simulator.acquisition import expand
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING, Fields
from simulator.api.paging import cut
from simulator.errors import Refusal
from simulator.world.acquisition import Link, Visit

NAME_CHARS = 30
MOST_PEOPLE = 500
MOST_PRIORITY = 1000
MOST_LINKS, MOST_CUSTOMERS = 100, 1000  # on a page
DAY = 86_400
SPAN, PAST = 30, 180  # days of a statistic
ANYONE, LISTED = 1, 2
EAST = 8 * 3600  # days are those of China


def list_links(call: Call) -> Answer:
    """Answer list_link: the links that the calling app has made."""
    limit = call.body.number("limit", MOST_LINKS, among=range(1, MOST_LINKS + 1))
    ids = [link.link_id for link in call.corp.acquisition.made_by(call.app.agent_id)]
    page, cursor = cut(ids, call.body.text("cursor"), limit)
    return {"link_id_list": list(page), "next_cursor": cursor}


def get(call: Call) -> Answer:
    """Answer get."""
    link = _find(call)
    answer: Answer = {
        "link": {
            "link_name": link.name,
            "url": link.url,
            "create_time": int(link.created_at),
            "skip_verify": link.skip_verify,
            "mark_source": link.mark_source,
        },
        "range": {"user_list": link.users, "department_list": link.departments},
    }
    return {**answer, "priority_option": link.priority} if link.priority else answer


def create(call: Call) -> Answer:
    """Answer create_link."""
    acquisition = call.corp.acquisition
    if len(acquisition.links) >= acquisition.most_links:
        raise Refusal(41095)
    link = Link("", call.app.agent_id, call.now, name=call.body.text("link_name", missing=MISSING, chars=NAME_CHARS))
    call.body.need("range")
    _fill(call, link)
    link.link_id = call.corp.mint.text("caw", 24)
    acquisition.links[link.link_id] = link
    return {
        "link": {
            "link_id": link.link_id,
            "link_name": link.name,
            "url": link.url,
            "create_time": int(link.created_at),
        }
    }


def update(call: Call) -> Answer:
    """Answer update_link: what is given is replaced as a whole."""
    link = _find(call)
    changed = replace(link)
    if call.body.has("link_name"):
        changed.name = call.body.text("link_name", missing=MISSING, chars=NAME_CHARS)
    _fill(call, changed)
    changed.unavailable = not expand(call.corp, changed)
    call.corp.acquisition.links[link.link_id] = changed
    return {}


def delete(call: Call) -> Answer:
    """Answer delete_link; nobody is told."""
    del call.corp.acquisition.links[_find(call).link_id]
    return {}


def list_customers(call: Call) -> Answer:
    """Answer customer: who came by a link."""
    link = _find(call)
    limit = call.body.number("limit", MOST_CUSTOMERS, among=range(1, MOST_CUSTOMERS + 1))
    page, cursor = cut(call.corp.acquisition.of(link.link_id), call.body.text("cursor"), limit)
    customers = [
        {
            "external_userid": visit.external_userid,
            "userid": visit.userid,
            "chat_status": int(bool(visit.messages)),
            "state": visit.state,
        }
        for visit in page
    ]
    return {"customer_list": customers, "next_cursor": cursor}


def count(call: Call) -> Answer:
    """Answer statistic: whole days, both ends included."""
    link = _find(call)
    start = _midnight(call.body.number("start_time", missing=MISSING))
    end = _midnight(call.body.number("end_time", missing=MISSING))
    today = _midnight(int(call.now))
    if not today - PAST * DAY <= start <= end <= today or end - start >= SPAN * DAY:
        raise call.body.refuse("start_time", why=f"to end_time: at most {SPAN} days, within the last {PAST}")
    visits: list[Visit] = call.corp.acquisition.of(link.link_id)
    return {
        "click_link_customer_cnt": sum(start <= at < end + DAY for at in link.clicks),
        "new_customer_cnt": sum(start <= visit.at < end + DAY for visit in visits),
    }


def get_chat(call: Call) -> Answer:
    """Answer get_chat_info, while the key lives."""
    visit = call.corp.acquisition.look(call.body.text("chat_key", missing=41201), now=call.now)
    link = call.corp.acquisition.links.get(visit.link_id) if visit else None
    if visit is None or link is None or link.agent_id != call.app.agent_id:
        raise Refusal(41201)
    info = {"recv_msg_cnt": visit.messages, "link_id": visit.link_id, "state": visit.state}
    return {"userid": visit.userid, "external_userid": visit.external_userid, "chat_info": info}


def get_quota(call: Call) -> Answer:
    """Answer customer_acquisition_quota: the parts that expire stand by their day."""
    acquisition = call.corp.acquisition
    parts = [{"expire_date": int(one.expires_at), "balance": one.balance} for one in acquisition.purchases]
    return {"total": acquisition.total, "balance": acquisition.balance, "quota_list": parts}


def _find(call: Call) -> Link:
    link = call.corp.acquisition.links.get(call.body.text("link_id", missing=MISSING))
    if link is None or link.agent_id != call.app.agent_id:
        raise call.body.refuse("link_id")
    return link


def _fill(call: Call, link: Link) -> None:
    """Set what may be given both when creating and when updating."""
    body = call.body
    if wanted := body.nested("range"):
        link.users, link.departments = wanted.texts("user_list", most=MOST_PEOPLE), wanted.numbers("department_list")
        if not link.users and not link.departments:
            raise body.refuse("range", MISSING)
        link.users = [call.member(userid, unknown=40031).userid for userid in link.users]
        for number in link.departments:
            call.department(number)
        if len(expand(call.corp, link)) > MOST_PEOPLE:
            raise body.refuse("range", why=f"has more than {MOST_PEOPLE} people")
    if option := body.nested("priority_option"):
        link.priority = _prioritise(call, option)
    link.skip_verify = body.flag("skip_verify", default=link.skip_verify)
    link.mark_source = body.flag("mark_source", default=link.mark_source)


def _prioritise(call: Call, option: Fields) -> dict[str, object]:
    if not call.corp.acquisition.prioritises:
        raise Refusal(41200)
    kind = option.number("priority_type", missing=MISSING, among=range(ANYONE, LISTED + 1))
    users = option.texts("priority_userid_list", missing=MISSING if kind == LISTED else None, most=MOST_PRIORITY)
    for userid in users:
        call.member(userid, unknown=40031)
    return {"priority_type": kind, "priority_userid_list": users}


def _midnight(at: int) -> int:
    return (at + EAST) // DAY * DAY - EAST


_PATH = "externalcontact/customer_acquisition/"
ROUTES = {
    _PATH + "list_link": contact(list_links),
    _PATH + "get": contact(get),
    _PATH + "create_link": contact(create),
    _PATH + "update_link": contact(update),
    _PATH + "delete_link": contact(delete),
    _PATH + "customer": contact(list_customers),
    _PATH + "statistic": contact(count),
    _PATH + "get_chat_info": contact(get_chat),
    "externalcontact/customer_acquisition_quota": contact(get_quota, "GET"),
}
