"""Conditions: their schema, and trying one before it is used for anything."""

from console.api.routes import Routes
from console.conditions import trying

routes = Routes()
routes.include(trying)
