"""Business events: what other systems tell of customers, what kinds of them there are, and those that wait."""

from console.api.routes import Routes
from console.feed import intake, parked, types

routes = Routes()
routes.include(intake, parked, types)
