"""JSON API for operators, the sidebar and integrations."""
