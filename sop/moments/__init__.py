"""Moments (朋友圈): what is posted by which members to whom, and when one is looked at again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sop.intents import Attachment
from sop.reasons import define

LOOK = "moment_look"  # the kind of the job that reads publishers, likes and comments
LATE = timedelta(hours=12)  # what could not be posted by then (the service was down) is not posted
WATCH = timedelta(days=7)  # so long after its creation a moment is looked at
REMINDERS = (timedelta(hours=4), timedelta(hours=24))  # after its creation, to members who have not published
MARGIN = timedelta(hours=1)  # a media id must live so much longer
UPLOAD = timedelta(minutes=1)  # until it is looked again whether everything is uploaded
LOST = timedelta(hours=2)  # of which WeCom shows nothing by then, it knows nothing
_SKEW = timedelta(minutes=2)  # between WeCom's clock and ours
_BEGUN = timedelta(minutes=15)  # a job that was begun has made its moment by then
_SOON = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30, 60))
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SHORTEST, _LONGEST = timedelta(seconds=5), timedelta(minutes=30)

POSTED = define("moment_posted", "企业微信已受理，正在生成朋友圈任务", "WeCom has taken it on and makes the moment")
MADE = define("moment_made", "朋友圈任务已下发给员工，等待发表", "Members are asked to publish it")
FOUND = define(
    "moment_found", "请求未得到答复，已在企业微信找到该朋友圈", "No answer came; the moment was found at WeCom"
)
UNKNOWN = define(
    "moment_unknown",
    "请求未得到答复，不会重发，正在企业微信核对",
    "No answer came: it is looked for at WeCom and not posted again",
)
ABSENT = define(
    "moment_absent",
    "请求未得到答复，企业微信也没有该朋友圈，可人工重新发布",
    "No answer came, and WeCom has no such moment: it can be posted again by hand",
)
REFUSED = define("moment_refused", "企业微信拒绝了该朋友圈，见代码", "WeCom refused it: see the code")
FAILED = define("moment_failed", "朋友圈没有发出，见说明", "It was not posted: see what was said")
TOO_LATE = define(
    "moment_too_late", "错过发布时间超过 12 小时，不再发布", "More than twelve hours past its time: not posted"
)
NO_UPLOAD = define("moment_no_upload", "素材上传失败，见代码", "A material could not be uploaded: see the code")
NO_MATERIAL = define("moment_no_material", "素材已被删除，无法发布", "A material that it shows was deleted")
REMINDED = define("moment_reminded", "提醒尚未发表的员工", "Members who have not published are reminded")
ENDED = define("moment_ended", "跟踪期结束", "It is watched no longer")
DELETED = define("moment_deleted", "朋友圈已在企业微信删除", "It was deleted at WeCom")
CANCELLED = define(
    "moment_cancelled", "已取消，未发表的员工不能再发表", "Cancelled: who has not published cannot any more"
)
LEFT_OUT = define("moment_left_out", "部分员工或标签无效，已略去", "WeCom left some members or tags out")


class Status(StrEnum):
    """How a moment stands."""

    DRAFT = "draft"
    WAITING = "waiting"  # for somebody else's approval
    APPROVED = "approved"  # waits for its time
    POSTING = "posting"  # on its way to WeCom
    UNKNOWN = "unknown"  # nobody knows whether it came there
    MAKING = "making"  # WeCom works on it
    LIVE = "live"  # members publish it, customers react
    ENDED = "ended"
    REFUSED = "refused"  # by WeCom
    FAILED = "failed"  # not posted: too late, or nothing of it is at WeCom
    CANCELLED = "cancelled"


WRITABLE = frozenset({Status.DRAFT, Status.WAITING, Status.APPROVED, Status.REFUSED, Status.FAILED})
"""What can be changed: it is not, or not any more, on its way."""
AT_WECOM = frozenset({Status.POSTING, Status.UNKNOWN, Status.MAKING, Status.LIVE})
OVER = frozenset({Status.ENDED, Status.CANCELLED})


class Part(StrEnum):
    """How the part of one member stands."""

    WANTED = "wanted"  # named by us; WeCom has not been seen to ask them
    ASKED = "asked"
    PUBLISHED = "published"
    MISSED = "missed"  # not published as long as it was watched
    LEFT_OUT = "left_out"  # WeCom would not ask them
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A moment as it is written.

    Without members and departments everybody whom the app sees is asked to publish it. With tags it is for customers
    who carry one of them, and for members who have such customers. Attachments are of one kind: pictures, or a video,
    or a link whose `material` is its cover. Without `due_at` it is posted as soon as it may be.
    """

    name: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A moment of the corp as WeCom tells of it."""

    moment_id: str
    at: datetime
    text: str = ""
    pictures: int = 0
    videos: int = 0
    url: str = ""
    partial: bool = False  # for some customers only


def same(draft: Draft, seen: Seen) -> bool:
    """Whether it could be this one: WeCom gives pictures other ids, so that they can only be counted."""
    kinds = [attachment.kind for attachment in draft.attachments]
    urls = [attachment.url for attachment in draft.attachments if attachment.kind == "link"]
    shown = (seen.pictures, seen.videos, [seen.url] if seen.url else [])
    return (
        seen.text.strip() == draft.text.strip()
        and (kinds.count("image"), kinds.count("video"), urls) == shown
        and seen.partial == bool(draft.tags)
    )


def span(asked_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """When a moment must have been created of which no answer came."""
    return asked_at - _SKEW, min(now, asked_at + LATE + _BEGUN) + _SKEW


def search_again(asked_at: datetime, now: datetime) -> datetime | None:
    """When to look for it again; None when WeCom would show it by now."""
    if now >= asked_at + LOST:
        return None
    return next((asked_at + wait for wait in _SOON if asked_at + wait > now), asked_at + LOST)


def ask_again(asked_at: datetime, now: datetime) -> datetime:
    """When to ask next whether WeCom has made it: the longer it takes, the more seldom."""
    return now + min(max((now - asked_at) / 2, _SHORTEST), _LONGEST)


def next_look(posted_at: datetime, now: datetime) -> datetime | None:
    """When to look next at publishers and reactions: often in the first hour, hourly for a day, daily for a week."""
    age = now - posted_at
    if age >= WATCH:
        return None
    if age < _HOUR:
        wanted = next(wait for wait in (timedelta(minutes=5), timedelta(minutes=15), *_SOON[2:]) if wait > age)
    elif age < _DAY:
        wanted = (age // _HOUR + 1) * _HOUR
    else:
        wanted = (age // _DAY + 1) * _DAY
    return posted_at + min(wanted, WATCH)


def reminders(posted_at: datetime, now: datetime) -> int:
    """How many reminders there should have been by now."""
    return sum(now >= posted_at + after for after in REMINDERS)
