"""What the gate is told: of a message, and of who would get it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sop.deliveries import Kind, Origin
from sop.policy.caps import Cap, Past
from sop.reasons import Sentence

Name = Literal["consent", "contact", "holdout", "goal", "quiet_hours", "flow_cap", "global_cap", "quota", "send"]
Outcome = Literal["pass", "bypass", "delay", "skip", "send"]
TITLES: dict[Name, Sentence] = {  # in the order of the gate
    "consent": Sentence("主题同意与退订", "Consent to the topic"),
    "contact": Sentence("好友关系与不再联系", "In contact, and not blocked"),
    "holdout": Sentence("全局对照组", "Holdout group"),
    "goal": Sentence("目标是否已达成", "Goal reached"),
    "quiet_hours": Sentence("免打扰时段", "Quiet hours"),
    "flow_cap": Sentence("旅程或群发自身的频次上限", "Cap of the flow or broadcast"),
    "global_cap": Sentence("合计频次上限", "Cap across all flows and broadcasts"),
    "quota": Sentence("企业微信接收次数", "WeCom's quota"),
    "send": Sentence("发送", "Send"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the gate is to know of a message; `cap` is the flow's own, or the broadcast's."""

    kind: Kind = "single"
    origin: Origin
    origin_id: int
    topic: str = ""  # marketing, where none is named
    transactional: bool = False
    cap: Cap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the gate is to know of a customer or a group; `past` are the messages that count, those to come too.

    `ordinal` is that of the last of them: whoever plans the next one takes the number after it, once.
    """

    active: bool = True  # in contact: with the one who is to send, if that is said; a group: not dismissed
    blocked: bool = False  # not to be contacted at all
    opted_out: frozenset[str] = frozenset()  # topics
    opted_in: frozenset[str] = frozenset()
    holdout: bool = False
    goal: bool = False
    past: tuple[Past, ...] = ()
    ordinal: int = 0
    zone: ZoneInfo | None = None  # the corp's, where none is known

    def then(self, asking: "Asking", at: datetime) -> "Standing":
        """As it is once a message is planned for a moment: for who judges several for one customer in one go."""
        one = Past(at, asking.origin, asking.origin_id, not asking.transactional)
        return replace(self, past=(*self.past, one), ordinal=self.ordinal + 1)


class Step(NamedTuple):
    """What one step of the gate found, looking at a moment; `until` goes with a delay."""

    name: Name
    at: datetime
    outcome: Outcome
    reason: str = ""
    until: datetime | None = None
