"""Segments: what they ask for, and who is in them."""

from console.api.routes import Routes
from console.segments import members, rules

routes = Routes()
routes.include(rules, members)
