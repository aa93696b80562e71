"""Syncs: whole pages as WeCom tells them, what differed, and how far each is."""
