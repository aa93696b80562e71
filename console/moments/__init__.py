"""Moments (朋友圈): written, approved, scheduled, cancelled; who has published them and what customers make of them."""

from console.api.routes import Routes
from console.moments import drafts, life, numbers

routes = Routes()
routes.include(drafts, life, numbers)
