"""What a test is made of: the value it takes, the facts it needs, how it judges them, and how people read it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sop.conditions.facts import Facts, Needs, Relation
from sop.conditions.forms import Form

Language = Literal["zh", "en"]
Test = Callable[[Facts, datetime], bool]
TieTest = Callable[[Relation, datetime], bool]
Names = Mapping[str, Mapping[str, str]]
"""What ids are called, by kind: `{"tag": {"et1": "VIP"}, "staff": {"chen": "陈晨"}}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Who is spoken to: a language, the names that are known, and whether the opposite is being said."""

    language: Language
    names: Names = field(default_factory=dict)
    negated: bool = False

    def pick(self, zh: str, en: str) -> str:
        """The words of the language."""
        return zh if self.language == "zh" else en

    def verb(self, zh: tuple[str, str], en: tuple[str, str]) -> str:
        """The words of the language for what is said, or for its opposite."""
        return (zh if self.language == "zh" else en)[self.negated]

    def name(self, kind: str, value: object) -> str:
        """What something is called; what has no name stands for itself."""
        called = self.names.get(kind, {}).get(str(value), str(value))
        return self.pick(f"「{called}」", f"“{called}”")

    def either(self, kind: str, values: Iterable[object]) -> str:
        """Several of them, one of which is meant."""
        *first, last = [self.name(kind, value) for value in values]
        if not first:
            return last
        return self.pick("、".join(first) + "或" + last, ", ".join(first) + " or " + last)

    def span(self, wanted: Mapping[str, Any], zh: str = "", en: str = "") -> str:
        """From … to …, of a unit."""
        least, most = wanted.get("least"), wanted.get("most")
        if least == most:
            return self.pick(f"{least}{zh}", f"{least}{en}")
        if most is None:
            return self.pick(f"至少 {least}{zh}", f"at least {least}{en}")
        if least is None:
            return self.pick(f"最多 {most}{zh}", f"at most {most}{en}")
        return self.pick(f"{least} 到 {most}{zh}", f"{least} to {most}{en}")

    def affirm(self) -> "Speech":
        """The same without the opposite."""
        return replace(self, negated=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One test. `build` prepares the judgement of a checked value once, `look` gives what it rests on.

    `within` tells where it makes sense: anywhere, or only where something is known of the event that led here.
    """

    form: Form
    needs: Callable[[Any], Needs]
    build: Callable[[Any], Test]
    look: Callable[[Any, Facts, datetime], Any]
    say: Callable[[Any, Speech], str]
    entry: bool = False  # only where facts carry the data of an event


def tie(
    form: Form,
    *,
    look: Callable[[Relation, datetime], Any],
    build: Callable[[Any], TieTest],
    say: Callable[[Any, Speech], str],
    needs: Needs | None = None,
) -> Leaf:
    """A test of how a member and the customer stand: it holds if one of the relations that are judged meets it."""
    asked = Needs(relations=True) | (needs or Needs())

    def make(value: Any) -> Test:
        meets = build(value)

        def holds(facts: Facts, now: datetime) -> bool:
            for relation in facts.relations:  # noqa: SIM110 (twice as fast as any() with a generator)
                if meets(relation, now):
                    return True
            return False

        return holds

    def see(_: Any, facts: Facts, now: datetime) -> Any:
        seen = [look(relation, now) for relation in facts.relations]
        return seen[0] if len(seen) == 1 else seen

    return Leaf(form=form, needs=lambda _: asked, build=make, look=see, say=say)


def within(wanted: Mapping[str, Any]) -> Callable[[float], bool]:
    """Whether a number lies in a span."""
    if "most" not in wanted:
        least = wanted["least"]
        return lambda actual: bool(actual >= least)
    most = wanted["most"]
    if "least" not in wanted:
        return lambda actual: bool(actual <= most)
    least = wanted["least"]
    return lambda actual: bool(least <= actual <= most)
