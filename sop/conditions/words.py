"""Conditions as people read them: one sentence, and for one customer clause by clause."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sop.conditions.facts import Facts
from sop.conditions.leaf import Language, Names, Speech
from sop.conditions.leaves import LEAVES
from sop.conditions.tree import JOINTS, Tree, compile, only  # noqa: A004

_NOBODY: Names = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One part of a condition, and how it fares with a customer; `actual` is what a test has looked at."""

    path: str  # such as all.0.not; empty for the whole
    depth: int
    tree: Tree
    holds: bool
    actual: Any = None


def sentence(tree: Tree, language: Language = "zh", names: Names = _NOBODY) -> str:
    """A checked condition in one sentence; `names` are what its ids are called."""
    said = _say(tree, Speech(language=language, names=names), inside=False)
    return said.replace(" 「", "「").replace("」 ", "」") if language == "zh" else said


def explain(tree: Tree, facts: Facts, now: datetime) -> tuple[Clause, ...]:
    """Every clause of a checked condition, the whole first, with whether it holds for a customer and why."""
    return tuple(_explain(tree, facts, now, path=()))


def _explain(tree: Tree, facts: Facts, now: datetime, *, path: tuple[str, ...]) -> Iterator[Clause]:
    ((name, value),) = tree.items()
    actual = None if name in JOINTS else LEAVES[name].look(value, facts, now)
    holds = compile(tree)(facts, now)
    yield Clause(path=".".join(path), depth=len(path), tree=tree, holds=holds, actual=actual)
    if name in ("all", "any"):
        for at, part in enumerate(value):
            yield from _explain(part, facts, now, path=(*path, f"{name}.{at}"))
    elif name == "not":
        yield from _explain(value, facts, now, path=(*path, name))
    elif name == "relation":
        best = next((one for one in only(facts) if compile(value)(one, now)), next(only(facts), None))
        if best is not None:
            yield from _explain(value, best, now, path=(*path, name))


def _say(tree: Tree, speech: Speech, *, inside: bool) -> str:
    ((name, value),) = tree.items()
    if name == "not":
        return _negate(value, speech)
    if name == "relation":
        said = _say(value, speech.affirm(), inside=False)
        who = speech.verb(("同一位员工名下", "没有一位员工名下"), ("with one member:", "with no member:"))
        return f"{who}（{said}）" if speech.language == "zh" else f"{who} ({said})"
    if name not in JOINTS:
        return LEAVES[name].say(value, speech)
    joint = speech.pick("，且" if name == "all" else "，或", ", and " if name == "all" else ", or ")
    if len(value) == 1:
        return _say(value[0], speech, inside=inside)
    said = joint.join(_say(part, speech, inside=True) for part in value)
    return said if not inside else speech.pick(f"（{said}）", f"({said})")


def _negate(tree: Tree, speech: Speech) -> str:
    ((name, value),) = tree.items()
    if name == "not":
        return _say(value, speech, inside=True)
    if name == "relation" or name not in JOINTS:
        return _say(tree, replace(speech, negated=True), inside=True)
    if len(value) == 1:
        return _negate(value[0], speech)
    said = _say(tree, speech.affirm(), inside=False)
    return speech.pick(f"不满足（{said}）", f"not ({said})")
