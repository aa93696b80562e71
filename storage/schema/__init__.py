"""The tables, a module per subject; moments are milliseconds since 1970 UTC, documents are JSON text."""

from storage.schema import (  # noqa: F401  (each fills the metadata)
    acquisition,
    broadcasts,
    config,
    deliveries,
    duty,
    fields,
    flows,
    groups,
    jobs,
    leases,
    moments,
    people,
    policy,
    segments,
    spine,
    sync,
    tags,
    tasks,
    transfers,
    visits,
)
from storage.schema.base import metadata

__all__ = ["REVISION", "metadata"]

REVISION = "0020"  # of the newest migration: what a running program needs, told without loading Alembic
