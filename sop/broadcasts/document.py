"""The document of a broadcast: whom it is for, what is said, by whom, when, and what is tried out.

{"name": "国庆问候", "audience": {"tags": ["et1"]}, "sender": {"by": "owner"},
"contents": [{"text": "{customer}，节日快乐"}], "once": {"at": "2026-10-01T09:00:00", "zone": "customer"}}
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import Struct

from sop.errors import Invalid
from sop.intents import Attachment
from sop.limits import Violation
from sop.policy import Cap
from sop.schedules import CUSTOMER, Cron, Once

Tree = dict[str, Any]  # a condition, see `sop.conditions`
Kind = Literal["customers", "groups"]


class Chats(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What groups are to be like; what is left out does not matter."""

    words: str = ""  # in the name
    city: str = ""
    least: int = 0  # customers in it
    most: int = 0
    since: datetime | None = None  # created, at the earliest
    until: datetime | None = None


class Pick(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """By what customers or groups are told from others; several values of one kind are alternatives."""

    condition: Tree | None = None
    chats: Chats | None = None
    segments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # of groups: our labels on them
    staff: tuple[str, ...] = ()  # whose customers they are; of groups: who owns them
    subjects: tuple[str, ...] = ()  # named one by one

    @property
    def empty(self) -> bool:
        """Whether nothing is said."""
        return self == type(self)()


class Exclusion(Pick, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who is left out: whoever meets one of the kinds."""

    broadcasts: tuple[str, ...] = ()  # who has got one of these, or is about to
    flows: tuple[str, ...] = ()  # who is in one of these


class Audience(Pick, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whoever meets all kinds that are given, and is not left out; `everyone` says that nothing is to be given."""

    everyone: bool = False
    exclude: Exclusion = Exclusion()

    @property
    def picks(self) -> bool:
        """Whether it says whom it is for."""
        return any(getattr(self, name) for name in Pick.__struct_fields__)


class Sender(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who sends it to a customer: who chatted last, as WeCom sees it; one of the members by a rule; or each of them.

    `latest`: whom the customer wrote to last, or was added by; `first`: who added the customer first; `members`: the
    first of these whose customer it is. To groups their owners send.
    """

    by: Literal["last_contact", "owner", "every"] = "last_contact"
    rule: Literal["latest", "first", "members"] = "latest"
    members: tuple[str, ...] = ()


class Variant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is said; of several each gets its share of the audience."""

    name: str = ""
    share: int = 1
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


class Trial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A sample gets the variants first; after so many hours the rest gets the one that has won.

    `by`: "sure" wins who is surely better, "best" also who merely has the highest rate, "person" nobody by itself. If
    nobody wins, and nobody was promoted until then, the rest gets `default`.
    """

    share: int  # percent of the audience
    metric: Literal["replied", "delivered", "event"] = "replied"
    event: str = ""
    hours: float = 24
    by: Literal["sure", "best", "person"] = "sure"
    default: str
    least: int = 0  # in each variant; 0 works it out
    effect: float = 0.02  # the least difference of rates that matters


class Broadcast(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One broadcast as it is written."""

    schema: Literal[1] = 1
    name: str
    note: str = ""
    kind: Kind = "customers"
    audience: Audience
    contents: tuple[Variant, ...]
    trial: Trial | None = None
    sender: Sender = Sender()
    topic: str = "marketing"
    transactional: bool = False
    cap: Cap = Cap()  # of this broadcast's runs to one customer
    over: Literal["policy", "skip", "delay"] = "policy"  # what becomes of those over a cap or quota
    once: Once | None = None
    cron: Cron | None = None  # neither: now
    until: datetime | None = None  # no further run from then on
    late: timedelta = timedelta(hours=12)  # a run later than that is skipped
    days: int = 1  # over which each run is spread
    capacity: int = 0  # confirmations that a member may have on one day; the rest waits for the next
    expires: timedelta | None = None  # after so long what is not confirmed is called off
    goal: str = ""  # the event that it is for
    window: timedelta = timedelta(days=7)  # in which replies and the goal are put down to it

    @property
    def schedule(self) -> Once | Cron | None:
        """When it is sent; None for now."""
        return self.once or self.cron

    @property
    def zoned(self) -> bool:
        """Whether each customer gets it by the clocks where they are."""
        return self.schedule is not None and self.schedule.zone == CUSTOMER

    @property
    def arms(self) -> dict[str, int]:
        """The shares of the variants; empty where there is only one."""
        return {each.name: each.share for each in self.contents} if len(self.contents) > 1 else {}

    def variant(self, arm: str) -> Variant:
        """What is said to an arm."""
        return next((each for each in self.contents if each.name == arm), self.contents[0])

    def materials(self) -> Iterator[tuple[str, Attachment]]:
        """Its attachments, each with the field that it stands in."""
        for number, content in enumerate(self.contents):
            for place, attachment in enumerate(content.attachments):
                yield f"contents.{number}.attachments.{place}", attachment


_decoder = msgspec.json.Decoder(Broadcast)


def parse(document: Any) -> Broadcast:
    """A document of plain values as a broadcast; raises `Invalid` that names the place."""
    try:
        return msgspec.convert(document, Broadcast)
    except msgspec.ValidationError as error:
        fault, _, place = str(error).partition(" - at ")
        path = place.strip("`").removeprefix("$").removeprefix(".")
        raise Invalid([Violation(path or "document", f"格式不符：{fault}", fault)]) from error


@lru_cache(maxsize=64)
def load(body: str) -> Broadcast:
    """The broadcast of a stored document."""
    return _decoder.decode(body)


def dump(broadcast: Broadcast) -> str:
    """The stored form: the same document always the same text."""
    return msgspec.json.encode(broadcast, order="deterministic").decode()


def schema() -> dict[str, Any]:
    """The JSON schema of documents."""
    return msgspec.json.schema(Broadcast)
