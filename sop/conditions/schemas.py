"""The published form of conditions, as JSON schema."""

from typing import Any

from sop.conditions.leaves import LEAVES
from sop.conditions.tree import DEEPEST, MOST_TESTS

VERSION = 1  # of the grammar: moves when a condition that was right would mean something else
_CONDITION = {"$ref": "#/$defs/condition"}
_SEVERAL = {"type": "array", "items": _CONDITION, "minItems": 1}


def schema(*, entry: bool = False) -> dict[str, Any]:
    """The JSON schema of conditions; `entry`: of those that may look at the data of an event."""
    joints = {"all": _SEVERAL, "any": _SEVERAL, "not": _CONDITION, "relation": _CONDITION}
    leaves = {name: leaf.form.schema for name, leaf in LEAVES.items() if entry or not leaf.entry}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:siyu:conditions:{VERSION}",
        "title": "Condition",
        "description": f"One test or joint each; {MOST_TESTS} tests at most, {DEEPEST} deep.",
        "$ref": "#/$defs/condition",
        "$defs": {
            "condition": {
                "type": "object",
                "properties": {**joints, **leaves},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            }
        },
    }
