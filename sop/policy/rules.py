"""The contact policy of a corp as its operators write it, and what can be wrong with it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from sop.limits import Limit, Unit, Violation
from sop.policy import caps, quiet
from sop.policy.caps import Cap, Quota
from sop.policy.quiet import Quiet
from sop.slots import SHANGHAI

MARKETING = "marketing"  # the topic of what names none
ANY_CONTACT = "*"  # the topic of those who are not to be contacted at all, not even for transactions
OPTED_OUT, OPTED_IN = "opted_out", "opted_in"  # what the history calls a customer's word on a topic
PATIENCE = 14  # days: longer than any public holiday
MOST_PATIENCE = 62  # days: until the month after next
_SHARES = 10_000
_MOST_HELD = 5_000  # half of everybody
_TOPIC = re.compile(r"[a-z][a-z0-9_]{0,31}")
_TOPICS = Limit("主题", "the topics", 50, Unit.ITEMS, 1)
_TOPIC_NAME = Limit("主题名称", "a topic's name", 60, Unit.CHARS, 1)
_CAPS = Limit("频次上限", "the caps", 10, Unit.ITEMS)
_SALT = Limit("随机种子", "the salt", 64, Unit.CHARS, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a customer can opt out of; where consent is `needed`, nothing goes out before they have opted in."""

    key: str
    zh: str
    en: str
    consent: Literal["assumed", "needed"] = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """The customers who get nothing but transactional messages, so that the effect of all others can be measured.

    `share` is in hundredths of a percent. Whoever is held stays held while the share grows; a new salt draws anew.
    """

    share: int = 0
    salt: str = "holdout"

    def holds(self, subject: str) -> bool:
        """Whether a customer is one of them."""
        if not self.share:
            return False
        digest = hashlib.sha256(f"{self.salt}:{subject}".encode()).digest()
        return int.from_bytes(digest[:8]) % _SHARES < self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the gate goes by. `zone` is the corp's, for customers of whom no other is known and for groups."""

    version: int = 0
    zone: ZoneInfo = SHANGHAI
    topics: tuple[Topic, ...] = (
        Topic(key=MARKETING, zh="营销活动", en="Marketing"),
        Topic(key="service", zh="服务通知", en="Service"),
    )
    quiet: Quiet = field(default_factory=Quiet)
    caps: tuple[Cap, ...] = ()  # across flows and broadcasts, of one customer
    group_caps: tuple[Cap, ...] = ()  # … of one group
    quota: Quota = field(default_factory=Quota)
    holdout: Holdout = field(default_factory=Holdout)
    patience: int = PATIENCE  # days that a message is held back at most; rather than later it does not go out

    def topic(self, key: str) -> Topic:
        """A topic by its key; one that is not in the policy any more is like one whose consent is assumed."""
        return next((topic for topic in self.topics if topic.key == key), Topic(key=key, zh=key, en=key))

    @property
    def span(self) -> int:
        """How many days back and ahead the caps look, and those of flows may."""
        return max(caps.LONGEST, MOST_PATIENCE)


def check(policy: Policy, now: datetime) -> list[Violation]:
    """Everything that is wrong with a policy as written."""
    found = _check_topics(policy.topics) + quiet.check("quiet", policy.quiet)
    found += _check_caps("caps", policy.caps) + _check_caps("group_caps", policy.group_caps)
    found += _check_quota(policy.quota) + _SALT.check("holdout.salt", policy.holdout.salt)
    if not 0 <= policy.holdout.share <= _MOST_HELD:
        found.append(
            Violation("holdout.share", "对照组比例应为 0 到 50%", "the share of the holdout group is 0 to 50 percent")
        )
    if not 1 <= policy.patience <= MOST_PATIENCE:
        found.append(
            Violation("patience", f"等待天数应为 1 到 {MOST_PATIENCE}", f"the patience is 1 to {MOST_PATIENCE} days")
        )
    elif not found and quiet.opens(policy.quiet, now, policy.zone, policy.patience) is None:
        found.append(
            Violation(
                "quiet.windows",
                f"免打扰时段占满了今后 {policy.patience} 天，什么都发不出去",
                f"the quiet hours fill the next {policy.patience} days, so nothing could ever go out",
            )
        )
    return found


def _check_topics(topics: Iterable[Topic]) -> list[Violation]:
    topics = tuple(topics)
    found = _TOPICS.check("topics", topics)
    seen: set[str] = set()
    for number, topic in enumerate(topics):
        if not _TOPIC.fullmatch(topic.key):
            found.append(
                Violation(
                    f"topics.{number}.key",
                    "主题代码用小写字母开头，只含小写字母、数字和下划线，最多 32 个字",
                    "a topic's key has small letters, digits and underscores, begins with a letter, and takes 32",
                )
            )
        if topic.key in seen:
            found.append(Violation(f"topics.{number}.key", "主题代码重复", "this key stands twice"))
        seen.add(topic.key)
        found += _TOPIC_NAME.check(f"topics.{number}.zh", topic.zh.strip())
        found += _TOPIC_NAME.check(f"topics.{number}.en", topic.en.strip())
    if MARKETING not in seen:
        found.append(
            Violation(
                "topics",
                f"须保留主题 {MARKETING}：未注明主题的消息归于它",
                f"{MARKETING} must stay: messages without a topic are of it",
            )
        )
    return found


def _check_caps(name: str, wanted: tuple[Cap, ...]) -> list[Violation]:
    found = _CAPS.check(name, wanted)
    for number, cap in enumerate(wanted):
        found += caps.check(f"{name}.{number}", cap)
    ordered = sorted((cap for cap in wanted if cap.count), key=lambda cap: (cap.days, cap.count))
    for narrow, wide in pairwise(ordered):
        if wide.count <= narrow.count and wide.days >= narrow.days:
            zh = f"“{narrow.days} 天 {narrow.count} 条”不起作用：“{wide.days} 天 {wide.count} 条”更严"
            en = (
                f"{narrow.count} in {narrow.days} days never matters beside {wide.count} in {wide.days} days: "
                "leave it out"
            )
            found.append(Violation(f"{name}.{wanted.index(narrow)}", zh, en))
    return found


def _check_quota(quota: Quota) -> list[Violation]:
    found = []
    if not 0 <= quota.most <= caps.MOST or quota.reserve < 0:
        found.append(Violation("quota.most", f"次数应为 0 到 {caps.MOST}", f"the numbers are 0 to {caps.MOST}"))
    elif quota.per != "none" and not quota.allowed(datetime(2026, 2, 1, tzinfo=SHANGHAI).date()):
        found.append(
            Violation(
                "quota.reserve",
                "预留给员工的次数不少于总额度，系统将什么都发不出去",
                "as much is left to members as there is, so nothing could ever go out",
            )
        )
    return found
