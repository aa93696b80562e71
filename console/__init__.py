"""JSON API for operators, the sidebar and integrations."""

from console.api.call import Console, Corp
from console.site import attach

__all__ = ["Console", "Corp", "attach"]
