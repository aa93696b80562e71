"""The contact policy: its rules, trying it out, what customers want to hear of, and what bypassed it."""

from console.api.routes import Routes
from console.policy import audit, consents, preview, rules

routes = Routes()
routes.include(audit, consents, preview, rules)
