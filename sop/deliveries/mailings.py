"""Mailings: the tasks at WeCom that carry deliveries, and when something is done about one that waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sop.alerts import Alert
from sop.deliveries import Kind, Origin
from sop.phrases import Phrase
from sop.reasons import define

SETTING = "mailings"  # of the pace
MOST: Mapping[Kind, int] = {"single": 10_000, "group": 2_000}
"""Recipients of one task at WeCom."""
MAKE = timedelta(hours=6)  # how long a mailing may wait to be made
TRIES = 12  # times that it is tried anew what WeCom surely has not made
AGAIN = timedelta(minutes=10)  # after a refusal that an operator can do away with
MEDIA = timedelta(minutes=1)  # until we look again whether its media are uploaded

MAKING = define("mailing_making", "群发任务已提交给企业微信", "The task is on its way to WeCom")
MADE = define("mailing_made", "群发任务已创建，等待员工确认", "The task is made; members have to confirm it")
ADOPTED = define("mailing_adopted", "企业微信没有答复，经核对任务已存在", "No answer came, but WeCom has the task")
ANEW = define(
    "mailing_anew", "经核对企业微信没有这个任务，重新创建", "WeCom provably has no such task; it is made anew"
)
UNKNOWN = define(
    "mailing_unknown",
    "企业微信没有答复，不确定任务是否存在，不会重复发送",
    "Nobody knows whether WeCom has the task; it is not made twice",
)
UNREACHED = define("not_reached", "企业微信表示无法发给该对象", "WeCom says that it cannot be sent to them")
NO_RECIPIENT = define("no_recipient", "没有可以接收的客户", "Nobody of them can receive it")
BLOCKED = define("content_blocked", "内容被企业微信拦截", "WeCom has blocked the content")
MEDIA_BAD = define("media_refused_all", "企业微信拒绝了附件", "WeCom refused the attachments")
SENDER_GONE = define("sender_gone", "发送员工不可用", "The member who should send it cannot")
REFUSED = define("mailing_refused", "企业微信拒绝了群发任务", "WeCom refused the task")
WAITS = define("mailing_waits", "企业微信暂不接受，稍后再试", "WeCom does not take it now; it is tried again")
LATE = define("mailing_late", "群发任务未能及时创建", "The task could not be made in time")
LEFT_OUT = define("mailing_left_out", "素材已删除，略去附件", "A material is gone; the task goes without it")
ENDED = define("mailing_ended", "群发已有全部结果", "All of its results are known")
NOT_FRIEND = define("not_a_friend", "客户已不是好友", "The customer is no friend any more")
NOT_OWNED = define("group_not_owned", "客户群已不归发送员工所有", "The group is not the sender's any more")
OVER_CAP = define("platform_cap", "客户已收到其他群发，超过平台上限", "The customer has received too much from others")
NOT_SENT = define("not_confirmed", "员工未在期限内确认发送", "The member did not confirm it in time")
STOPPED = define("mailing_cancelled", "群发已取消", "The message was called off")
REMINDED = define("mailing_reminded", "提醒员工确认群发", "Members are reminded to confirm")
REMIND_FULL = define("remind_limit", "24 小时内提醒已达 3 次", "Three reminders in 24 hours are all that WeCom allows")
NOT_REMINDED = define("remind_failed", "提醒员工确认群发未成功", "Members could not be reminded")
NOT_STOPPED = define("mailing_not_stopped", "企业微信未能停止群发任务", "WeCom did not stop the task")
ESCALATED = define("mailing_escalated", "群发迟迟未确认，通知上级", "The leads are told of what is not confirmed")

UNCLEAR = Alert(
    Phrase("群发任务状态不明", "A task of which nobody knows"),
    Phrase(
        "企业微信没有答复，无法确认 {count} 位对象的群发任务是否已创建。为避免重复不会再次创建，请在管理后台核对。",
        "WeCom did not answer, and nobody knows whether the task for {count} recipients exists. "
        "It is not made again: look into WeCom's console.",
    ),
)
HALTED = Alert(
    Phrase("群发任务未能创建", "A task could not be made"),
    Phrase("{count} 位对象的群发未能创建：{why}", "The task for {count} recipients could not be made: {why}"),
)
UNCONFIRMED = Alert(
    Phrase("群发待确认", "Not confirmed yet"),
    Phrase(
        "{names} 共有 {count} 个群发任务超过 {hours} 小时未确认，请督促。",
        "{names} have {count} messages to confirm that are older than {hours} hours. See to it.",
    ),
)
_MEDIA = frozenset({40007, 40145, 41064, 41065, 41066, 41072, 41080, 41081, 41082, 41088, 41089, 41090})
TOO_MANY_REMINDERS = 41094  # in 24 hours
EXPIRED = frozenset({40007, 40145})  # a media id that WeCom does not know any more
_CODES: Mapping[int, str] = {
    41048: NO_RECIPIENT,
    40201: BLOCKED,
    40204: BLOCKED,
    85002: BLOCKED,
    40003: SENDER_GONE,
    40031: SENDER_GONE,
    60111: SENDER_GONE,
    41054: SENDER_GONE,
    **dict.fromkeys(_MEDIA, MEDIA_BAD),
}


class Status(StrEnum):
    """How a mailing stands."""

    FILLING = "filling"  # being put together
    MAKING = "making"  # on its way to WeCom
    UNKNOWN = "unknown"  # sent, and no answer came: WeCom is asked what it has
    MADE = "made"  # members have to confirm
    ENDED = "ended"
    CANCELLED = "cancelled"
    REFUSED = "refused"


OPEN = frozenset({Status.FILLING, Status.MAKING, Status.UNKNOWN, Status.MADE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One task at WeCom: the same content from one sender to many; `ending` is how it is to end, once it is wanted."""

    id: int
    app: str
    kind: Kind
    user_id: str
    content_id: int
    origin: Origin
    origin_id: int
    count: int
    status: Status
    ending: str = ""  # "" | unsent | cancelled
    msg_id: str = ""
    failed: int = 0
    tries: int = 0
    code: int = 0
    reason: str = ""
    reminders: int = 0
    looks: int = 0
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None
    created_at: datetime
    asked_at: datetime
    made_at: datetime | None = None
    polled_at: datetime | None = None
    poll_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether something is still to come."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What operators may set (setting `mailings`); hours and minutes count from when the task was made."""

    remind_hours: tuple[float, ...] = (4, 24, 48)
    remind_from: int = 9  # o'clock where the corp is; nobody is reminded before, or from `remind_until` on
    remind_until: int = 20
    escalate_hours: float = 72
    end_days: float = 7
    look_minutes: tuple[float, ...] = (0.5, 2, 5, 10, 20, 40)  # after a lost answer
    proof_minutes: float = 10  # what WeCom does not list so long after the call it does not have
    poll_minutes: tuple[float, ...] = field(default=(1, 2, 5, 10, 20, 30, 60))


def read_pace(setting: Mapping[str, object]) -> Pace:
    """The pace as set; what is not of its kind stays as it is by default."""
    found: dict[str, object] = {}
    for name, default in _DEFAULTS.items():
        value = setting.get(name)
        if isinstance(default, tuple) and isinstance(value, list) and all(_is_number(one) for one in value):
            found[name] = tuple(value)
        elif not isinstance(default, tuple) and _is_number(value):
            found[name] = value
    return Pace(**found)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


_DEFAULTS = {name: getattr(Pace(), name) for name in Pace.__slots__}


def next_poll(mailing: Mailing, now: datetime, pace: Pace) -> datetime:
    """When its results are read next: soon at first, then at longer and longer pauses; at its end at the latest."""
    steps = pace.poll_minutes or (60,)
    pause = timedelta(minutes=steps[min(mailing.looks, len(steps) - 1)])
    return max(now, min(now + pause, ends_at(mailing, pace)))


def next_look(mailing: Mailing, now: datetime, pace: Pace) -> datetime:
    """When WeCom is asked again whether it has a mailing of which no answer came; every hour in the end."""
    for minutes in pace.look_minutes:
        moment = mailing.asked_at + timedelta(minutes=minutes)
        if moment > now:
            return moment
    return now + timedelta(hours=1)


def is_proof(mailing: Mailing, now: datetime, pace: Pace) -> bool:
    """Whether what WeCom does not list now was never made."""
    return now - mailing.asked_at >= timedelta(minutes=pace.proof_minutes)


def ends_at(mailing: Mailing, pace: Pace) -> datetime:
    """When nobody waits for confirmations any longer."""
    return (mailing.made_at or mailing.created_at) + timedelta(days=pace.end_days)


def wants_reminder(mailing: Mailing, now: datetime, pace: Pace, *, zone: ZoneInfo) -> bool:
    """Whether members who have not confirmed are to be reminded now."""
    if mailing.made_at is None or mailing.reminders >= len(pace.remind_hours):
        return False
    due = mailing.made_at + timedelta(hours=pace.remind_hours[mailing.reminders])
    return now >= due and pace.remind_from <= now.astimezone(zone).hour < pace.remind_until


def wants_escalation(mailing: Mailing, now: datetime, pace: Pace) -> bool:
    """Whether the leads are to be told now."""
    made = mailing.made_at
    return made is not None and mailing.escalated_at is None and now >= made + timedelta(hours=pace.escalate_hours)


def judge(code: int) -> str:
    """Why WeCom has refused to make it, by its code."""
    return _CODES.get(code, REFUSED)
