"""What recurs for every corp, and when each round of it begins."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from sop.events import (
    AdoptionDue,
    DayQuotasDue,
    DigestDue,
    DirectoryDue,
    MailingsDue,
    MaterialsDue,
    Own,
    QuotasDue,
    ReviewDue,
    SegmentsDue,
    SyncDue,
    TagRulesDue,
    UnassignedDue,
    UpkeepDue,
)


@dataclass(frozen=True, slots=True)
class Round:
    """What recurs: an event for every corp, each `every`, counted from `start` after midnight on the corp's clocks.

    The round that is under way when the service begins is rung at once, unless it was rung before. Corps begin at
    different moments within `spread`, so that they do not all call at once.
    """

    event: type[Own]
    every: timedelta
    start: timedelta = timedelta(0)
    spread: timedelta = timedelta(0)

    def began(self, now: datetime, zone: tzinfo, corp_id: str = "") -> datetime:
        """When the round that is under way began."""
        local = now.astimezone(zone)
        share = zlib.crc32(corp_id.encode()) / 2**32
        first = local.replace(hour=0, minute=0, second=0, microsecond=0) + self.start + self.spread * share
        return (first + (local - first) // self.every * self.every).astimezone(UTC)

    def next(self, now: datetime, zone: tzinfo, corp_id: str = "") -> datetime:
        """When the one after it begins."""
        began = self.began(now, zone, corp_id).astimezone(zone)
        return self.began((began + self.every).astimezone(UTC), zone, corp_id)


ROUNDS = (
    Round(MailingsDue, timedelta(minutes=5)),
    Round(MaterialsDue, timedelta(minutes=10)),
    Round(AdoptionDue, timedelta(minutes=5)),
    Round(DirectoryDue, timedelta(hours=6)),
    Round(UnassignedDue, timedelta(days=1), timedelta(hours=9)),
    Round(TagRulesDue, timedelta(days=1), start=timedelta(hours=3)),
    Round(UpkeepDue, timedelta(days=1), timedelta(hours=5)),
    Round(QuotasDue, timedelta(days=1), timedelta(hours=8)),
    Round(DayQuotasDue, timedelta(hours=1)),
    Round(DigestDue, timedelta(hours=1)),
    Round(SegmentsDue, timedelta(hours=1), start=timedelta(minutes=10)),
    Round(ReviewDue, timedelta(days=1), start=timedelta(hours=4)),
    Round(SyncDue, timedelta(days=1), start=timedelta(hours=3, minutes=30), spread=timedelta(hours=1)),
)
