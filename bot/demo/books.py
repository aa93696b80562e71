"""The books compared: what reached phones in the virtual WeCom against what the service says, and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.demo import season
from bot.demo.days import Week
from bot.demo.operator import Operator
from bot.demo.warehouse import Warehouse
from simulator.world.broadcasts import GROUP, SINGLE, Broadcast, Outcome
from simulator.world.corp import Corp
from sop import webhooks
from storage import census

_CAPS = {1: season.DAILY, 7: season.WEEKLY}  # messages to one customer in so many days
_SENT = ("sent", "tasked")  # tasked: confirmed since the last look at the records
_UNTOLD = ("planned", "tasked", "sent")  # need no reason of their own: the step that wanted them has it


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold; `faults` are those for which it does not."""

    name: str
    count: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that the service says of its messages, once read."""

    mailings: list[dict[str, Any]]
    deliveries: dict[str, list[dict[str, Any]]]  # by mailing
    left: list[dict[str, Any]]  # of no mailing
    moments: list[dict[str, Any]]
    steps: dict[str, list[dict[str, Any]]]  # by enrolment
    calls: list[dict[str, Any]]  # of webhooks
    dead: int  # events that the service has given up

    @property
    def every(self) -> list[dict[str, Any]]:
        """Every message, sent or not."""
        return [*(one for each in self.deliveries.values() for one in each), *self.left]


async def read(operator: Operator, origins: list[tuple[str, str]]) -> Books:
    """Read everything over the API; `origins` are flows and the runs of broadcasts."""
    mailings = await operator.list("mailings")
    carried = {one["id"]: await operator.list(f"mailings/{one['id']}/deliveries") for one in mailings}
    left = []
    for origin, identity in origins:
        found = await operator.list("deliveries", origin=origin, origin_id=identity)
        left += [one for one in found if one["mailing_id"] is None]
    backlog = (await operator.get("overview"))["backlog"]
    moments, calls = await operator.list("moments"), await operator.list("intents", kind="call_webhook")
    books = Books(mailings, carried, left, moments, {}, calls, backlog["dead_events"])
    for enrolment in {one["enrolment_id"] for one in books.every} - {None}:
        books.steps[enrolment] = (await operator.get(f"enrolments/{enrolment}"))["steps"]
    return books


async def compare(books: Books, week: Week) -> list[Check]:
    """Every check."""
    corp = week.stage.company.corp
    ours = [one for one in corp.broadcasts.by_id.values() if not one.creator]
    balances = await census.balances(week.service.database)
    entered = {str(one.flow_id): one.entered for one in balances}
    drifts = tuple(f"flow {one.flow_id}: {one.drift}" for one in balances if one.drift)
    return [
        _asked(books, ours),
        _sent(books, ours),
        _capped(books, ours),
        _grouped(books, ours),
        _quiet(books),
        _posted(books, corp),
        _told(books, week.warehouse, entered[week.campaign.flows["warehouse"]]),
        Check("entered = inside + left / 进入 = 在内 + 离开", sum(one.entered for one in balances), drifts),
        _explained(books),
        Check("events given up / 被放弃的事件", books.dead, ("siyu events list --dead",) if books.dead else ()),
    ]


def _asked(books: Books, ours: list[Broadcast]) -> Check:
    """Each task at WeCom is one mailing's; one of nobody's would be a mailing that was made twice."""
    known = Counter(one["msg_id"] for one in books.mailings if one["msg_id"])
    faults = [one.msgid for one in ours if known[one.msgid] != 1]
    return Check("no task made twice / 任务不重复创建", len(ours), tuple(faults))


def _sent(books: Books, ours: list[Broadcast]) -> Check:
    """Each message that has reached a phone is one of the service's, and no other has; what is called sent has."""
    wanted: Counter[tuple[str, str]] = Counter()
    claimed: set[tuple[str, str]] = set()
    for mailing in books.mailings:
        rows = books.deliveries[mailing["id"]]
        wanted.update((mailing["msg_id"], one["subject"]) for one in rows if one["status"] in _SENT)
        claimed |= {(mailing["msg_id"], one["subject"]) for one in rows if one["status"] == "sent"}
    sent = Counter((one.msgid, who) for one in ours for who in _reached(one))
    faults = [f"{msgid} {who}" for (msgid, who), count in sent.items() if count > 1 or wanted[msgid, who] != 1]
    faults += [f"{msgid} {who} has not come" for msgid, who in sorted(claimed - sent.keys())]
    return Check("nothing sent twice / 消息不重复发送", sum(sent.values()), tuple(faults))


def _capped(books: Books, ours: list[Broadcast]) -> Check:
    """No customer has got more than the policy lets them have, on a day or in any seven."""
    got = _days(books, ours, SINGLE)
    faults = [f"{who}: {most} in {span} days" for who, days in got.items() for span, cap in _CAPS.items()
              if (most := _most(days, span)) > cap]  # fmt: skip
    return Check("nobody over the cap / 无人超频", len(got), tuple(faults))


def _days(books: Books, ours: list[Broadcast], kind: str) -> dict[str, list[date]]:
    """For which days what has reached them was planned: caps are of plans, members confirm when they like."""
    due = {(mailing["msg_id"], one["subject"]): one["due_at"]
           for mailing in books.mailings for one in books.deliveries[mailing["id"]]}  # fmt: skip
    got: dict[str, list[date]] = {}
    for one in ours:
        for who in _reached(one) if one.kind == kind else ():
            if at := due.get((one.msgid, who)):
                got.setdefault(who, []).append(datetime.fromisoformat(at).astimezone(season.CLOCK).date())
    return got


def _most(days: list[date], span: int) -> int:
    """The most in any so many consecutive days."""
    return max(sum(0 <= (later - day).days < span for later in days) for day in days)


def _grouped(books: Books, ours: list[Broadcast]) -> Check:
    """No group has got more than one message a day, and each came from the member whom the service had asked."""
    asked = {(mailing["msg_id"], one["subject"]): one["user_id"]
             for mailing in books.mailings for one in books.deliveries[mailing["id"]]}  # fmt: skip
    sent = [(one.msgid, task.userid, each.id) for one in ours if one.kind == GROUP for task in one.tasks.values()
            for each in task.recipients if each.outcome is Outcome.SENT]  # fmt: skip
    got = _days(books, ours, GROUP)
    faults = [f"{chat}: {most} in a day" for chat, days in got.items() if (most := _most(days, 1)) > season.GROUP_DAILY]
    faults += [f"{msgid} {chat}: {owner}" for msgid, owner, chat in sent if asked.get((msgid, chat)) != owner]
    return Check("groups: one a day, sent by the owner / 客户群：每天至多一条，由群主发送", len(sent), tuple(faults))


def _told(books: Books, warehouse: Warehouse, entered: int) -> Check:
    """Each paid order is told to the warehouse under one key, until it has taken it; a repetition says the same."""
    faults = [f"{one['effect']}: {one['status']}" for one in books.calls if one["status"] != "done"]
    keys = {webhooks.name(one["effect"]) for one in books.calls}
    faults += [f"{key} has not arrived" for key in sorted(keys - warehouse.taken)]
    bodies = {(one.key, one.body) for one in warehouse.requests}
    faults += [f"{key} says different things" for key, count in Counter(key for key, _ in bodies).items() if count > 1]
    faults += [f"{key} is unknown" for key in sorted(warehouse.taken - keys)]
    if len(keys) != entered:
        faults.append(f"{entered} orders, {len(keys)} keys")
    return Check("webhooks arrive, each under one key / 回调必达，重试同一幂等键", len(keys), tuple(faults))


def _quiet(books: Books) -> Check:
    """Nothing was put into a task in the quiet hours; one that WeCom would not take at first may be there later."""
    asked = [one for one in books.mailings if one["msg_id"]]
    hours = {one["id"]: datetime.fromisoformat(one["created_at"]).astimezone(season.CLOCK) for one in asked}
    faults = [f"{made} {at:%a %H:%M}" for made, at in hours.items() if not season.OPENS <= at.hour < season.CLOSES]
    return Check("quiet hours kept / 免打扰时段安静", len(hours), tuple(faults))


def _posted(books: Books, corp: Corp) -> Check:
    """Each moment at WeCom is one that was written."""
    known = Counter(one["moment_id"] for one in books.moments)
    ours = [one.moment_id for one in corp.moments.by_id.values() if not one.creator]
    return Check("no moment posted twice / 朋友圈不重复发布", len(ours), tuple(one for one in ours if known[one] != 1))


def _explained(books: Books) -> Check:
    """Each message can say why: its own reason, or that of the step or the broadcast that wanted it."""
    faults = [one["id"] for one in books.every if not because(books, one)]
    return Check("every message says why / 每条消息都有原因", len(books.every), tuple(faults))


def because(books: Books, message: dict[str, Any]) -> str:
    """Why a message was sent, or was not; empty where nothing says so."""
    if message["reason"]:
        return f"{message['reason']['zh']} / {message['reason']['en']}"
    if message["status"] not in _UNTOLD:
        return ""
    if message["origin"] == "broadcast":
        return "群发对象，已通过触达策略 / of its audience, passed the policy"
    steps = [one for one in books.steps.get(message["enrolment_id"], []) if one["node"] == message["node"]]
    return "旅程到点，已通过触达策略 / due in its flow, passed the policy" if steps else ""


def _reached(broadcast: Broadcast) -> Iterator[str]:
    """Whom it has reached."""
    for task in broadcast.tasks.values():
        yield from (one.id for one in task.recipients if one.outcome is Outcome.SENT)
