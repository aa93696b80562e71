"""Transfers (继承): orders, and the customers whom nobody looks after."""

from console.api.routes import Routes
from console.transfers import orders, unassigned

routes = Routes()
routes.include(orders, unassigned)
