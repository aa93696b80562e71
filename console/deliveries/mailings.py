"""Mailings: tasks at WeCom that members confirm, how far each has come, and what can be done about it now."""

from datetime import datetime
from typing import Any, Literal

from console.api.call import Call
from console.api.paging import read_before, read_place, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from console.api.words import Words
from console.decisions import Reason
from console.deliveries import shapes
from console.deliveries.shapes import Delivery, DeliveryQuery, Origin, reason, show, words
from sop.deliveries import mailings as rules
from sop.events import MailingDue
from storage.deliveries import lists
from storage.deliveries.results import Member

routes = Routes()
_MAILING = Words("群发任务", "mailing")


class MailingQuery(Walk):
    """Which mailings: of a flow or broadcast, in a status, of a member."""

    origin: Origin | None = None
    origin_id: Identity | None = None
    status: Literal["filling", "making", "unknown", "made", "ended", "cancelled", "refused"] | None = None
    staff: Line = ""


class Mailing(Answer):
    """One task at WeCom; `ending` is how it is to end, once that is wanted, `code` the last one of WeCom's.

    unknown: WeCom did not answer, and is asked whether it has the task; it is never made twice.
    """

    id: Identity
    kind: str
    user_id: str
    origin: str
    origin_id: Identity
    count: int
    status: str
    ending: str
    msg_id: str
    failed: int
    code: int
    reason: Reason | None
    reminders: int
    reminded_at: datetime | None
    escalated_at: datetime | None
    created_at: datetime
    made_at: datetime | None
    polled_at: datetime | None
    ended_at: datetime | None


class Share(Answer):
    """How many stand in one way for one reason."""

    status: str
    reason: Reason | None
    count: int


class MailingDetail(Mailing):
    """With what it says, how many recipients stand how, and how many members have and have not confirmed."""

    content: shapes.Words
    recipients: tuple[Share, ...]
    confirmed: int
    unconfirmed: int


class MailingMember(Answer):
    """A member who has to confirm; `open` while not all is known of their recipients."""

    user_id: str
    open: bool
    confirmed_at: datetime | None


@routes.on("GET /mailings", Permission.READ_MESSAGES, "群发任务列表", "List mailings, the newest first")
async def browse(call: Call, query: MailingQuery) -> Page[Mailing]:
    """Those that a member of the data scope sends."""
    found = await call.store.deliveries.mailings.page(
        origin=query.origin or "",
        origin_id=query.origin_id,
        status=query.status or "",
        staff=call.principal.within(query.staff),
        before=read_before(query.after),
        most=query.limit + 1,
    )
    return turn(found, query.limit, lambda one: Mailing(**_show(one)), lambda one: (one.id,))


@routes.on("GET /mailings/{mailing_id}", Permission.READ_MESSAGES, "查看群发任务", "Show a mailing")
async def read(call: Call, mailing_id: Identity) -> MailingDetail:
    """How far it has come, and why what failed has."""
    mailing, deliveries = await _find(call, mailing_id), call.store.deliveries
    counts = await deliveries.results.counts(mailing.id)
    confirmed, unconfirmed = await deliveries.results.progress(mailing.id)
    return MailingDetail(
        **_show(mailing),
        content=words(call, await deliveries.mailings.content(mailing.content_id)),
        recipients=tuple(Share(status=status, reason=reason(why), count=count) for status, why, count in counts),
        confirmed=confirmed,
        unconfirmed=unconfirmed,
    )


@routes.on("GET /mailings/{mailing_id}/members", Permission.READ_MESSAGES, "群发任务的员工", "Who confirms a mailing")
async def members(call: Call, mailing_id: Identity, query: Walk) -> Page[MailingMember]:
    """By user id, those of the data scope."""
    mailing, place = await _find(call, mailing_id), read_place(query.after, str)
    after = "" if place is None else str(place[0])
    found = await call.store.deliveries.results.members(
        mailing.id, after=after, most=query.limit + 1, staff=call.principal.staff
    )
    return turn(found, query.limit, _member, lambda one: (one.user_id,))


@routes.on("GET /mailings/{mailing_id}/deliveries", Permission.READ_MESSAGES, "群发任务的对象", "Whom a mailing is for")
async def recipients(call: Call, mailing_id: Identity, query: DeliveryQuery) -> Page[Delivery]:
    """How each stands, and why."""
    mailing = await _find(call, mailing_id)
    meant: lists.Which = shapes.which(call, query, mailing_id=mailing.id)
    found = await call.store.deliveries.lists.page(meant, before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, lambda one: Delivery(**show(one)), lambda one: (one.id,))


@routes.on(
    "POST /mailings/{mailing_id}/remind", Permission.WRITE_MESSAGES, "提醒确认", "Remind members now", status=202
)
async def remind(call: Call, mailing_id: Identity) -> Mailing:
    """WeCom reminds those who have not confirmed, three times in 24 hours at most."""
    return await _stir(call, mailing_id, remind=True)


@routes.on(
    "POST /mailings/{mailing_id}/refresh", Permission.WRITE_MESSAGES, "刷新结果", "Read the results now", status=202
)
async def refresh(call: Call, mailing_id: Identity) -> Mailing:
    """Ask WeCom now how it stands, instead of at the next time."""
    return await _stir(call, mailing_id)


@routes.on(
    "POST /mailings/{mailing_id}/cancel", Permission.WRITE_MESSAGES, "取消群发任务", "Call a mailing off", status=202
)
async def cancel(call: Call, mailing_id: Identity) -> Mailing:
    """Nothing more of it is sent; what was sent stays."""
    return await _stir(call, mailing_id, cancel=True)


async def _stir(call: Call, mailing_id: int, *, remind: bool = False, cancel: bool = False) -> Mailing:
    """Have it looked at, in its turn; whoever sees some members only changes what is theirs alone."""
    mailing = await _find(call, mailing_id)
    if not call.principal.sees(mailing.user_id):
        raise Problem("out-of-scope", staff=mailing.user_id)
    if not mailing.open:
        raise Problem("state", reason_zh="任务已经结束。", reason_en="The mailing has ended.")
    if cancel:
        call.store.deliveries.mailings.want_end(mailing.id, "cancelled")
    call.store.announce(
        MailingDue(corp_id=call.store.scope.corp_id, at=call.store.now, mailing_id=mailing.id, remind=remind)
    )
    return Mailing(**_show(mailing) | {"ending": "cancelled" if cancel and not mailing.ending else mailing.ending})


async def _find(call: Call, mailing_id: int) -> rules.Mailing:
    mailings = call.store.deliveries.mailings
    found = await mailings.get(mailing_id)
    if found is None or not await mailings.sees(found, call.principal.staff):
        raise missing(_MAILING)
    return found


def _show(one: rules.Mailing) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Mailing.model_fields} | {"reason": reason(one.reason)}


def _member(one: Member) -> MailingMember:
    return MailingMember.model_validate(one)
