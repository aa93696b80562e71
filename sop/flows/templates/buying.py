"""Customers who have bought, and are to buy again."""

from collections.abc import Mapping

from sop.flows.templates.base import Say, Template, chain, message, morning, on

_FIRST = {"did": {"event": "order_paid", "count": {"most": 1}}}

BUYING: Mapping[str, Template] = {
    "first_purchase": Template(
        Say("首购关怀", "First purchase"),
        Say("首单次日使用指导，一周后回访", "How to use it on the next day, a question after a week"),
        {
            "entries": [on("order_paid", **{"if": _FIRST})],
            "topic": "service",
            **chain(
                ("day1", morning(1)),
                (
                    "guide",
                    message("感谢选购，这是使用小贴士。", "Thank you for your purchase. Some tips to begin with."),
                ),
                ("day7", morning(6)),
                ("ask", message("用得还顺手吗？有问题随时找我。", "Is all well? I am here for questions.")),
            ),
        },
    ),
    "repurchase": Template(
        Say("复购提醒", "Time to buy again"),
        Say("购买 30 天后没有再买则提醒", "Reminded 30 days after a purchase, unless there was another"),
        {
            "entries": [on("order_paid", key="{order_id}")],
            "goal": {"event": "order_paid"},
            **chain(
                ("month", morning(30)),
                (
                    "again",
                    message("差不多用完了吧？老客专享补货价。", "Nearly used up? A price for those who come back."),
                ),
            ),
        },
    ),
}
