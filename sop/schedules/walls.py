"""From the clock on the wall to moments."""

from datetime import UTC, datetime, timedelta, tzinfo

_MINUTE = timedelta(minutes=1)


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """When the clocks of a zone show a time, in UTC.

    A time they leave out counts as the first minute after the gap, one they show twice as the first of the two.
    """
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while _shown(moment, zone) != wall.replace(fold=0):
        wall = wall.replace(second=0, microsecond=0) + _MINUTE
        moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment


def _shown(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
