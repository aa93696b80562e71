"""Endpoints of mass messages: tasks for members, and what became of them (pages 92135, 93338, 97610, 97611)."""

from simulator.api.attachments import read_content
from simulator.api.audiences import read_audience
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING
from simulator.api.paging import cut, fall_back
from simulator.errors import Refusal
from simulator.world.broadcasts import GROUP, SINGLE, Broadcast, Outcome, Recipient
from simulator.world.errands import Errand, Kind

LISTED, MOST_LISTED = 50, 100
ROWS, MOST_ROWS = 500, 1000
MONTH = 31 * 86_400
KINDS = (SINGLE, GROUP)
CORP, PERSONAL, ALL = range(3)
UNCONFIRMED, CONFIRMED = 0, 2


def create(call: Call) -> Answer:
    """Answer add_msg_template: the task's msgid, and whom it cannot reach."""
    body, corp = call.body, call.corp
    kind = body.text("chat_type") or SINGLE
    if kind not in KINDS:
        raise body.refuse("chat_type")
    content = read_content(call)
    screen(call, content)
    selectable = body.flag("allow_select")
    tasks, failed = read_audience(call, kind)
    made = corp.broadcasts.add(
        Broadcast(
            msgid=corp.broadcasts.name(),
            kind=kind,
            agent_id=call.app.agent_id,
            created_at=call.now,
            content=content,
            tasks=tasks,
            selectable=selectable,
        )
    )
    for userid in tasks:
        call.world.ask(corp, Errand(Kind.BROADCAST, made.msgid, userid))
    return {"fail_list": failed, "msgid": made.msgid}


def screen(call: Call, content: Answer) -> None:
    """Refuse with 40201 what the platform lets nobody send to many."""
    text = content.get("text")
    said = str(text.get("content", "")) if isinstance(text, dict) else ""
    if any(word in said for word in call.corp.blocked_words):
        raise Refusal(40201)


def list_all(call: Call) -> Answer:
    """Answer get_groupmsg_list_v2: those of the corp, and those that members whom the app sees made by hand."""
    body = call.body
    kind = body.text("chat_type", missing=MISSING)
    if kind not in KINDS:
        raise body.refuse("chat_type")
    start, end = body.number("start_time", missing=MISSING), body.number("end_time", missing=MISSING)
    if not start <= end <= start + MONTH:
        raise body.refuse("end_time", why="must be within a month after start_time")
    wanted, creator = body.number("filter_type", ALL, among=range(3)), body.text("creator")
    rows = [
        one
        for one in call.corp.broadcasts.by_id.values()
        if start <= one.created_at <= end
        and one.kind == kind
        and wanted in (ALL, PERSONAL if one.creator else CORP)
        and creator in ("", one.creator)
        and _seen(call, one.creator)
    ]
    limit = fall_back(body.number("limit"), default=LISTED, most=MOST_LISTED)
    page, cursor = cut(rows, body.text("cursor"), limit)
    return {"next_cursor": cursor, "group_msg_list": [_record(one) for one in page]}


def _seen(call: Call, creator: str) -> bool:
    member = call.corp.directory.ever(creator) if creator else None
    return not creator or (member is not None and call.sees(member))


def list_tasks(call: Call) -> Answer:
    """Answer get_groupmsg_task: which members have confirmed."""
    broadcast = call.corp.broadcasts.dispatched(call.body.text("msgid"), now=call.now)
    limit = fall_back(call.body.number("limit"), default=ROWS, most=MOST_ROWS)
    page, cursor = cut(list(broadcast.tasks.values()), call.body.text("cursor"), limit)
    rows = [
        {"userid": task.userid, "status": CONFIRMED, "send_time": task.confirmed_at}
        if task.confirmed_at
        else {"userid": task.userid, "status": UNCONFIRMED}
        for task in page
    ]
    return {"next_cursor": cursor, "task_list": rows}


def list_results(call: Call) -> Answer:
    """Answer get_groupmsg_send_result: what became of one member's customers, or of the groups they chose."""
    broadcast = call.corp.broadcasts.dispatched(call.body.text("msgid"), now=call.now)
    task = broadcast.tasks.get(call.member(call.body.text("userid")).userid)
    chosen = task.recipients if task else []
    if broadcast.kind == GROUP:
        chosen = [one for one in chosen if one.outcome is not Outcome.UNSENT]
    limit = fall_back(call.body.number("limit"), default=ROWS, most=MOST_ROWS)
    page, cursor = cut(chosen, call.body.text("cursor"), limit)
    key = "chat_id" if broadcast.kind == GROUP else "external_userid"
    return {"next_cursor": cursor, "send_list": [_result(key, task.userid, one) for one in page] if task else []}


def remind(call: Call) -> Answer:
    """Answer remind_groupmsg_send: whoever has not confirmed is asked again."""
    broadcast = call.corp.broadcasts.asked(call.body.text("msgid"), now=call.now)
    broadcast.remind(now=call.now)
    for task in broadcast.tasks.values():
        if not task.confirmed_at:
            call.world.ask(call.corp, Errand(Kind.BROADCAST, broadcast.msgid, task.userid))
    return {}


def cancel(call: Call) -> Answer:
    """Answer cancel_groupmsg_send: what is not sent yet stays unsent."""
    call.corp.broadcasts.asked(call.body.text("msgid"), now=call.now).cancel()
    return {}


def _record(one: Broadcast) -> Answer:
    record: Answer = {"msgid": one.msgid, "create_time": int(one.created_at), **one.content}
    if one.creator:
        return {**record, "create_type": PERSONAL, "creator": one.creator}
    return {**record, "create_type": CORP}


def _result(key: str, userid: str, one: Recipient) -> Answer:
    row: Answer = {key: one.id, "userid": userid, "status": int(one.outcome)}
    return {**row, "send_time": one.at} if one.outcome is Outcome.SENT else row


ROUTES = {
    "externalcontact/add_msg_template": contact(create),
    "externalcontact/get_groupmsg_list_v2": contact(list_all),
    "externalcontact/get_groupmsg_task": contact(list_tasks),
    "externalcontact/get_groupmsg_send_result": contact(list_results),
    "externalcontact/remind_groupmsg_send": contact(remind),
    "externalcontact/cancel_groupmsg_send": contact(cancel),
}
