"""Fields of customers: how they are defined, the values of one customer, and those of many from a table."""

from console.api.routes import Routes
from console.fields import definitions, tables, values

routes = Routes()
routes.include(definitions, tables, values)
