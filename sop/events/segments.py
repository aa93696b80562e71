"""Segments are to be brought up to date, or have changed."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsDue(Own):
    """Bring the segments up to date whose time has come: each hour."""

    kind = "segments_due"

    @property
    def key(self) -> str:
        """One look at a time."""
        return "segments"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDue(Own):
    """Bring one segment up to date."""

    kind = "segment_due"

    segment_id: int

    @property
    def key(self) -> str:
        """The segment."""
        return f"segment:{self.segment_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMoved(Own):
    """Customers have entered or left a segment in one of its runs: `store.segments.moves` tells who."""

    kind = "segment_moved"

    segment_id: int
    run: int

    @property
    def key(self) -> str:
        """The segment."""
        return f"segment:{self.segment_id}"
