"""The tables, a module per subject; moments are milliseconds since 1970 UTC, documents are JSON text."""

from storage.schema import config, people, spine  # noqa: F401  (each fills the metadata)
from storage.schema.base import metadata

__all__ = ["metadata"]
