"""Flows (旅程、SOP): documents of nodes that customers and groups go through over time."""
