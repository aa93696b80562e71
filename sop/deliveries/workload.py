"""How many confirmations a message asks of each member: one for each task at WeCom."""

from collections.abc import Mapping

from sop.deliveries import Kind
from sop.deliveries.mailings import MOST


def tasks(count: int, kind: Kind = "single") -> int:
    """The tasks that one message to so many needs."""
    return -(-count // MOST[kind])


def forecast(counts: Mapping[str, int], *, kind: Kind = "single", messages: int = 1) -> dict[str, int]:
    """The confirmations that so many recipients of each member ask for, with so many messages to each of them."""
    return {user_id: messages * tasks(count, kind) for user_id, count in counts.items() if count}
