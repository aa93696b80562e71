"""What becomes due in flows."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDue(Own):
    """Some of those in a flow are due for their next step: a batch of them takes it."""

    kind = "flow_due"

    flow_id: int

    @property
    def key(self) -> str:
        """The flow: nobody else moves those in it."""
        return f"flow:{self.flow_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowChanged(Own):
    """A flow has a new version: its clocks are wound, and a batch of those who follow is looked at, from `after` on."""

    kind = "flow_changed"

    flow_id: int
    version: int
    after: int = 0  # the enrolment up to which all have been moved

    @property
    def key(self) -> str:
        """The flow."""
        return f"flow:{self.flow_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDue(Own):
    """The moment of an entry by schedule or by date has come at `at`: a batch of people comes in, after `after`.

    `number` is its place among the entries of the version.
    """

    kind = "entry_due"

    flow_id: int
    version: int
    number: int
    after: str = ""

    @property
    def key(self) -> str:
        """The entry."""
        return f"entry:{self.flow_id}:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovesDue(Own):
    """A segment that a flow is about has moved: a page of those who came, or who went, is looked at, after `after`."""

    kind = "moves_due"

    flow_id: int
    segment_id: int
    run: int
    entered: bool
    after: str = ""

    @property
    def key(self) -> str:
        """The flow and the segment."""
        return f"moves:{self.flow_id}:{self.segment_id}"
