"""Templates of flows, to begin with: what shops do most, in Chinese and English."""

from collections.abc import Mapping

from sop.flows.templates.base import Template
from sop.flows.templates.buying import BUYING
from sop.flows.templates.keeping import KEEPING
from sop.flows.templates.selling import SELLING
from sop.flows.templates.together import TOGETHER

__all__ = ["TEMPLATES", "Template"]

TEMPLATES: Mapping[str, Template] = {**SELLING, **BUYING, **KEEPING, **TOGETHER}
