"""The platform's endpoints, one module for each subject, gathered in one table."""

from simulator.api import (
    acquisition,
    broadcasts,
    cards,
    contactways,
    customers,
    gate,
    groupowners,
    groups,
    groupwelcomes,
    intercepts,
    joinways,
    media,
    messages,
    moments,
    staff,
    strategies,
    tags,
    timelines,
    transfers,
    welcomes,
)
from simulator.api.call import Door, Route

DOORS: dict[str, Door] = gate.DOORS

ROUTES: dict[str, Route] = {
    **gate.ROUTES,
    **staff.ROUTES,
    **customers.ROUTES,
    **contactways.ROUTES,
    **tags.ROUTES,
    **welcomes.ROUTES,
    **broadcasts.ROUTES,
    **groups.ROUTES,
    **joinways.ROUTES,
    **groupwelcomes.ROUTES,
    **messages.ROUTES,
    **cards.ROUTES,
    **media.ROUTES,
    **transfers.ROUTES,
    **acquisition.ROUTES,
    **intercepts.ROUTES,
    **strategies.ROUTES,
    **groupowners.ROUTES,
    **moments.ROUTES,
    **timelines.ROUTES,
}
