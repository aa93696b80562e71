"""Channels: codes to scan, whom they show, what they bring, pictures of them, and many at once."""

from console.api.routes import Routes
from console.channels import assignment, codes, duty, folders, pictures, statistics, tables

routes = Routes()
routes.include(assignment, codes, duty, folders, pictures, statistics, tables)
