"""Intercept rules (敏感词): what members may not write to customers (page 95097)."""

from dataclasses import dataclass, field

from simulator.world.mint import Mint

MOST_RULES = 100


@dataclass(slots=True)
class Rule:
    """A rule; only the app that made it may change it, 0 is the console."""

    rule_id: int
    agent_id: int
    created_at: float
    name: str = ""
    words: list[str] = field(default_factory=list)
    semantics: list[int] = field(default_factory=list)
    kind: int = 1
    users: list[str] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Intercepts:
    """All rules of a corp."""

    mint: Mint
    rules: dict[int, Rule] = field(default_factory=dict)

    def add(self, rule: Rule) -> Rule:
        """Take in a rule under an id of its own."""
        rule.rule_id = self.mint.number("intercept")
        self.rules[rule.rule_id] = rule
        return rule

    def named(self, name: str) -> Rule | None:
        """The rule of that name."""
        return next((rule for rule in self.rules.values() if rule.name == name), None)
