"""Conditions: a tree of named tests over what we hold of a customer, judged on one relation or on all of them.

    {"all": [{"channel": ["42"]}, {"days_since_added": {"least": 7}}, {"not": {"replied": true}}]}

`all`, `any` and `not` join, `relation` asks that one relation meets several tests at once; everything else is a test of
`LEAVES`. There are two values: what is missing meets no test, and `not` is the complement. The same tree is compiled
into closures here and into SQL by `storage.conditions`; a property test holds them equal.
"""

from sop.conditions.compare import where
from sop.conditions.facts import Deed, Facts, Needs, Past, Relation
from sop.conditions.leaf import Language, Names, Test
from sop.conditions.leaves import LEAVES
from sop.conditions.schemas import VERSION, schema
from sop.conditions.tree import JOINTS, Finding, Tree, check, compile, judge, named, needs, tests  # noqa: A004
from sop.conditions.words import Clause, explain, sentence

__all__ = [
    "JOINTS",
    "LEAVES",
    "VERSION",
    "Clause",
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
    "check",
    "compile",
    "explain",
    "judge",
    "named",
    "needs",
    "schema",
    "sentence",
    "tests",
    "where",
]
