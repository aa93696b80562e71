"""Tags: the library and its templates, tagging one customer or many, rules."""

from console.api.routes import Routes
from console.tags import bulk, library, marks, rules, templates

routes = Routes()
routes.include(bulk, library, marks, rules, templates)
