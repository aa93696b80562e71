"""The tree of tests: whether it is well written, what it needs, what it names, and whether it holds."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import msgspec

from sop.conditions.facts import Facts, Needs
from sop.conditions.leaf import Test
from sop.conditions.leaves import LEAVES
from sop.limits import Violation

MOST_TESTS = 50
DEEPEST = 6
JOINTS = ("all", "any", "not", "relation")
Tree = Mapping[str, Any]


class Finding(NamedTuple):
    """Whether a condition holds, and the facts that were looked at."""

    holds: bool
    evidence: dict[str, Any]


def check(tree: object, field: str = "condition", *, entry: bool = False) -> list[Violation]:
    """Everything that is wrong with a condition as written; `entry`: where the data of an event is at hand."""
    found, tests = _check(tree, field, depth=0, entry=entry)
    if not found and not 1 <= tests <= MOST_TESTS:
        found.append(Violation(field, f"条件为 1 到 {MOST_TESTS} 项", f"a condition has 1 to {MOST_TESTS} tests"))
    return found


def tests(tree: Tree) -> Iterator[tuple[str, Any]]:
    """All tests of a checked condition, by name and value."""
    for name, value in tree.items():
        if name in ("all", "any"):
            for part in value:
                yield from tests(part)
        elif name in ("not", "relation"):
            yield from tests(value)
        else:
            yield name, value


def named(tree: Tree, test: str) -> set[Any]:
    """What a checked condition names in all tests of a kind: its tags, its channels, its members."""
    return {each for name, value in tests(tree) if name == test for each in value}


def needs(*trees: Tree) -> Needs:
    """What must be loaded to judge checked conditions."""
    asked = [LEAVES[name].needs(value) for tree in trees for name, value in tests(tree)]
    tied = Needs(relations=any(map(_ties, trees)))
    return reduce(Needs.__or__, asked, tied)


def compile(tree: Tree) -> Test:  # noqa: A001 (it is what it does)
    """A checked condition as a function of facts and a moment; the same condition is made once."""
    return _compile(msgspec.json.encode(tree))


def judge(tree: Tree, facts: Facts, now: datetime) -> Finding:
    """Whether a checked condition holds, and on what; an empty one holds for nobody."""
    evidence: dict[str, Any] = {}
    return Finding(_weigh(tree, facts, now, lambda key, actual: evidence.update({key: actual})), evidence)


def _ties(tree: Tree) -> bool:
    """Whether relations are told apart."""
    parts = [*tree.get("all", ()), *tree.get("any", ()), *([tree["not"]] if "not" in tree else [])]
    return "relation" in tree or any(map(_ties, parts))


def only(facts: Facts) -> Iterator[Facts]:
    """The facts with one of the relations at a time."""
    for relation in facts.relations:
        yield Facts(
            external_user_id=facts.external_user_id,
            relations=(relation,),
            groups=facts.groups,
            group_tags=facts.group_tags,
            fields=facts.fields,
            deeds=facts.deeds,
            segments=facts.segments,
            event=facts.event,
            zone=facts.zone,
        )


def label(name: str, value: Any) -> str:
    """Under which word the facts of a test stand: tests of several fields or events are told apart."""
    about = value.get("name") or value.get("event") if isinstance(value, Mapping) else None
    return f"{name}:{about}" if about else name


def _weigh(tree: Tree, facts: Facts, now: datetime, note: Callable[[str, Any], None]) -> bool:
    for name, value in tree.items():
        match name:
            case "all":
                return all(_weigh(part, facts, now, note) for part in value)
            case "any":
                return any(_weigh(part, facts, now, note) for part in value)
            case "not":
                return not _weigh(value, facts, now, note)
            case "relation":
                return any(_weigh(value, one, now, note) for one in only(facts))
            case _:
                note(label(name, value), LEAVES[name].look(value, facts, now))
                return compile(tree)(facts, now)
    return False


@lru_cache(maxsize=4096)
def _compile(text: bytes) -> Test:
    return _build(msgspec.json.decode(text))


def _build(tree: Tree) -> Test:
    for name, value in tree.items():
        match name:
            case "all":
                return _all(tuple(map(_build, value)))
            case "any":
                return _any(tuple(map(_build, value)))
            case "not":
                part = _build(value)
                return lambda facts, now: not part(facts, now)
            case "relation":
                part = _build(value)
                return lambda facts, now: any(part(one, now) for one in only(facts))
            case _:
                return LEAVES[name].build(value)
    return lambda _facts, _now: False


def _all(parts: tuple[Test, ...]) -> Test:
    def holds(facts: Facts, now: datetime) -> bool:
        for part in parts:  # noqa: SIM110 (twice as fast as all() with a generator)
            if not part(facts, now):
                return False
        return True

    return holds


def _any(parts: tuple[Test, ...]) -> Test:
    def holds(facts: Facts, now: datetime) -> bool:
        for part in parts:  # noqa: SIM110 (twice as fast as any() with a generator)
            if part(facts, now):
                return True
        return False

    return holds


def _check(tree: object, where: str, *, depth: int, entry: bool) -> tuple[list[Violation], int]:
    if not isinstance(tree, Mapping) or len(tree) != 1 or depth > DEEPEST:
        zh, en = f"每个条件恰好一项，嵌套不超过 {DEEPEST} 层", f"each condition is one test, at most {DEEPEST} deep"
        return [Violation(where, zh, en)], 0
    ((name, value),) = tree.items()
    if name in ("all", "any"):
        if not isinstance(value, list | tuple) or not value:
            return [Violation(f"{where}.{name}", "请列出至少一个条件", "list at least one condition")], 0
        checked = [_check(part, f"{where}.{name}.{at}", depth=depth + 1, entry=entry) for at, part in enumerate(value)]
        return [violation for found, _ in checked for violation in found], sum(count for _, count in checked)
    if name in JOINTS:
        return _check(value, f"{where}.{name}", depth=depth + 1, entry=entry)
    return _check_test(name, value, where, entry=entry), 1


def _check_test(name: object, value: object, where: str, *, entry: bool) -> list[Violation]:
    known = {name: leaf for name, leaf in LEAVES.items() if entry or not leaf.entry}
    if not isinstance(name, str) or name not in known:
        there = "、".join((*JOINTS, *known))
        return [Violation(where, f"没有条件 {name}；可用：{there}", f"there is no test {name}; there are {there}")]
    return known[name].form.check(value, f"{where}.{name}")
