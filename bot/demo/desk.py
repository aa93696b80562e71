"""The operator at work: who leaves the company has their customers and groups handed over."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.demo.operator import Operator, Refused

PAUSE = 5.0  # seconds between two looks
_KINDS = {"customers": "customers / 位客户", "groups": "groups / 个群"}


class Desk:
    """Looks for members who have left, and places what is theirs with their colleagues."""

    def __init__(self, operator: Operator, say: Callable[[str], None]) -> None:
        self._operator = operator
        self._say = say
        self._placed: set[tuple[str, str]] = set()

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PAUSE)

    async def look(self) -> None:
        """Hand over what those have left behind of whom it has not been handed over yet."""
        everyone = await self._operator.list("staff")
        waiting = {one["handover"] for one in (await self._operator.get("unassigned/staff"))["items"]}
        for member in everyone:
            if member["active"]:
                continue
            takers = _colleagues(member, everyone)
            await self._place("groups", member, takers)
            if member["user_id"] in waiting:
                await self._place("customers", member, takers)

    async def _place(self, what: str, member: dict[str, Any], takers: list[str]) -> None:
        """Once for each; what is refused, as when a taker has just left too, is tried again at the next look."""
        key = (member["user_id"], what)
        if key in self._placed:
            return
        order = {"what": what, "handover": member["user_id"], "takers": [{"user_id": one} for one in takers]}
        try:
            shares = (await self._operator.post("transfers/preview", order))["shares"]
            count = sum(share["count"] for share in shares)
            if count:
                await self._operator.post("transfers", order)
        except Refused:
            return
        self._placed.add(key)
        if count:
            self._say(f"  {'':8}  transfer / 继承: {count} {_KINDS[what]}: {member['name']} → {', '.join(takers)}")


def _colleagues(member: dict[str, Any], everyone: list[dict[str, Any]]) -> list[str]:
    """Two of those who can take over, of the same department where there are some."""
    able = [one for one in everyone if one["active"] and one["contactable"]]
    near = [one for one in able if set(one["departments"]) & set(member["departments"])]
    return [one["user_id"] for one in [*near, *(one for one in able if one not in near)][:2]]
