"""Five dimensions of tags to begin with: source, interaction, preference, lifecycle, membership.

Where a tag follows from what we know, the template suggests the condition of its rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sop.phrases import Phrase


@dataclass(frozen=True, slots=True)
class TagPlan:
    """A tag of a template, with the condition of a rule that could set it."""

    name: Phrase
    condition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A tag group of a template; its tags are shown in this order."""

    name: Phrase
    tags: tuple[TagPlan, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A dimension: what it tells about a customer, and the groups it consists of."""

    name: Phrase
    meaning: Phrase
    groups: tuple[GroupPlan, ...]


def _tag(zh: str, en: str, **condition: Any) -> TagPlan:
    return TagPlan(Phrase(zh, en), condition)


def _group(zh: str, en: str, *tags: TagPlan) -> GroupPlan:
    return GroupPlan(Phrase(zh, en), tags)


_DAYS = "days_since_added"
TEMPLATES: Mapping[str, Template] = {
    "source": Template(
        Phrase("来源", "Source"),
        Phrase("客户从哪里来", "Where a customer came from"),
        (
            _group(
                "来源方式",
                "Way of adding",
                _tag("扫码", "QR code", way=[1]),
                _tag("搜索手机号", "Phone search", way=[2]),
                _tag("名片分享", "Card share", way=[3]),
                _tag("群聊", "Group chat", way=[4]),
                _tag("视频号", "Channels account", way=[10]),
                _tag("获客链接", "Acquisition link", way=[16]),
                _tag("内部分配", "Assigned", way=[201, 202]),
            ),
            _group(
                "来源场景",
                "Scene",
                _tag("门店", "Shop"),
                _tag("官网", "Website"),
                _tag("活动", "Event"),
                _tag("老客推荐", "Referral"),
                _tag("广告投放", "Advertisement"),
            ),
        ),
    ),
    "interaction": Template(
        Phrase("互动", "Interaction"),
        Phrase("客户有多活跃", "How lively a customer is"),
        (
            _group(
                "沟通状态",
                "Conversation",
                _tag("未开口", "Never replied", replied=False),
                _tag("已开口", "Replied", replied=True),
                _tag("沉默 30 天", "Silent for 30 days", silent_days={"least": 30}),
                _tag("沉默 90 天", "Silent for 90 days", silent_days={"least": 90}),
            ),
            _group(
                "社群互动",
                "Groups",
                _tag("未入群", "In no group", groups={"most": 0}),
                _tag("已入群", "In a group", groups={"least": 1}),
                _tag("多群成员", "In several groups", groups={"least": 3}),
            ),
        ),
    ),
    "preference": Template(
        Phrase("偏好", "Preference"),
        Phrase("客户想要什么", "What a customer wants"),
        (
            _group(
                "意向程度",
                "Intent",
                _tag("高意向", "High"),
                _tag("中意向", "Medium"),
                _tag("低意向", "Low"),
                _tag("无意向", "None"),
            ),
            _group(
                "关注点",
                "Concern",
                _tag("价格", "Price"),
                _tag("质量", "Quality"),
                _tag("服务", "Service"),
                _tag("新品", "New products"),
                _tag("优惠活动", "Offers"),
            ),
            _group(
                "联系偏好",
                "Contact",
                _tag("工作时间联系", "Working hours"),
                _tag("晚间联系", "Evenings"),
                _tag("少打扰", "Seldom"),
            ),
        ),
    ),
    "lifecycle": Template(
        Phrase("生命周期", "Lifecycle"),
        Phrase("客户走到了哪一步", "How far a customer has come"),
        (
            _group(
                "生命周期",
                "Lifecycle stage",
                _tag("新客", "New", **{_DAYS: {"most": 7}}),
                _tag("成长期", "Growing", **{_DAYS: {"least": 8, "most": 90}}),
                _tag("老客", "Established", **{_DAYS: {"least": 91}}),
                _tag("回流", "Returned", returned=True),
                _tag("已流失", "Lost", lost=True),
            ),
            _group(
                "成交阶段",
                "Deal",
                _tag("咨询中", "Asking"),
                _tag("已报价", "Quoted"),
                _tag("已下单", "Ordered"),
                _tag("已复购", "Ordered again"),
            ),
        ),
    ),
    "membership": Template(
        Phrase("会员", "Membership"),
        Phrase("客户有多重要", "What a customer is to us"),
        (
            _group(
                "会员等级",
                "Level",
                _tag("非会员", "No member"),
                _tag("普通会员", "Member"),
                _tag("银卡", "Silver"),
                _tag("金卡", "Gold"),
                _tag("黑卡", "Black"),
            ),
            _group(
                "消费力",
                "Spending",
                _tag("高消费", "High"),
                _tag("中消费", "Medium"),
                _tag("低消费", "Low"),
            ),
        ),
    ),
}
