"""New customers, and those who are about to decide."""

from collections.abc import Mapping

from sop.flows.templates.base import Say, Template, chain, hear, message, morning, on, task, wait

SELLING: Mapping[str, Template] = {
    "new_customer": Template(
        Say("新客户 7 天", "New customer, 7 days"),
        Say(
            "添加后第 1、3、7 天各一条，客户回复后由员工接手",
            "A word on day 1, 3 and 7; whoever answers is the member's",
        ),
        {
            "entries": [on("added")],
            "exits": {"replied": True},
            **chain(
                ("day1", morning(1)),
                ("hello", message("欢迎来到我们店，需要什么随时说。", "Welcome! Just say what you are looking for.")),
                ("day3", morning(2)),
                ("tips", message("这是大家最常问的几个问题和答案。", "Here is what most people ask, with answers.")),
                ("day7", morning(4)),
                ("gift", message("送你一张新客券，本周有效。", "A voucher for new customers, good this week.")),
            ),
        },
    ),
    "questionnaire": Template(
        Say("欢迎后问卷", "Questionnaire after the welcome"),
        Say(
            "次日发问卷，填写后打标签；三天未填由员工询问",
            "Sent the next day; who fills it in is noted, else the member asks",
        ),
        {
            "entries": [on("added")],
            **chain(
                ("day1", morning(1)),
                (
                    "ask",
                    message("花一分钟告诉我们你的喜好，可得小礼。", "Tell us what you like: one minute, and a gift."),
                ),
                ("filled", hear("form_submitted", "P3D", next="note", timeout="call")),
                ("note", {"kind": "field", "name": "score", "plus": 10, "next": "thanks"}),
                (
                    "thanks",
                    message("收到，谢谢！礼品券已放入你的账户。", "Thank you! The gift is in your account.", next=""),
                ),
                (
                    "call",
                    task(Say("询问喜好", "Ask what they like"), Say("客户没有填问卷，请聊一聊。", "No answer: ask.")),
                ),
            ),
        },
    ),
    "cart_unpaid": Template(
        Say("加购未付款", "Cart not paid"),
        Say(
            "1 小时提醒，24 小时再提醒，对价格敏感的给券",
            "Reminded after an hour and after a day; who minds the price gets a voucher",
        ),
        {
            "entries": [on("cart_unpaid", key="{order_id}", again="after_exit")],
            "goal": {"event": "order_paid", "same": ["order_id"]},
            "topic": "service",
            **chain(
                ("hour", hear("order_paid", "PT1H", same=["order_id"], next="paid", timeout="first")),
                ("paid", {"kind": "goal", "next": ""}),
                ("first", message("你的购物车还留着，需要帮忙吗？", "Your cart is still there. Can we help?")),
                ("day", hear("order_paid", "PT23H", same=["order_id"], next="paid", timeout="price")),
                (
                    "price",
                    {
                        "kind": "branch",
                        "next": "last",
                        "cases": [
                            {
                                "name": "sensitive",
                                "if": {"field": {"name": "price_sensitive", "equals": True}},
                                "next": "coupon",
                            }
                        ],
                    },
                ),
                ("coupon", message("为你申请了一张满减券，今天有效。", "A voucher for you, good today.", next="")),
                ("last", message("库存不多了，替你留到今晚。", "Not many left: kept for you until tonight.")),
            ),
        },
    ),
    "quote_opened": Template(
        Say("报价已查看", "Quote opened"),
        Say("查看报价 72 小时没有回复，提醒员工致电", "No reply within 72 hours after the quote was opened: call"),
        {
            "entries": [on("quote_opened", key="{quote_id}", again="after_exit")],
            "exits": {"replied": True},
            **chain(
                ("wait", wait("PT72H")),
                (
                    "call",
                    task(
                        Say("致电跟进报价", "Call about the quote"),
                        Say(
                            "客户 72 小时前看过报价，还没有回复。",
                            "They opened the quote 72 hours ago, and said nothing.",
                        ),
                        due="PT4H",
                        escalate="P1D",
                    ),
                ),
            ),
        },
    ),
    "lead_assigned": Template(
        Say("线索分配", "Lead assigned"),
        Say("三天内首次联系，否则上报上级", "First contact within 3 days, else the lead is told"),
        {
            "entries": [on("lead_assigned", key="{lead_id}", again="after_exit")],
            **chain(
                (
                    "call",
                    task(
                        Say("首次联系", "First contact"),
                        Say(
                            "新线索已分配给你，请在三天内联系。", "A new lead is yours: get in touch within three days."
                        ),
                        due="P3D",
                        escalate="PT1H",
                    ),
                ),
            ),
        },
    ),
}
