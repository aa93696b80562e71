"""The messages of one run: for each customer or group who sends what and when, judged by the contact policy."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, assert_never
from zoneinfo import ZoneInfo

from sop import greeting, texts
from sop.broadcasts.document import Broadcast, Sender, Variant
from sop.deliveries import Content, Kind, Message
from sop.experiments import choose
from sop.policy import Asking, Delay, Past, Policy, Standing, Verdict, judge
from sop.reasons import Skip, define
from sop.schedules import instant

NO_SENDER = define(
    "no_sender", "没有符合规则的员工可以发送", "None of the members who are to send it has this customer, or group"
)
Phase = Literal["all", "sample", "rest"]
Judged = tuple[Message, Verdict, int]


class Tie(NamedTuple):
    """A member whose customer somebody is; moments in milliseconds, 0 where there is none."""

    user_id: str
    first_added_at: int
    added_at: int
    replied_at: int


class Target(NamedTuple):
    """A customer, or a group, that a run is for; `ties` are only known where they matter, a group has its owner's."""

    subject: str
    ties: tuple[Tie, ...] = ()
    name: str = ""


@dataclass(slots=True)
class Load:
    """How many confirmations a member had before the run, and how many it has given them so far."""

    open: int = 0
    count: int = 0


@dataclass(slots=True, kw_only=True)
class Round:
    """What is the same for all targets of a run, or of a part of it; `loads` are carried on from part to part."""

    run_id: int
    number: int
    broadcast: Broadcast
    phase: Phase = "all"
    winner: str = ""
    now: datetime
    due_at: datetime
    wall: datetime | None = None  # what the clocks of each customer are to show
    zone: ZoneInfo
    policy: Policy
    series: frozenset[int] = frozenset()  # the runs before, whose messages count towards the cap
    staff: Mapping[str, str] = field(default_factory=dict)  # names
    loads: dict[str, Load] = field(default_factory=dict)
    _arms: Mapping[str, int] = field(init=False)
    _asking: Asking = field(init=False)
    _said: dict[tuple[str, str, str, str], Content] = field(default_factory=dict, init=False)
    _fresh: dict[Hashable, Verdict] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Work out what is asked for every target."""
        broadcast = self.broadcast
        self._arms = broadcast.arms
        self._asking = Asking(
            kind=kind(broadcast),
            origin="broadcast",
            origin_id=self.run_id,
            topic=broadcast.topic,
            transactional=broadcast.transactional,
            cap=broadcast.cap,
        )

    def plan(self, target: Target, standing: Standing) -> Iterator[Judged]:
        """The messages to one of them; none where it is not their turn in this phase."""
        arm = self._arm(target.subject)
        if arm is None:
            return
        senders = pick(self.broadcast, target.ties)
        if not senders:
            yield self._message(target, arm, "", self.due_at), Skip(NO_SENDER), 0
            return
        if self.broadcast.cap.count and self.series:
            standing = replace(standing, past=tuple(map(self._own, standing.past)))
        for sender in senders:
            due = self._due(target.subject, arm, sender, standing.zone or self.zone)
            verdict = self._judge(standing, due)
            yield self._message(target, arm, sender, due), verdict, standing.ordinal + 1
            if len(senders) > 1 and not isinstance(verdict, Skip):
                standing = standing.then(self._asking, verdict.until if isinstance(verdict, Delay) else due)

    def _judge(self, standing: Standing, due: datetime) -> Verdict:
        """What the gate says; of all who have had nothing and are alike it is asked once."""
        if standing.past:
            return judge(self._asking, standing, self.policy, due)
        alike = (
            due,
            standing.active,
            standing.blocked,
            standing.holdout,
            standing.opted_out,
            standing.opted_in,
            standing.zone,
        )
        found = self._fresh.get(alike)
        if found is None:
            found = self._fresh[alike] = judge(self._asking, standing, self.policy, due)
        return found

    def _arm(self, subject: str) -> str | None:
        """Which variant it is, None where it is not the subject's turn."""
        trial, arms = self.broadcast.trial, self._arms
        if trial and self.phase != "all":
            part = choose(f"broadcast:{self.run_id}:trial", subject, {"sample": trial.share, "rest": 100 - trial.share})
            if part != self.phase:
                return None
            if self.phase == "rest":
                return self.winner or trial.default
        return choose(f"broadcast:{self.run_id}", subject, arms) if arms else ""

    def _own(self, past: Past) -> Past:
        return past._replace(origin_id=self.run_id) if past.origin_id in self.series else past

    def _due(self, subject: str, arm: str, sender: str, zone: ZoneInfo) -> datetime:
        due = self.due_at if self.wall is None else instant(self.wall, zone)
        broadcast, days = self.broadcast, 0
        if broadcast.days > 1:
            places = {str(day): 1 for day in range(broadcast.days)}
            days = int(choose(f"broadcast:{self.run_id}:days", subject, places))
        if broadcast.capacity:
            days += self._wait(arm, sender)
        if days:
            local = due.astimezone(zone).replace(tzinfo=None)
            due = instant(local + timedelta(days=days), zone)
        return max(due, self.now)

    def _wait(self, arm: str, sender: str) -> int:
        """Days until the member has room for one more confirmation: one for each text that differs."""
        load = self.loads.setdefault(sender, Load())
        variant = self.broadcast.variant(arm)
        if not personal(variant):
            return (load.open + self.broadcast.contents.index(variant)) // self.broadcast.capacity
        load.count += 1
        return (load.open + load.count - 1) // self.broadcast.capacity

    def _message(self, target: Target, arm: str, sender: str, due: datetime) -> Message:
        every = f":{sender}" if self.broadcast.sender.by == "every" else ""
        return Message(
            kind=self._asking.kind,
            subject=target.subject,
            user_id=sender,
            content=self._content(self.broadcast.variant(arm), target.name, sender, due),
            origin="broadcast",
            origin_id=self.run_id,
            version=self.number,
            arm=arm,
            topic=self.broadcast.topic,
            transactional=self.broadcast.transactional,
            effect=f"broadcast:{self.run_id}:{target.subject}{every}",
            due_at=due,
        )

    def _content(self, variant: Variant, name: str, sender: str, due: datetime) -> Content:
        if "{" not in variant.text:
            key = (variant.name, "", "", "")
        else:
            key = (variant.name, name, self.staff.get(sender, ""), f"{due.astimezone(self.zone):%Y-%m-%d}")
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = render(variant, name=key[1], staff=key[2], date=key[3])
        return found


def kind(broadcast: Broadcast) -> Kind:
    """What its messages are to the deliveries."""
    return "group" if broadcast.kind == "groups" else "single"


def personal(variant: Variant) -> bool:
    """Whether everybody gets a text of their own, which is a task of its own as well."""
    return "customer" in texts.variables(variant.text)


def render(variant: Variant, *, name: str, staff: str, date: str) -> Content:
    """What is said to somebody."""
    values = {"customer": texts.clean(name) or greeting.SOMEBODY, "staff": texts.clean(staff), "date": date}
    text = texts.clip(texts.fill(variant.text, values), 4000)
    return Content(text=text, attachments=variant.attachments)


def pick(broadcast: Broadcast, ties: Sequence[Tie]) -> tuple[str, ...]:
    """Who sends it to somebody; nobody where the rule names none, and "" where WeCom picks."""
    if broadcast.kind == "groups":
        return tuple(tie.user_id for tie in ties[:1])
    sender, staff = broadcast.sender, broadcast.audience.staff
    if sender.by == "last_contact":
        return ("",)
    theirs = [tie for tie in ties if not staff or tie.user_id in staff]
    if sender.by == "every":
        return tuple(sorted(tie.user_id for tie in theirs))
    chosen = _owner(sender, theirs)
    return (chosen,) if chosen else ()


def _owner(sender: Sender, ties: Sequence[Tie]) -> str:
    match sender.rule:
        case "latest":
            return max(ties, key=lambda tie: (max(tie.replied_at, tie.added_at), tie.user_id)).user_id if ties else ""
        case "first":
            return min(ties, key=lambda tie: (tie.first_added_at, tie.user_id)).user_id if ties else ""
        case "members":
            theirs = {tie.user_id for tie in ties}
            return next((member for member in sender.members if member in theirs), "")
    assert_never(sender.rule)


def loosen(policy: Policy, over: Literal["policy", "skip", "delay"]) -> Policy:
    """The policy with what the broadcast says of those who are over a cap or quota."""
    if over == "policy":
        return policy
    return replace(
        policy,
        quota=replace(policy.quota, over=over),
        caps=tuple(replace(cap, over=over) for cap in policy.caps),
        group_caps=tuple(replace(cap, over=over) for cap in policy.group_caps),
    )
