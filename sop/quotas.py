"""Quotas of the platform: how much is used, when the rest will be, and when that is worth a warning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Literal

from sop.alerts import Alert
from sop.phrases import Phrase
from sop.reasons import define

Source = Literal["here", "wecom"]
WARN_SHARE, CRITICAL_SHARE = 0.80, 0.95
WARN_DAYS, CRITICAL_DAYS = 14, 3
BALANCE_LOW = 20  # customers left for acquisition links, below which WeCom warns, too
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
FAR = 3650  # days beyond which no forecast is made

ACQUISITION = "acquisition"
RELATION_TAGS = "relation_tags"
KEPT = (ACQUISITION, RELATION_TAGS)  # asked or counted now and then only, and shown as noted last
_EACH = {"app_messages": "app", "group_transfers": "user_id"}  # quotas of which each app or member has one
NAMES: Mapping[str, Phrase] = {
    "contact_ways": Phrase("联系我与群活码", "Contact ways and group codes"),
    "temporary_ways": Phrase("今日临时会话码", "Temporary contact ways today"),
    "corp_tags": Phrase("企业客户标签", "Corp tags"),
    "intercept_rules": Phrase("敏感词规则", "Intercept rules"),
    "group_welcomes": Phrase("入群欢迎语素材", "Group welcomes"),
    "acquisition_links": Phrase("获客链接", "Acquisition links"),
    ACQUISITION: Phrase("获客额度", "Customers by acquisition links"),
    "app_messages": Phrase("今日应用消息人次", "App messages today, by receivers"),
    RELATION_TAGS: Phrase("单个客户的标签数（最多者）", "Tags on one customer of one member, the most of all"),
    "group_transfers": Phrase("今日转出的客户群", "Groups handed over today by one member"),
    "moved_customers": Phrase("90 天内已转接两次的客户", "Customers handed over twice in 90 days: not yet again"),
    "moved_groups": Phrase("90 天内已转接两次的客户群", "Groups handed over twice in 90 days: not yet again"),
    "full_members": Phrase(
        "近 7 天内客户数已满的员工", "Members who had as many customers as WeCom allows, told within 7 days"
    ),
}

QUOTA_LOW = define("quota_low", "平台额度即将用完", "A quota of the platform will soon be used up")
QUOTA_EXPIRING = define("quota_expiring", "部分获客额度即将过期", "A part of the quota of links will soon expire")
QUOTA_UNREADABLE = define(
    "quota_unreadable", "企业微信不允许本应用读取获客额度", "WeCom does not let this app read the quota of links"
)

LOW = Alert(
    Phrase("额度告警：{name}", "Quota: {name}"),
    Phrase(
        "已用 {used}，上限 {most}{forecast}。请及时清理或扩容。", "{used} of {most} used{forecast}. Clean up or buy."
    ),
)
FORECAST = Phrase("，按近 7 天用量预计 {date} 用完", "; at the pace of the last 7 days it lasts until {date}")
EXPIRING = Alert(
    Phrase("获客额度即将过期", "Quota of acquisition links expires"),
    Phrase("{count} 个获客额度将于 {date} 过期。", "{count} customers of the quota are lost on {date}."),
)


class Level(IntEnum):
    """How pressing it is."""

    OK = 0
    WARN = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How much is used of what; `most` is None where the platform does not say, `daily` begins anew each day."""

    name: str
    used: int
    most: int | None
    source: Source = "here"
    daily: bool = False
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """As what it is noted: where each app or member has a quota of its own, each has its own past."""
        return f"{self.name}:{self.facts[_EACH[self.name]]}" if self.name in _EACH else self.name

    @property
    def whose(self) -> str:
        """The app or the member that it is about, or nothing."""
        return str(self.facts.get("app") or self.user_id)

    @property
    def user_id(self) -> str:
        """The member that it is about, or nothing."""
        return str(self.facts.get("user_id", ""))


@dataclass(frozen=True, slots=True)
class Sample:
    """How much was used at a moment of the past."""

    used: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a reading: use per day, when the rest is used up at that pace, how pressing it is."""

    pace: float
    runs_out: datetime | None
    level: Level


def judge(reading: Reading, samples: Sequence[Sample]) -> Verdict:
    """Compare a reading with those of the last seven days."""
    pace = 0.0 if reading.daily else _pace(reading, samples)
    runs_out = _forecast(reading, pace)
    days = (runs_out - reading.at) / DAY if runs_out else None
    level = _by_days(days)
    if reading.name == ACQUISITION:
        level = max(level, _by_balance(reading))
    elif reading.most:
        level = max(level, _by_share(reading.used / reading.most))
    return Verdict(pace, runs_out, level)


def _pace(reading: Reading, samples: Sequence[Sample]) -> float:
    known = [one for one in samples if reading.at - WEEK <= one.at <= reading.at - DAY / 2]
    if not known:
        return 0.0
    first = min(known, key=lambda one: one.at)
    return max(0.0, (reading.used - first.used) / ((reading.at - first.at) / DAY))


def _forecast(reading: Reading, pace: float) -> datetime | None:
    if reading.most is None or not pace:
        return None
    days = max(0.0, (reading.most - reading.used) / pace)
    return reading.at + days * DAY if days < FAR else None


def _by_days(days: float | None) -> Level:
    if days is None or days >= WARN_DAYS:
        return Level.OK
    return Level.CRITICAL if days < CRITICAL_DAYS else Level.WARN


def _by_balance(reading: Reading) -> Level:
    """The share says nothing here: what was ever bought grows for ever."""
    left = (reading.most or 0) - reading.used
    if left >= BALANCE_LOW:
        return Level.OK
    return Level.WARN if left > 0 else Level.CRITICAL


def _by_share(share: float) -> Level:
    if share < WARN_SHARE:
        return Level.OK
    return Level.WARN if share < CRITICAL_SHARE else Level.CRITICAL
