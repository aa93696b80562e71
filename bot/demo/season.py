"""What the demo's operators plan for the season, as data: policy, flows, a broadcast, a moment."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CLOCK = ZoneInfo("Asia/Shanghai")

POLICY: dict[str, Any] = {
    "topics": [
        {"key": "marketing", "zh": "营销活动", "en": "Offers"},
        {"key": "service", "zh": "服务通知", "en": "Service"},
    ],
    "quiet": [{"from": "21:00", "to": "09:00"}, {"from": "09:00", "to": "10:00", "on": "rest"}],
    "caps": [{"count": 1, "days": 1, "over": "delay"}, {"count": 3, "days": 7, "over": "skip"}],
    "group_caps": [{"count": 1, "days": 1, "over": "delay"}],
    "holdout": {"percent": 5},
}
OPENS, CLOSES = 9, 21  # the hours between the quiet ones
DAILY, WEEKLY = 1, 3  # messages to one customer
GROUP_DAILY = 1  # messages to one group
FLOWS = ("new_customer", "cart_unpaid", "group_first_week")  # templates
WAREHOUSE: dict[str, Any] = {
    "name": "付款通知仓库",
    "entries": [{"kind": "event", "event": "order_paid", "key": "{order_id}", "again": "after_exit"}],
    "start": "tell",
    "nodes": {"tell": {"kind": "webhook", "name": "order_paid"}},
}
SENSITIVE: dict[str, Any] = {"name": "price_sensitive", "kind": "flag", "zh": "价格敏感", "en": "Minds the price"}
APPROVAL: dict[str, Any] = {"above": 1, "approvers": 1}
BROADCAST: dict[str, Any] = {
    "name": "中秋上新",
    "audience": {"condition": {"status": ["active"]}},
    "sender": {"by": "owner"},
    "contents": [
        {"name": "礼盒", "text": "{customer}，中秋礼盒到店，老客提前选。"},
        {"name": "满减", "text": "{customer}，中秋满 200 减 30，本周有效。"},
    ],
    "expires": "P2D",
    "goal": "order_paid",
}
MOMENT: dict[str, Any] = {"name": "中秋橱窗", "text": "店里的中秋橱窗布置好了，欢迎来逛。"}
_REST = timedelta(hours=3), timedelta(hours=12)


def later(now: datetime) -> list[dict[str, str]]:
    """Quiet hours that are some hours away, so that there is something to see whenever the demo is begun."""
    begin, end = (f"{(now + each).astimezone(CLOCK):%H:%M}" for each in _REST)
    return [{"from": begin, "to": end}]
