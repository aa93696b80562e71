"""How the tag library stands in JSON."""

from collections.abc import Mapping
from dataclasses import replace

from console.api.shapes import Answer
from console.api.words import Language
from sop.tags import Edit, advise
from storage import tags


class Tag(Answer):
    """A tag; `status` is live, pending, deleting or refused, and then `problem` says what to do.

    `id` begins with `new:` until WeCom has made it, with `in:` when it is internal. `customers`: how many carry it.
    """

    id: str
    name: str
    position: int
    status: str
    code: int
    problem: str
    customers: int | None = None


class TagGroup(Answer):
    """A group with its tags in the order shown; `kind` is corp, strategy (read-only) or internal."""

    id: str
    name: str
    kind: str
    position: int
    strategy_id: int
    status: str
    code: int
    problem: str
    tags: tuple[Tag, ...]


class TagLibrary(Answer):
    """All groups in the order shown, and how many of the corp's tags at WeCom are used."""

    groups: tuple[TagGroup, ...]
    used: int
    most: int


class Policy(Answer):
    """The policy, sentence by sentence."""

    rules: dict[str, str]


def show(group: tags.TagGroup, language: Language, counts: Mapping[str, int] | None = None) -> TagGroup:
    """A group as it is told to a caller."""
    return TagGroup(
        id=group.id,
        name=group.name,
        kind=group.kind,
        position=group.position,
        strategy_id=group.strategy_id,
        status=group.status,
        code=group.code,
        problem=_explain(group, language),
        tags=tuple(
            Tag(
                id=tag.id,
                name=tag.name,
                position=tag.position,
                status=tag.status,
                code=tag.code,
                problem=_explain(tag, language),
                customers=None if counts is None else counts.get(tag.id, 0),
            )
            for tag in group.tags
        ),
    )


def expect(group: tags.TagGroup, identity: str, edit: Edit, *, pending: bool) -> tags.TagGroup:
    """A group with a change that is wanted: internal ones have it at once, others are pending."""

    def turn(thing: tags.Tag | tags.TagGroup) -> dict[str, str | int]:
        if pending:
            return {"status": "pending", "code": 0, "reason": ""}
        name = thing.name if edit.name is None else edit.name
        return {"name": name, "position": thing.position if edit.position is None else edit.position}

    if identity == group.id:
        return replace(group, **turn(group))  # type: ignore[arg-type]
    changed = (replace(tag, **turn(tag)) if tag.id == identity else tag for tag in group.tags)  # type: ignore[arg-type]
    return replace(group, tags=tuple(changed))


def _explain(thing: tags.Tag | tags.TagGroup, language: Language) -> str:
    if thing.status != "refused":
        return ""
    sentence = advise(thing.code, thing.reason)
    return sentence.en if language == "en" else sentence.zh
