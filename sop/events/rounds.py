"""The recurring rounds that the clock rings, one at a time for each corp."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialsDue(Own):
    """Look for materials whose media id is missing or will die soon, and upload them."""

    kind = "materials_due"

    @property
    def key(self) -> str:
        """One look at a time."""
        return "materials"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryDue(Own):
    """Read staff and departments, and the tag library, anew."""

    kind = "directory_due"

    @property
    def key(self) -> str:
        """One reading at a time."""
        return "directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncDue(Own):
    """Compare everything with WeCom and bring it in step: once a night."""

    kind = "sync_due"

    @property
    def key(self) -> str:
        """One at a time."""
        return "sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepDue(Own):
    """Read anew what stands at WeCom beside customers: acquisition links, intercept rules, strategies."""

    kind = "upkeep_due"

    @property
    def key(self) -> str:
        """One reading at a time."""
        return "upkeep"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotasDue(Own):
    """Note how much of each quota is used, and warn of those that run out."""

    kind = "quotas_due"

    @property
    def key(self) -> str:
        """One look at a time."""
        return "quotas"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayQuotasDue(Own):
    """Look at the quotas that begin anew each day: they may be used up before the next one."""

    kind = "day_quotas_due"

    @property
    def key(self) -> str:
        """One look at a time, and none beside that at all quotas."""
        return "quotas"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDue(Own):
    """Compare every channel with what it should show by now."""

    kind = "review_due"

    @property
    def key(self) -> str:
        """One review at a time."""
        return "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionDue(Own):
    """Look for business events that wait, and whose customers are known by now."""

    kind = "adoption_due"

    @property
    def key(self) -> str:
        """One look at a time."""
        return "adoption"
