"""What the control API shows of the world: plain JSON values, no secrets."""

from collections.abc import Iterable

from simulator.world.contacts import Customer, Relation
from simulator.world.corp import App, Corp
from simulator.world.groups import Group
from simulator.world.inbox import Message
from simulator.world.tags import Tag, TagGroup
from simulator.world.ways import ContactWay

View = dict[str, object]


def view_corp(corp: Corp) -> View:
    """Show a corp by its numbers, and its apps."""
    return {
        "id": corp.id,
        "name": corp.name,
        "members": sum(1 for _ in corp.directory),
        "customers": len(corp.contacts.customers),
        "contact_ways": len(corp.ways),
        "tags": len(corp.tags.tags),
        "apps": [view_app(app) for app in corp.apps.values()],
    }


def view_app(app: App) -> View:
    """Show an app without its secret, token or key."""
    return {
        "agent_id": app.agent_id,
        "name": app.name,
        "enabled": app.enabled,
        "customer_contact": app.customer_contact,
        "contact_events": app.contact_events,
        "trusted_ips": None if app.trusted_ips is None else sorted(app.trusted_ips),
        "scope": {"users": sorted(app.scope.users), "departments": sorted(app.scope.departments)},
        "callback_url": app.receiver.url if app.receiver else "",
    }


def view_customer(corp: Corp, customer: Customer) -> View:
    """Show a customer with all relations, and what the customer received."""
    relations = corp.contacts.history(customer.external_userid)
    return {
        **summarize(customer),
        "relations": [view_relation(one) for one in relations],
        "received": [
            {"at": one.at, "kind": one.kind, "userid": one.userid, "content": one.content} for one in customer.received
        ],
    }


def summarize(customer: Customer) -> View:
    """Show who a customer is."""
    return {
        "external_userid": customer.external_userid,
        "name": customer.name,
        "type": customer.kind,
        "gender": customer.gender,
        "unionid": customer.unionid,
        "messages": len(customer.received),
    }


def view_relation(one: Relation) -> View:
    """Show one member's view of one customer."""
    return {
        "userid": one.userid,
        "external_userid": one.external_userid,
        "standing": one.standing,
        "created_at": one.created_at,
        "state": one.state,
        "add_way": one.add_way,
        "adds": one.adds,
        "remark": one.remark,
        "description": one.description,
        "tags": list(one.tags),
        "personal_tags": one.personal_tags,
        "greeted": one.greeted,
    }


def view_way(way: ContactWay) -> View:
    """Show a contact way."""
    return {
        "config_id": way.config_id,
        "state": way.state,
        "remark": way.remark,
        "users": way.users,
        "departments": way.departments,
        "qr_code": way.qr_code,
        "scans": way.scans,
        "created_at": way.created_at,
    }


def view_group(group: Group) -> View:
    """Show a customer group as its members see it."""
    now = group.now
    return {
        "chat_id": group.chat_id,
        "name": now.name,
        "owner": now.owner,
        "notice": now.notice,
        "admins": list(now.admins),
        "members": [{"id": one.id, "type": one.kind, "state": one.state} for one in now.members.values()],
        "version": now.version,
        "dismissed": now.dismissed,
        "created_at": group.created_at,
        "messages": len(group.received),
    }


def view_groups(groups: Iterable[TagGroup]) -> list[View]:
    """Show tag groups with their tags."""
    return [{**_name(group), "tags": [_name(tag) for tag in group.tags.values()]} for group in groups]


def view_message(message: Message, userid: str) -> View:
    """Show a message as one member sees it now."""
    return {
        "msgid": message.msgid,
        "agent_id": message.agent_id,
        "type": message.kind,
        "at": message.at,
        "recalled": message.recalled,
        "content": message.shown(userid),
    }


def _name(thing: Tag | TagGroup) -> View:
    return {"id": thing.id, "name": thing.name, "order": thing.order, "agent_id": thing.agent_id}
