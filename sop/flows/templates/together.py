"""Customer groups and festivals."""

from collections.abc import Mapping
from typing import Any

from sop.flows.templates.base import Say, Template, chain, message, morning

_NEW: dict[str, Any] = {"kind": "groups", "cron": {"expression": "0 9 * * *"}, "age": {"most": 0}}


def _festival(expression: str) -> dict[str, Any]:
    return {
        "kind": "schedule", "cron": {"expression": expression}, "if": {"status": ["active"]}, "again": "after_exit",
    }  # fmt: skip


def _case(number: int, name: str) -> dict[str, Any]:
    return {"name": name, "if": {"event": {"entry": {"equals": str(number)}}}, "next": name}


TOGETHER: Mapping[str, Template] = {
    "group_first_week": Template(
        Say("新群首周", "A group's first week"),
        Say("建群首周：群规、每日话题", "The rules, then a topic a day"),
        {
            "subject": "group",
            "entries": [_NEW],
            **chain(
                (
                    "rules",
                    message("欢迎入群！群规：不发广告，有问必答。", "Welcome! No advertising; every question counts."),
                ),
                ("day2", morning(1)),
                ("topic2", message("今日话题：晒晒你的好物。", "Today: show what you like best.")),
                ("day3", morning(1)),
                ("topic3", message("今日话题：你最想解决的问题？", "Today: what would you like solved?")),
                ("day7", morning(4)),
                (
                    "offer",
                    message("首周福利：群内专享价今天截止。", "This week only: a price for this group, until tonight."),
                ),
            ),
        },
    ),
    "group_daily_topic": Template(
        Say("群每日话题", "A topic a day"),
        Say("每天 10 点在群里发话题，连续 30 天", "At ten each day, for 30 days"),
        {
            "subject": "group",
            "entries": [_NEW],
            **chain(
                ("ten", morning(1)),
                ("topic", message("今日话题来了，聊聊吧。", "The topic of the day is here.")),
                ("again", {"kind": "jump", "to": "ten", "most": 29}),
            ),
        },
    ),
    "group_weekly_offer": Template(
        Say("群每周优惠", "A weekly offer"),
        Say("每周五 18 点在群里发优惠", "On Fridays at six in the evening"),
        {
            "subject": "group",
            "entries": [{**_NEW, "cron": {"expression": "0 18 * * 5"}, "age": {}, "again": "after_exit"}],
            **chain(
                ("offer", message("周末优惠来了，今晚 8 点开抢。", "The offer of the weekend begins at eight tonight."))
            ),
        },
    ),
    "festivals": Template(
        Say("节日日历", "Festivals"),
        Say(
            "元旦、劳动节、国庆的祝福；农历节日请每年改日期",
            "New Year, May Day, National Day; add others by their date",
        ),
        {
            "entries": [_festival("0 9 1 1 *"), _festival("0 9 1 5 *"), _festival("0 9 1 10 *")],
            "cap": {"count": 1, "days": 7},
            "start": "which",
            "nodes": {
                "which": {
                    "kind": "branch",
                    "cases": [_case(0, "new_year"), _case(1, "may_day"), _case(2, "national_day")],
                },
                "new_year": message("新年快乐！新的一年继续为你服务。", "A happy new year from all of us!"),
                "may_day": message("劳动节快乐，假期愉快！", "Enjoy the holiday!"),
                "national_day": message("国庆快乐，假期照常接单。", "Enjoy the holiday: we are open."),
            },
        },
    ),
}
