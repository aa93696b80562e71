"""Customers who are to stay: birthdays, and those who have become silent."""

from collections.abc import Mapping
from typing import Any

from sop.flows.templates.base import Say, Template, chain, daily, message, task

_TEN = "0 10 * * *"
_BIRTHDAY: dict[str, Any] = {"field": "birthday", "at": "09:00:00", "every": "year"}


def _silent(days: int) -> dict[str, Any]:
    """Silent for so long, and not looked at on an earlier day."""
    return {"all": [{"status": ["active"]}, {"silent_days": {"least": days, "most": days + 1}}]}


KEEPING: Mapping[str, Template] = {
    "birthday": Template(
        Say("生日祝福", "Birthday"),
        Say("生日当天 9 点祝福", "A wish at nine in the morning"),
        {
            "entries": [{"kind": "date", "date": _BIRTHDAY, "again": "after_exit"}],
            **chain(("wish", message("生日快乐！送你一份小礼物。", "Happy birthday! A small present for you."))),
        },
    ),
    "silent_30": Template(
        Say("沉默 30 天", "Silent for 30 days"),
        Say("30 天没有互动时问候", "A word to whoever was silent for 30 days"),
        {
            "entries": [daily(_TEN, _silent(30), again="after_exit", cooldown="P25D")],
            "exits": {"replied": True},
            **chain(("word", message("好久不见，最近上了新品。", "It has been a while. There is something new."))),
        },
    ),
    "lost_60": Template(
        Say("流失 60 天唤回", "Lost for 60 days"),
        Say("60 天没有互动时给优惠", "An offer to whoever was silent for 60 days"),
        {
            "entries": [daily(_TEN, _silent(60), again="after_exit", cooldown="P55D")],
            "exits": {"replied": True},
            **chain(("offer", message("老朋友专属：回来就减 30 元。", "For old friends: 30 off when you come back."))),
        },
    ),
    "vip_silent_15": Template(
        Say("VIP 15 天未互动", "VIP silent for 15 days"),
        Say("VIP 客户 15 天没有互动，提醒员工联系", "The member is asked to call a VIP who was silent for 15 days"),
        {
            "entries": [
                daily(_TEN, {"all": [{"stage": ["vip"]}, _silent(15)]}, again="after_exit", cooldown="P10D"),
            ],
            "exits": {"replied": True},
            **chain(
                (
                    "call",
                    task(
                        Say("联系 VIP 客户", "Call a VIP"),
                        Say("VIP 客户 15 天没有互动，请亲自问候。", "Silent for 15 days: say hello yourself."),
                        due="P1D",
                        escalate="P1D",
                    ),
                ),
            ),
        },
    ),
}
