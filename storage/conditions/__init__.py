"""Conditions against the database: the facts of many customers at once, and conditions as SQL."""

from storage.conditions.loading import Key, facts

__all__ = ["Key", "facts"]
