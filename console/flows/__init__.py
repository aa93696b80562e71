"""Flows (旅程、SOP): their documents, publishing, and who is in them."""

from console.api.routes import Routes
from console.flows import experiments, people, publishing, sheets, trials

routes = Routes()
routes.include(sheets, publishing, people, experiments, trials)
