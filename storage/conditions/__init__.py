"""Conditions against the database: the facts of many customers at once, and conditions as SQL."""

from storage.conditions.counting import Count, count
from storage.conditions.loading import Key, facts
from storage.conditions.selecting import Picked, condition, pick
from storage.conditions.writer import Writer

__all__ = ["Count", "Key", "Picked", "Writer", "condition", "count", "facts", "pick"]
