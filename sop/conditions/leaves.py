"""All tests that there are, by name."""

from collections.abc import Mapping

from sop.conditions import forms
from sop.conditions.facts import Facts, Needs
from sop.conditions.leaf import Leaf, Speech, Test, within
from sop.conditions.ties import TIES


def _count(value: Mapping[str, int]) -> Test:
    fits = within(value)
    return lambda facts, _: fits(len(facts.groups))


def _grouped(value: Mapping[str, int], speech: Speech) -> str:
    verb = speech.verb(("所在客户群", "所在客户群不是"), ("is in customer groups:", "is not in customer groups:"))
    return f"{verb} {speech.span(value, ' 个')}"


def _groups(_: object, facts: Facts, __: object) -> int:
    return len(facts.groups)


LEAVES: Mapping[str, Leaf] = {
    **TIES,
    "groups": Leaf(
        form=forms.SPAN, needs=lambda _: Needs(groups=True), build=_count, look=_groups, say=_grouped,
    ),
}  # fmt: skip
