"""All tests that there are, by name."""

from collections.abc import Mapping

from sop.conditions.customers import CUSTOMERS
from sop.conditions.deeds import DEEDS
from sop.conditions.leaf import Leaf
from sop.conditions.ties import TIES

LEAVES: Mapping[str, Leaf] = {**TIES, **CUSTOMERS, **DEEDS}
