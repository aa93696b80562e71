"""Whom a mass message is for: customers by id, tags or sender; the groups of their owner (page 92135)."""

from collections.abc import Callable

from simulator.api.call import Call
from simulator.api.fields import INVALID, MISSING
from simulator.errors import Refusal
from simulator.world.broadcasts import GROUP, Recipient, Task
from simulator.world.contacts import Relation, Standing
from simulator.world.groups import Group

MOST_CUSTOMERS = 10_000
MOST_GROUPS = 2000
MOST_FILTER_TAGS = 100
Audience = tuple[dict[str, Task], list[str]]
"""What each member is asked to confirm, and the ids that cannot be reached."""


def read_audience(call: Call, kind: str) -> Audience:
    """Return tasks and fail_list; 41048 when nobody can be reached."""
    tasks, failed = _groups(call) if kind == GROUP else _customers(call)
    if not tasks:
        raise Refusal(41048)
    return tasks, failed


def _groups(call: Call) -> Audience:
    """One task, for the sender: the groups given that are theirs, or any when none is given."""
    userid = call.server(call.body.text("sender", missing=MISSING)).userid
    if call.body.flag("allow_select"):
        raise call.body.refuse("allow_select", why="is for customers only")
    wanted = call.body.texts("chat_id_list", most=MOST_GROUPS)
    if not wanted:
        open_ = any(owns(one, userid) for one in call.corp.groups.by_id.values())
        return ({userid: Task(userid, open=True)} if open_ else {}), []
    reached: list[str] = []
    failed: list[str] = []
    for chat_id in dict.fromkeys(wanted):
        group = call.corp.groups.by_id.get(chat_id)
        (reached if group and owns(group, userid) else failed).append(chat_id)
    return ({userid: Task(userid, [Recipient(one) for one in reached])} if reached else {}), failed


def owns(group: Group, userid: str) -> bool:
    """Whether a customer group that lives is this member's."""
    return not group.internal and not group.now.dismissed and group.now.owner == userid


def _customers(call: Call) -> Audience:
    """A task for each member with the customers who are theirs to tell."""
    chosen, failed = _choose(call)
    if len(chosen) > MOST_CUSTOMERS:
        raise Refusal(INVALID, f"more than {MOST_CUSTOMERS} customers: split the task")
    tasks: dict[str, Task] = {}
    for relation in chosen:
        task = tasks.get(relation.userid) or tasks.setdefault(relation.userid, Task(relation.userid))
        task.recipients.append(Recipient(relation.external_userid))
    return tasks, failed


def _choose(call: Call) -> tuple[list[Relation], list[str]]:
    """Return one relation for each customer to be reached, and the ids that cannot be."""
    body, contacts = call.body, call.corp.contacts
    sender = call.server(body.text("sender")).userid if body.text("sender") else ""
    externals = body.texts("external_userid", most=MOST_CUSTOMERS)
    tag_lists = _filter(call)
    reachable = _judge(call)
    if externals:
        found: dict[str, Relation | None] = {}
        for external in externals:
            if sender:
                pair = contacts.between(sender, external)
                found[external] = pair if pair and reachable(pair) else None
            else:
                found[external] = _last(filter(reachable, contacts.of_customer(external)))
        return [one for one in found.values() if one], [one for one, relation in found.items() if not relation]
    if not sender and not tag_lists:
        raise Refusal(MISSING, "sender, external_userid or tag_filter")
    chosen: dict[str, Relation] = {}
    for relation in contacts.of_member(sender) if sender else contacts:
        if all(not tags.isdisjoint(relation.tags) for tags in tag_lists) and reachable(relation):
            best = chosen.setdefault(relation.external_userid, relation)
            if best is not relation:
                chosen[relation.external_userid] = max(best, relation, key=_freshness)
    return list(chosen.values()), []


def _filter(call: Call) -> list[set[str]]:
    """Return the tag filter: any tag of each list; nothing when customers are given by id."""
    outer = call.body.nested("tag_filter")
    if outer is None or call.body.has("external_userid"):
        return []
    lists = [
        set(one.texts("tag_list", missing=MISSING, most=MOST_FILTER_TAGS))
        for one in outer.items("group_list", missing=MISSING)
    ]
    unknown = set().union(*lists) - call.corp.tags.tags.keys() - call.corp.strategy_tags.tags.keys()
    if unknown:
        raise Refusal(40068, ",".join(sorted(unknown)))
    return lists


def _judge(call: Call) -> Callable[[Relation], bool]:
    """Tell whether a relation can be used: two friends, the member serving and seen by the app; each asked once."""
    serving: dict[str, bool] = {}

    def reachable(relation: Relation) -> bool:
        if relation.standing is not Standing.MUTUAL:
            return False
        known = serving.get(relation.userid)
        if known is None:
            member = call.corp.directory.find(relation.userid)
            known = serving[relation.userid] = member is not None and member.serves and call.sees(member)
        return known

    return reachable


def _last(relations: "filter[Relation]") -> Relation | None:
    """The relation of the member who chatted last."""
    return max(relations, key=_freshness, default=None)


def _freshness(one: Relation) -> tuple[float, float]:
    return one.last_chat, one.created_at
