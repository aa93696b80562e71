"""The table that a run prints: what was measured, how it compares, and whether it meets its target."""

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass

_RULES = {"≥": operator.ge, "<": operator.lt, "≤": operator.le, "=": operator.eq}


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a number, such as `Target("≥", 0.6)`."""

    rule: str
    bound: float

    def met(self, value: float) -> bool:
        return not math.isnan(value) and bool(_RULES[self.rule](value, self.bound))


class Table:
    """Prints each line as soon as it is known."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def note(self, text: str) -> None:
        print(f"    {text}", flush=True)

    def row(self, name: str, value: float, unit: str, *, beside: str = "", target: Target | None = None) -> None:
        """One number; `beside` is what else is to be said of it, a target is checked."""
        verdict = ""
        if target:
            verdict = f"target {target.rule} {target.bound:g}: {'met' if target.met(value) else 'MISSED'}"
            if not target.met(value):
                self.missed.append(f"{name}: {show(value)} {unit} ({verdict})")
        print(f"  {name:<46} {show(value):>9} {unit:<10} {beside:<34} {verdict}".rstrip(), flush=True)


def show(value: float) -> str:
    """Three digits that matter."""
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that `part` (0 to 1) of all do not exceed; NaN of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)]
