"""Conditions: a tree of named tests over what we hold of a customer, judged on one relation or on all of them.

    {"all": [{"channel": ["42"]}, {"days_since_added": {"least": 7}}, {"not": {"replied": true}}]}

`all`, `any` and `not` join, `relation` asks that one relation meets several tests at once; everything else is a test of
`LEAVES`. There are two values: what is missing meets no test, and `not` is the complement. The same tree is compiled
into closures here and into SQL by `storage.conditions`; a property test holds them equal.
"""

from sop.conditions.facts import Deed, Facts, Needs, Past, Relation, Value
from sop.conditions.leaf import Language, Names, Test
from sop.conditions.leaves import LEAVES
from sop.conditions.tree import JOINTS, Finding, Tree, check, compile, judge, named, needs, tests  # noqa: A004

__all__ = [
    "JOINTS",
    "LEAVES",
    "Deed",
    "Facts",
    "Finding",
    "Language",
    "Names",
    "Needs",
    "Past",
    "Relation",
    "Test",
    "Tree",
    "Value",
    "check",
    "compile",
    "judge",
    "named",
    "needs",
    "tests",
]
