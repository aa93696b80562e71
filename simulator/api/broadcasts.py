"""Endpoints of mass messages: tasks for members, and what became of them (pages 92135, 93338, 97610, 97611)."""

from simulator.api.attachments import read_content
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING
from simulator.api.paging import cut, fall_back
from simulator.errors import Refusal
from simulator.world.broadcasts import Broadcast, Outcome, Recipient, Task
from simulator.world.contacts import Relation, Standing

MOST_CUSTOMERS = 10_000
MOST_GROUPS = 2000
MOST_FILTER_TAGS = 100
LISTED, MOST_LISTED = 50, 100
ROWS, MOST_ROWS = 500, 1000
MONTH = 31 * 86_400
KINDS = ("single", "group")
UNCONFIRMED, CONFIRMED = 0, 2


def create(call: Call) -> Answer:
    """Answer add_msg_template: the task's msgid, and whom it cannot reach."""
    body = call.body
    kind = body.text("chat_type") or KINDS[0]
    if kind not in KINDS:
        raise body.refuse("chat_type")
    content = read_content(call)
    if kind == "group":
        call.member(body.text("sender", missing=MISSING))
        body.texts("chat_id_list", most=MOST_GROUPS)
        raise Refusal(41048, "the virtual WeCom has no customer groups yet")
    body.flag("allow_select")
    chosen, failed = _choose(call)
    if not chosen:
        raise Refusal(41048)
    tasks: dict[str, Task] = {}
    for relation in chosen:
        task = tasks.setdefault(relation.userid, Task(relation.userid, []))
        task.recipients.append(Recipient(relation.external_userid))
    broadcast = call.corp.broadcasts.create(call.app.agent_id, content, tasks, now=call.now)
    return {"fail_list": failed, "msgid": broadcast.msgid}


def _choose(call: Call) -> tuple[list[Relation], list[str]]:
    """Return one relation for each customer to be reached, and the ids that cannot be."""
    body = call.body
    sender = call.server(body.text("sender")).userid if body.text("sender") else ""
    externals = body.texts("external_userid", most=MOST_CUSTOMERS)
    tag_lists = _filter(call)
    if externals:
        reached = {one: _best(call, one, sender) for one in dict.fromkeys(externals)}
        return [one for one in reached.values() if one], [one for one, found in reached.items() if not found]
    if not sender and not tag_lists:
        raise Refusal(MISSING, "sender, external_userid or tag_filter")
    relations: dict[str, Relation] = {}
    for relation in call.corp.contacts:
        tagged = all(not tags.isdisjoint(relation.tags) for tags in tag_lists)
        if tagged and _reachable(call, relation, sender):
            relations.setdefault(relation.external_userid, relation)
    return list(relations.values()), []


def _filter(call: Call) -> list[set[str]]:
    """Return the tag filter: any tag of each list; nothing when customers are given by id."""
    outer = call.body.nested("tag_filter")
    if outer is None or call.body.has("external_userid"):
        return []
    lists = [
        set(one.texts("tag_list", missing=MISSING, most=MOST_FILTER_TAGS))
        for one in outer.items("group_list", missing=MISSING)
    ]
    unknown = set().union(*lists) - call.corp.tags.tags.keys()
    if unknown:
        raise Refusal(40068, ",".join(sorted(unknown)))
    return lists


def _best(call: Call, external_userid: str, sender: str) -> Relation | None:
    """Return the sender's relation, or that of the member who chatted last."""
    relations = [one for one in call.corp.contacts.of_customer(external_userid) if _reachable(call, one, sender)]
    return max(relations, key=lambda one: (one.last_chat, one.created_at), default=None)


def _reachable(call: Call, relation: Relation, sender: str) -> bool:
    member = call.corp.directory.find(relation.userid)
    return (
        relation.standing is Standing.MUTUAL
        and (not sender or relation.userid == sender)
        and member is not None
        and member.serves
        and call.sees(member)
    )


def list_all(call: Call) -> Answer:
    """Answer get_groupmsg_list_v2; personal mass messages do not exist here."""
    body = call.body
    if body.text("chat_type", missing=MISSING) not in KINDS:
        raise body.refuse("chat_type")
    start, end = body.number("start_time", missing=MISSING), body.number("end_time", missing=MISSING)
    if not start <= end <= start + MONTH:
        raise body.refuse("end_time", why="must be within a month after start_time")
    wanted = body.number("filter_type", 2, among=range(3))
    rows = [
        _record(one)
        for one in call.corp.broadcasts.by_id.values()
        if start <= one.created_at <= end
        and wanted != 1
        and not body.text("creator")
        and body.text("chat_type") == KINDS[0]
    ]
    limit = fall_back(body.number("limit"), default=LISTED, most=MOST_LISTED)
    page, cursor = cut(rows, body.text("cursor"), limit)
    return {"next_cursor": cursor, "group_msg_list": list(page)}


def list_tasks(call: Call) -> Answer:
    """Answer get_groupmsg_task: which members have confirmed."""
    broadcast = call.corp.broadcasts.dispatched(call.body.text("msgid"), now=call.now)
    rows = [
        {"userid": task.userid, "status": CONFIRMED, "send_time": task.confirmed_at}
        if task.confirmed_at
        else {"userid": task.userid, "status": UNCONFIRMED}
        for task in broadcast.tasks.values()
    ]
    limit = fall_back(call.body.number("limit"), default=ROWS, most=MOST_ROWS)
    page, cursor = cut(rows, call.body.text("cursor"), limit)
    return {"next_cursor": cursor, "task_list": list(page)}


def list_results(call: Call) -> Answer:
    """Answer get_groupmsg_send_result: what became of one member's customers."""
    broadcast = call.corp.broadcasts.dispatched(call.body.text("msgid"), now=call.now)
    task = broadcast.tasks.get(call.member(call.body.text("userid")).userid)
    rows = [_result(task.userid, one) for one in task.recipients] if task else []
    limit = fall_back(call.body.number("limit"), default=ROWS, most=MOST_ROWS)
    page, cursor = cut(rows, call.body.text("cursor"), limit)
    return {"next_cursor": cursor, "send_list": list(page)}


def remind(call: Call) -> Answer:
    """Answer remind_groupmsg_send."""
    call.corp.broadcasts.dispatched(call.body.text("msgid"), now=call.now).remind(now=call.now)
    return {}


def cancel(call: Call) -> Answer:
    """Answer cancel_groupmsg_send: what is not sent yet stays unsent."""
    broadcast = call.corp.broadcasts.dispatched(call.body.text("msgid"), now=call.now)
    if broadcast.cancelled:
        raise Refusal(41093)
    broadcast.cancelled = True
    return {}


def _record(one: Broadcast) -> Answer:
    return {"msgid": one.msgid, "create_time": int(one.created_at), "create_type": 0, **one.content}


def _result(userid: str, one: Recipient) -> Answer:
    row: Answer = {"external_userid": one.external_userid, "userid": userid, "status": int(one.outcome)}
    return {**row, "send_time": one.at} if one.outcome is Outcome.SENT else row


ROUTES = {
    "externalcontact/add_msg_template": contact(create),
    "externalcontact/get_groupmsg_list_v2": contact(list_all),
    "externalcontact/get_groupmsg_task": contact(list_tasks),
    "externalcontact/get_groupmsg_send_result": contact(list_results),
    "externalcontact/remind_groupmsg_send": contact(remind),
    "externalcontact/cancel_groupmsg_send": contact(cancel),
}
