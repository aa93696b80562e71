"""Intercept rules: what operators want, what WeCom has of it, and what others have written there."""

from dataclasses import dataclass

from sop import intercepts
from sop.events import InterceptChanged
from sop.intercepts import Draft
from storage.twins import Twin, Twins
from storage.values import new_id


@dataclass(frozen=True, kw_only=True)
class Rule(Draft, Twin):
    """A rule; `rule_id` is empty until WeCom has made it. A foreign one was written elsewhere and is only shown."""

    rule_id: str = ""


class Intercepts(Twins[Rule, Draft]):
    """The intercept rules of a corp."""

    table = "intercepts"
    kind = Rule
    made = ("rule_id",)
    changed = InterceptChanged
    rules = staticmethod(intercepts.check)

    def adopt(self, draft: Draft, *, rule_id: str) -> int:
        """Show a rule that was written elsewhere; its id here."""
        row = new_id()
        self._insert(row, draft, status="foreign", rule_id=rule_id)
        return row
