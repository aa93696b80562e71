"""The diary of the virtual week: one line a day, of what has changed since the line before."""

from collections.abc import Iterable, Mapping

from simulator.world.broadcasts import GROUP, SINGLE, Broadcast, Outcome, Task

HEADINGS: Mapping[str, str] = {
    "carts": "CARTS 加购",
    "paid": "PAID 付款",
    "people": "TO CUSTOMERS 触达客户",
    "groups": "TO GROUPS 触达群",
    "told": "WEBHOOKS 回调",
    "faults": "FAULTS 故障",
}
_DAY = 14
_PEOPLE = "CUSTOMERS 客户"  # how many there are, not how many more


class Diary:
    """Counts that only grow, as differences from day to day."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}

    def head(self) -> str:
        """The headings."""
        return f"  {'DAY 日期':<{_DAY - 2}}" + "  ".join([_PEOPLE, *HEADINGS.values()])

    def line(self, day: str, customers: int, now: Mapping[str, int]) -> str:
        """What the day has brought."""
        cells = [f"{now[name] - self._before.get(name, 0):>{_width(HEADINGS[name])}}" for name in HEADINGS]
        self._before = dict(now)
        return f"  {day:<{_DAY}}" + "  ".join([f"{customers:>{_width(_PEOPLE)}}", *cells])


def reached(broadcasts: Iterable[Broadcast]) -> dict[str, int]:
    """How many messages have reached phones, by whom they are for; members' own are not counted."""
    counts = {SINGLE: 0, GROUP: 0}
    for one in broadcasts:
        if not one.creator:
            counts[one.kind] += sum(_sent(task) for task in one.tasks.values())
    return {"people": counts[SINGLE], "groups": counts[GROUP]}


def _sent(task: Task) -> int:
    return sum(one.outcome is Outcome.SENT for one in task.recipients)


def _width(text: str) -> int:
    """On a terminal, where Chinese letters take two places."""
    return len(text) + sum(letter > "\u2e80" for letter in text)
