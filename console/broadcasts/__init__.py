"""Broadcasts (群发): written, approved, steered, looked at beforehand, and followed to their results."""

from console.api.routes import Routes
from console.broadcasts import approval, forecasts, results, sheets, steering

routes = Routes()
routes.include(sheets, approval, steering, forecasts, results)
