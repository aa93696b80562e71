"""Broadcasts: one message to many customers or groups, once or again and again, approved, spread and tried out."""
