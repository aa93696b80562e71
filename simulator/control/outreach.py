"""Looking at what is sent to many, and the corp's rules for it."""

from simulator.control.errors import BadControl
from simulator.control.order import Handler, Order, Said
from simulator.world.broadcasts import Broadcast
from simulator.world.caps import Cap
from simulator.world.moments import Moment


def show_broadcasts(order: Order) -> Said:
    """Mass messages with their tasks, and how many recipients came to which end; offset, limit."""
    broadcasts = list(order.corp().broadcasts.by_id.values())
    return {"total": len(broadcasts), "broadcasts": [_view(one) for one in order.page(broadcasts)]}


def show_recipients(order: Order) -> Said:
    """Recipients of a member's part (userid) of a mass message (msgid), with their outcome; offset, limit."""
    broadcast = order.corp().broadcasts.by_id.get(order.get("msgid", str))
    task = broadcast.tasks.get(order.member().userid) if broadcast else None
    if task is None:
        raise BadControl("no such task", 404)
    rows = [{"id": one.id, "outcome": one.outcome, "at": one.at} for one in order.page(task.recipients)]
    return {"total": len(task.recipients), "recipients": rows}


def show_moments(order: Order) -> Said:
    """Moments with the part of each member: published when, seen by how many, liked and commented by whom."""
    moments = list(order.corp().moments.by_id.values())
    return {"total": len(moments), "moments": [_view_moment(one) for one in order.page(moments)]}


def show_rules(order: Order) -> Said:
    """The corp's rules: how much of what is sent to many a customer takes, and which words nobody may send."""
    corp = order.corp()
    return {"cap": corp.broadcasts.intake.cap, "blocked_words": sorted(corp.blocked_words)}


def set_rules(order: Order) -> Said:
    """Change the rules: cap ("month": as many as it has days, "week": 7, "day": 1), blocked_words (refused, 40201)."""
    corp = order.corp()
    corp.broadcasts.intake.cap = order.get("cap", Cap, corp.broadcasts.intake.cap)
    corp.blocked_words = frozenset(order.get("blocked_words", list[str], list(corp.blocked_words)))
    return show_rules(order)


def _view(one: Broadcast) -> Said:
    tasks = {
        task.userid: {"confirmed_at": task.confirmed_at, "recipients": len(task.recipients), **task.count()}
        for task in one.tasks.values()
    }
    return {
        "msgid": one.msgid,
        "kind": one.kind,
        "creator": one.creator,
        "created_at": one.created_at,
        "content": one.content,
        "cancelled": one.cancelled,
        "reminders": len(one.reminders),
        "tasks": tasks,
    }


def _view_moment(one: Moment) -> Said:
    parts = {
        part.userid: {
            "published_at": part.published_at,
            "audience": len(part.audience),
            "likes": [like.id for like in part.likes],
            "comments": [comment.id for comment in part.comments],
        }
        for part in one.publications.values()
    }
    return {
        "moment_id": one.moment_id,
        "creator": one.creator,
        "created_at": one.created_at,
        "content": one.content,
        "tags": sorted(one.tags),
        "cancelled": one.cancelled,
        "deleted": one.deleted,
        "members": parts,
    }


OUTREACH: dict[tuple[str, str], Handler] = {
    ("GET", "broadcasts"): show_broadcasts,
    ("GET", "recipients"): show_recipients,
    ("GET", "moments"): show_moments,
    ("GET", "rules"): show_rules,
    ("POST", "rules"): set_rules,
}
