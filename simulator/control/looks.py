"""Looking at the world: corps, staff, customers, tags, inboxes, the transcript."""

from dataclasses import asdict

from simulator.control.errors import BadControl
from simulator.control.order import Handler, Order, Said
from simulator.views import (
    summarize,
    view_corp,
    view_customer,
    view_group,
    view_groups,
    view_message,
    view_relation,
    view_way,
)


def show_corps(order: Order) -> Said:
    """Every corp with its numbers and apps."""
    return {"corps": [view_corp(corp) for corp in order.simulator.world.corps.values()]}


def show_staff(order: Order) -> Said:
    """Departments and members."""
    directory = order.corp().directory
    return {
        "departments": [asdict(one) for one in directory.departments.values()],
        "members": [{**asdict(one), "leads": sorted(one.leads)} for one in directory],
    }


def show_customers(order: Order) -> Said:
    """Customers, newest last; offset, limit (default 100)."""
    customers = list(order.corp().contacts.customers.values())
    return {"total": len(customers), "customers": [summarize(one) for one in order.page(customers)]}


def show_customer(order: Order) -> Said:
    """One customer (external_userid) with relations and everything received: welcomes, broadcasts, chat."""
    corp = order.corp()
    customer = corp.contacts.customers.get(order.get("external_userid", str))
    if customer is None:
        raise BadControl("no such customer", 404)
    return view_customer(corp, customer)


def show_relations(order: Order) -> Said:
    """Relations of all, or of a userid; offset, limit."""
    userid = order.get("userid", str, "")
    relations = [one for one in order.corp().contacts if userid in ("", one.userid)]
    return {"total": len(relations), "relations": [view_relation(one) for one in order.page(relations)]}


def show_tags(order: Order) -> Said:
    """Tag groups with their tags."""
    return {"groups": view_groups(order.corp().tags.groups.values())}


def show_ways(order: Order) -> Said:
    """Contact ways; offset, limit."""
    ways = list(order.corp().ways.values())
    return {"total": len(ways), "contact_ways": [view_way(one) for one in order.page(ways)]}


def show_group_chats(order: Order) -> Said:
    """Customer groups with their members as they are now, dismissed ones too; offset, limit."""
    groups = list(order.corp().groups.by_id.values())
    return {"total": len(groups), "groups": [view_group(one) for one in order.page(groups)]}


def show_inbox(order: Order) -> Said:
    """What apps sent to a member (userid), oldest first, as the member sees it now."""
    userid = order.member().userid
    return {"messages": [view_message(one, userid) for one in order.corp().mail.of(userid)]}


def show_transcript(order: Order) -> Said:
    """Calls and callbacks, filtered by kind (call, callback), path, app, after (a number); newest `limit`."""
    transcript = order.simulator.transcript
    entries = transcript.find(
        kind=order.get("kind", str, ""),
        path=order.get("path", str, ""),
        app=order.get("app", str, ""),
        after=order.get("after", int, 0),
    )
    newest = entries[-order.get("limit", int, 100) :]
    return {"total": transcript.total, "found": len(entries), "entries": [one.view() for one in newest]}


def clear_transcript(order: Order) -> Said:
    """Forget the transcript's entries."""
    order.simulator.transcript.clear()
    return {}


def show_counts(order: Order) -> Said:
    """How often each path was called with which code since the start, and where callbacks stand."""
    simulator = order.simulator
    counts: dict[str, dict[str, int]] = {}
    for (kind, path, code), count in simulator.transcript.counts.items():
        counts.setdefault(f"{kind} {path}", {})[str(code)] = count
    delivery = simulator.delivery
    return {
        "counts": counts,
        "delivered": delivery.delivered,
        "waiting": delivery.waiting,
        "lost": delivery.lost,
        "replies_refused": simulator.replies.refused[-20:],
    }


LOOKS: dict[tuple[str, str], Handler] = {
    ("GET", "corps"): show_corps,
    ("GET", "staff"): show_staff,
    ("GET", "customers"): show_customers,
    ("GET", "customer"): show_customer,
    ("GET", "relations"): show_relations,
    ("GET", "tags"): show_tags,
    ("GET", "ways"): show_ways,
    ("GET", "groups"): show_group_chats,
    ("GET", "inbox"): show_inbox,
    ("GET", "transcript"): show_transcript,
    ("DELETE", "transcript"): clear_transcript,
    ("GET", "counts"): show_counts,
}
