"""Reactions to events, one module per subject."""
