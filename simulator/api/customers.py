"""Endpoints of customers and what members note about them (pages 92571, 92113, 92114, 92994, 92115)."""

from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING
from simulator.api.paging import clamp, cut, read, write
from simulator.errors import Refusal
from simulator.world.contacts import CORP_TAG, PERSONAL_TAG, STRATEGY_TAG, WECHAT, WECOM, Customer, Relation

MOST_FOLLOWERS = 500
MOST_MEMBERS = 100
BATCH = 50
MOST_BATCH = 100
REMARK_CHARS = 20
DESCRIPTION_CHARS = 150
_REMARKS = ("remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid")


def list_followers(call: Call) -> Answer:
    """Answer get_follow_user_list: the visible members with the customer-contact function."""
    return {"follow_user": [one.userid for one in call.corp.directory if one.serves and call.sees(one)]}


def list_customers(call: Call) -> Answer:
    """Answer externalcontact/list; 84061 for none."""
    member = call.server(call.query.text("userid"))
    relations = call.corp.contacts.of_member(member.userid)
    if not relations:
        raise Refusal(84061)
    return {"external_userid": [one.external_userid for one in relations]}


def get_customer(call: Call) -> Answer:
    """Answer externalcontact/get: the customer, and up to 500 followers a page."""
    external = call.query.text("external_userid", missing=41035)
    customer = call.corp.contacts.customers.get(external)
    if customer is None:
        raise Refusal(40096, external)
    relations = [one for one in call.corp.contacts.of_customer(external) if _in_range(call, one)]
    if not relations:
        raise Refusal(84061)
    page, cursor = cut(relations, call.query.text("cursor"), MOST_FOLLOWERS)
    answer: Answer = {
        "external_contact": _person(customer),
        "follow_user": [_follower(call, customer, one) for one in page],
    }
    return {**answer, "next_cursor": cursor} if cursor else answer


def get_batch(call: Call) -> Answer:
    """Answer batch/get_by_user: one row for each pair, corp tags by id."""
    userids = call.body.texts("userid_list", missing=MISSING, most=MOST_MEMBERS, over=40032)
    members = [call.member(userid, unknown=40031, hidden=40031) for userid in userids]
    limit = clamp(call.body.number("limit", BATCH), most=MOST_BATCH)
    number, position = read(call.body.text("cursor"), count=2)
    if number > len(members):
        raise Refusal(50100)
    page, following = call.corp.contacts.page([one.userid for one in members], (number, position), limit)
    if not page:
        raise Refusal(84061)
    customers = call.corp.contacts.customers
    return {
        "external_contact_list": [
            {
                "external_contact": _person(customers[one.external_userid]),
                "follow_info": {**_notes(customers[one.external_userid], one), "tag_id": list(one.tags)},
            }
            for one in page
        ],
        "next_cursor": write(*following) if following else "",
    }


def set_remark(call: Call) -> Answer:
    """Answer externalcontact/remark: what is given replaces what was."""
    body = call.body
    relation = call.relation(body.text("userid"), body.text("external_userid"))
    given = [key for key in _REMARKS if body.has(key)]
    if not given:
        raise Refusal(MISSING, " or ".join(_REMARKS))
    remark = body.text("remark", chars=REMARK_CHARS)
    description = body.text("description", chars=DESCRIPTION_CHARS)
    company = body.text("remark_company", chars=REMARK_CHARS)
    mobiles = [mobile for mobile in body.texts("remark_mobiles") if mobile]
    if body.has("remark_pic_mediaid"):
        call.corp.media.use(body.text("remark_pic_mediaid"), ("image",), now=call.now)
    if company and call.corp.contacts.customers[relation.external_userid].kind != WECHAT:
        raise body.refuse("remark_company", why="is for WeChat customers only")
    relation.remark = remark if "remark" in given else relation.remark
    relation.description = description if "description" in given else relation.description
    relation.remark_company = company if "remark_company" in given else relation.remark_company
    relation.remark_mobiles = mobiles if "remark_mobiles" in given else relation.remark_mobiles
    return {}


def _in_range(call: Call, relation: Relation) -> bool:
    member = call.corp.directory.find(relation.userid)
    return member is not None and call.sees(member)


def _person(customer: Customer) -> Answer:
    person: Answer = {
        "external_userid": customer.external_userid,
        "name": customer.name,
        "avatar": f"https://wx.qlogo.cn/mmhead/{customer.external_userid[2:10]}/0",
        "type": customer.kind,
        "gender": customer.gender,
    }
    if customer.unionid:
        person["unionid"] = customer.unionid
    if customer.kind == WECOM:
        person |= {"position": "", "corp_name": customer.corp_name, "corp_full_name": customer.corp_name}
    return person


def _notes(customer: Customer, relation: Relation) -> Answer:
    notes: Answer = {
        "userid": relation.userid,
        "remark": relation.remark or customer.name,
        "description": relation.description,
        "createtime": int(relation.created_at),
        "remark_mobiles": relation.remark_mobiles,
        "oper_userid": relation.oper_userid,
        "add_way": relation.add_way,
    }
    if relation.state:
        notes["state"] = relation.state
    if customer.kind == WECHAT:
        notes["remark_corp_name"] = relation.remark_company
    return notes


def _follower(call: Call, customer: Customer, relation: Relation) -> Answer:
    tags: list[Answer] = []
    for tag_id in relation.tags:
        kind = CORP_TAG if tag_id in call.corp.tags.tags else STRATEGY_TAG
        library = call.corp.tags if kind == CORP_TAG else call.corp.strategy_tags
        tag = library.tags[tag_id]
        group = library.groups[tag.group_id]
        tags.append({"group_name": group.name, "tag_name": tag.name, "tag_id": tag.id, "type": kind})
    tags += [{"group_name": "个人", "tag_name": name, "type": PERSONAL_TAG} for name in relation.personal_tags]
    return {**_notes(customer, relation), "tags": tags}


ROUTES = {
    "externalcontact/get_follow_user_list": contact(list_followers, "GET"),
    "externalcontact/list": contact(list_customers, "GET"),
    "externalcontact/get": contact(get_customer, "GET"),
    "externalcontact/batch/get_by_user": contact(get_batch),
    "externalcontact/remark": contact(set_remark),
}
