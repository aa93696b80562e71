"""The corp's web shop, another system: it tells of carts left behind and orders paid, and sometimes tells it twice."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from bot.demo.operator import Operator

_PAYS = 0.08  # of those who left a cart, within each of the hours that follow
_REPEATS = 0.25  # of requests that are sent again, as after a time-out
_MINDS = 0.4  # of its customers look for the lowest price


class Webshop:
    """Told by its events alone; `orders` counts the carts, `paid` the payments, that were taken as new."""

    def __init__(self, operator: Operator, seed: int) -> None:
        self._operator = operator
        self._chance = Random(seed)  # noqa: S311 - chance, not secrecy
        self._unpaid: list[tuple[str, str]] = []
        self._number = 0
        self.orders = 0
        self.paid = 0
        self.repeated = 0

    async def open(self, customers: list[str]) -> None:
        """What the shop knows of its customers already."""
        for one in customers:
            values = {"price_sensitive": self._chance.random() < _MINDS}
            await self._operator.patch(f"customers/{one}/fields", {"values": values})

    async def trade(self, customers: list[str], count: int) -> None:
        """So many carts are left behind; some of the earlier ones are paid."""
        paid = [each for each in self._unpaid if self._chance.random() < _PAYS]
        left = [self._name(one) for one in self._chance.sample(customers, min(count, len(customers)))]
        self._unpaid = [each for each in self._unpaid if each not in paid] + left
        events = [_event("order_paid", *each) for each in paid] + [_event("cart_unpaid", *each) for each in left]
        if not events:
            return
        answer = await self._operator.post("events", {"events": events})
        told = zip(events, answer["events"], strict=True)
        new = [one["name"] for one, said in told if said["status"] == "taken"]
        self.orders += new.count("cart_unpaid")
        self.paid += new.count("order_paid")
        if self._chance.random() < _REPEATS:
            self.repeated += (await self._operator.post("events", {"events": events}))["known"]

    async def work(self, pause: float, say: Callable[[str], None]) -> None:
        """A cart every so many seconds, until cancelled."""
        while True:
            found = await self._operator.list("customers", status="active")
            await self.trade([one["external_user_id"] for one in found], 1)
            say(f"web shop / 商城: {self._number} carts / 购物车, {len(self._unpaid)} unpaid / 未付款")
            await asyncio.sleep(pause)

    def _name(self, customer: str) -> tuple[str, str]:
        self._number += 1
        return customer, f"SO{self._number:05d}"


def _event(name: str, customer: str, order: str) -> dict[str, Any]:
    return {"name": name, "key": f"{name}:{order}", "external_user_id": customer, "data": {"order_id": order}}
