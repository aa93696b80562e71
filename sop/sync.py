"""Syncs: what is read from WeCom as a whole, how a scan is dealt out to parts, and where one stands."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from sop.reasons import Sentence, define

DIRECTORY: Final = "sync_directory"
TAGS: Final = "sync_tags"
CUSTOMERS: Final = "sync_customers"
WAYS: Final = "sync_ways"
GROUPS: Final = "sync_groups"

# The kinds of sync, in the order they are begun, and how people call them.
KINDS: Final = MappingProxyType(
    {
        DIRECTORY: Sentence("员工与部门", "Staff and departments"),
        TAGS: Sentence("标签库", "The tag library"),
        CUSTOMERS: Sentence("客户与客户关系", "Customers and who looks after them"),
        WAYS: Sentence("联系我", "Contact ways"),
        GROUPS: Sentence("客户群与群成员", "Customer groups and who is in them"),
    }
)
LANES: Final = 32  # parts of a scan that are read side by side, as many as may be under way at WeCom
MOST_MEMBERS: Final = 100  # of one call
FEW_MEMBERS: Final = 10  # so many are not worth a part of their own

FOUND = define("sync_found", "同步发现此客户关系，回调未曾告知", "A sync found the two related, of which no event told")
GONE = define("sync_gone", "同步发现此客户关系已不存在", "A sync found the two no longer related")
WAY_GONE = define(
    "sync_way_gone", "联系我已不在企业微信，重新创建", "The contact way is gone from WeCom and is made anew"
)
WAY_DIFFERS = define(
    "sync_way_differs", "联系我与设置不符，重新同步", "The contact way is not as wanted and is brought in step"
)
TAKEN = define("sync_taken", "以企业微信为准，已更新", "WeCom owns the truth, which was taken over")

Phase = Literal["read", "count", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Where the reading of some members' customers stands.

    All pages are read; then both sides are counted for each member; `members` whose counts differ are compared by id.
    """

    began: datetime
    phase: Phase = "read"
    page: str = ""  # WeCom's cursor
    members: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  # who has gone out of sight since the scan was planned

    def dump(self) -> str:
        """The stored form, a part's cursor."""
        return msgspec.json.encode(self).decode()


def load(cursor: str, *, now: datetime) -> Scan:
    """The scan of a part's cursor; one that has not begun begins now."""
    return msgspec.json.decode(cursor, type=Scan) if cursor else Scan(began=now)


def deal(customers: Mapping[str, int], *, lanes: int = LANES) -> list[tuple[str, ...]]:
    """Deal members out to parts with about as many customers each; the largest first.

    `customers` tells how many each has, as far as it is known: 0 is one that may have some.
    """
    count = len(customers)
    parts = max(-(-count // MOST_MEMBERS), min(lanes, -(-count // FEW_MEMBERS)))
    hands: list[list[str]] = [[] for _ in range(parts)]
    loads = [(0, number) for number in range(parts)]
    for member in sorted(customers, key=lambda each: (-customers[each], each)):
        load, number = heapq.heappop(loads)
        hands[number].append(member)
        if len(hands[number]) < MOST_MEMBERS:
            heapq.heappush(loads, (load + customers[member] + 1, number))
    return [tuple(hand) for hand in hands]
