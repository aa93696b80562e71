"""Facts of our own, beside the platform's: a timer is due, an intent is settled, an operator changed something."""

import msgspec

from sop.events.acquisition import InterceptChanged, LinkChanged, LinkCustomerWrote
from sop.events.base import Own
from sop.events.broadcasts import BroadcastDue, RunDue
from sop.events.channels import ChannelChanged, ChannelTurned, CustomerArrived, DutyChanged
from sop.events.customers import Happened, RelationRead, RemovalRecorded
from sop.events.deliveries import CancelDue, DeliveriesEnded, MailingDue, MailingsDue
from sop.events.flows import EntryDue, FlowChanged, FlowDue, MovesDue
from sop.events.groups import GroupCodeChanged, GroupMoved, GroupStirred, GroupWelcomeChanged
from sop.events.jobs import JobEnded, PartEnded, StepDue
from sop.events.moments import MomentDue
from sop.events.rounds import (
    AdoptionDue,
    DayQuotasDue,
    DirectoryDue,
    MaterialsDue,
    QuotasDue,
    ReviewDue,
    SyncDue,
    UpkeepDue,
)
from sop.events.segments import SegmentDue, SegmentMoved, SegmentsDue
from sop.events.settled import Outcome, Settled
from sop.events.tags import FactsChanged, TagExpired, TagRulesDue
from sop.events.tasks import DigestDue, TaskEnded, TasksDue
from sop.events.transfers import TakeoverDue, TransferDue, TransferTold, UnassignedDue
from sop.events.twins import TwinChanged

__all__ = [
    "OWN",
    "AdoptionDue",
    "BroadcastDue",
    "CancelDue",
    "ChannelChanged",
    "ChannelTurned",
    "CustomerArrived",
    "DayQuotasDue",
    "DeliveriesEnded",
    "DigestDue",
    "DirectoryDue",
    "DutyChanged",
    "EntryDue",
    "FactsChanged",
    "FlowChanged",
    "FlowDue",
    "GroupCodeChanged",
    "GroupMoved",
    "GroupStirred",
    "GroupWelcomeChanged",
    "Happened",
    "InterceptChanged",
    "JobEnded",
    "LinkChanged",
    "LinkCustomerWrote",
    "MailingDue",
    "MailingsDue",
    "MaterialsDue",
    "MomentDue",
    "MovesDue",
    "Outcome",
    "Own",
    "PartEnded",
    "QuotasDue",
    "RelationRead",
    "RemovalRecorded",
    "ReviewDue",
    "RunDue",
    "SegmentDue",
    "SegmentMoved",
    "SegmentsDue",
    "Settled",
    "StepDue",
    "SyncDue",
    "TagExpired",
    "TagRulesDue",
    "TakeoverDue",
    "TaskEnded",
    "TasksDue",
    "TransferDue",
    "TransferTold",
    "TwinChanged",
    "UnassignedDue",
    "UpkeepDue",
    "dump",
    "load",
]

OWN: dict[str, type[Own]] = {
    event.kind: event
    for event in (
        Settled, ChannelChanged, ChannelTurned, CustomerArrived, DutyChanged, MaterialsDue, DirectoryDue,
        RemovalRecorded, RelationRead, SyncDue,
        StepDue, PartEnded, JobEnded, ReviewDue,
        TagExpired, FactsChanged, TagRulesDue,
        TransferTold, TransferDue, TakeoverDue, UnassignedDue,
        GroupStirred, GroupMoved, GroupCodeChanged, GroupWelcomeChanged,
        LinkChanged, InterceptChanged, LinkCustomerWrote, UpkeepDue, QuotasDue, DayQuotasDue, AdoptionDue,
        TasksDue, TaskEnded, DigestDue,
        Happened, FlowDue, FlowChanged, EntryDue, MovesDue, MailingsDue, MailingDue, CancelDue, DeliveriesEnded,
        BroadcastDue, RunDue,
        MomentDue,
        SegmentsDue, SegmentDue, SegmentMoved,
    )
}  # fmt: skip


def dump(event: Own) -> str:
    """The stored form of an event."""
    return msgspec.json.encode(event).decode()


def load(kind: str, body: str) -> Own:
    """The event of its stored form; KeyError for a kind this program doesn't know."""
    return msgspec.json.decode(body, type=OWN[kind])
