"""Intercept rules: what operators want, what WeCom has of it, and what others have written there."""

from dataclasses import dataclass, fields
from typing import Any

from sop import intercepts
from sop.errors import Invalid
from sop.events import InterceptChanged
from sop.intercepts import Draft
from storage.twins import Twin, Twins

_WANTED = tuple(field.name for field in fields(Draft))


@dataclass(frozen=True, kw_only=True)
class Rule(Draft, Twin):
    """A rule; `rule_id` is empty until WeCom has made it. A foreign one was written elsewhere and is only shown."""

    rule_id: str = ""


class Intercepts(Twins[Rule]):
    """The intercept rules of a corp."""

    table = "intercepts"
    wanted = _WANTED
    made = ("rule_id",)
    kind = Rule

    def add(self, draft: Draft) -> Rule:
        """Want a new rule; WeCom is told after the commit. Raises `Invalid`."""
        _check(draft)
        row = self._insert(_plain(draft), status="pending")
        self.converge(row, 1)
        return Rule(**_plain(draft), id=row, created_at=self._scope.now, changed_at=self._scope.now)

    def adopt(self, draft: Draft, *, rule_id: str) -> int:
        """Show a rule that was written elsewhere; its id here."""
        return self._insert(_plain(draft), status="foreign", rule_id=rule_id)

    def change(self, rule: Rule, draft: Draft) -> None:
        """Want a rule otherwise. Raises `Invalid`, and at commit `LostLease` if it is no longer this version."""
        _check(draft)
        self._replace(rule, _plain(draft))

    def converge(self, row: int, version: int) -> None:
        """Have WeCom brought in step, after the commit."""
        self._announce(InterceptChanged(corp_id=self._scope.corp_id, at=self._scope.now, row=row, version=version))


def _check(draft: Draft) -> None:
    if found := intercepts.check(draft):
        raise Invalid(found)


def _plain(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WANTED}
