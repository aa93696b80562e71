"""Deliveries: who was sent what, or was not and why; the tasks that carry them; what they ask of members."""

from console.api.routes import Routes
from console.deliveries import mailings, messages, pace, workload

routes = Routes()
routes.include(mailings, messages, pace, workload)
