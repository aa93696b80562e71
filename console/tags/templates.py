"""The template library: five dimensions of tags, to be taken over whole or as far as they are missing."""

from typing import Annotated, Any, Literal

from pydantic import Field

from console.api.call import Call
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Shape
from console.api.words import Words
from console.tags import additions as newtags
from console.tags import shapes as tagshapes
from console.tags.additions import GroupIn, TagIn
from console.tags.shapes import TagGroup
from sop import tags as rules
from sop.errors import Invalid
from sop.phrases import Phrase
from sop.tags.templates import TEMPLATES, GroupPlan, Template

routes = Routes()
_TEMPLATE = Words("标签模板", "tag template")
_STEP = 10  # between the positions of tags, so that others fit in


class Apply(Shape):
    """How a template is taken over: at WeCom or only here, named in which language."""

    kind: Literal["corp", "internal"] = "corp"
    language: Literal["zh", "en"] = "zh"


class TemplateTag(Answer):
    """A tag of a template; `condition` is what a tag rule could ask for, empty where people have to know."""

    name: str
    condition: dict[str, Any]


class TemplateGroup(Answer):
    """A group of a template."""

    name: str
    tags: tuple[TemplateTag, ...]


class TagTemplate(Answer):
    """A dimension."""

    key: str
    name: str
    meaning: str
    groups: tuple[TemplateGroup, ...]


class TagTemplates(Answer):
    """All dimensions."""

    templates: tuple[TagTemplate, ...]


class Applied(Answer):
    """The groups that got new tags, with these; empty where all of them were there."""

    groups: tuple[TagGroup, ...]


@routes.on("GET /tag-templates", Permission.READ_TAGS, "标签模板库", "The library of tag templates")
async def browse(call: Call) -> TagTemplates:
    """Source, interaction, preference, lifecycle, membership."""
    return TagTemplates(templates=tuple(_show(call, key, template) for key, template in TEMPLATES.items()))


@routes.on("POST /tag-templates/{key}/apply", Permission.WRITE_TAGS, "套用标签模板", "Take a template over", status=201)
async def apply(call: Call, key: Annotated[str, Field(max_length=64)], body: Apply) -> Applied:
    """Makes what is missing; a second time there is nothing to make."""
    template = TEMPLATES.get(key)
    if template is None:
        raise missing(_TEMPLATE)
    library = await call.store.tags.library(wanted=True)
    there = {(group.name, tag.name) for group in library if group.kind == body.kind for tag in group.tags}
    lacking = [(name, tags) for group in template.groups for name, tags in [_lacking(group, body, there)] if tags]
    if body.kind == "corp":
        found = rules.check_room(await call.store.tags.count(), sum(len(tags) for _, tags in lacking))
        if found:
            raise Invalid(found)
    made = []
    for name, tags in lacking:
        draft = await newtags.place(call, GroupIn(name=name), tags, body.kind)
        made.append(tagshapes.show(newtags.add(call, draft), call.language))
    return Applied(groups=tuple(made))


def _lacking(group: GroupPlan, body: Apply, there: set[tuple[str, str]]) -> tuple[str, tuple[TagIn, ...]]:
    """A group's name, and those of its tags that the library lacks, the first one standing first."""
    name = _say(group.name, body.language)
    count = len(group.tags)
    tags = [
        TagIn(name=_say(tag.name, body.language), position=(count - at) * _STEP) for at, tag in enumerate(group.tags)
    ]
    return name, tuple(tag for tag in tags if (name, tag.name) not in there)


def _show(call: Call, key: str, template: Template) -> TagTemplate:
    return TagTemplate(
        key=key,
        name=_say(template.name, call.language),
        meaning=_say(template.meaning, call.language),
        groups=tuple(
            TemplateGroup(
                name=_say(group.name, call.language),
                tags=tuple(
                    TemplateTag(name=_say(tag.name, call.language), condition=dict(tag.condition)) for tag in group.tags
                ),
            )
            for group in template.groups
        ),
    )


def _say(phrase: Phrase, language: str) -> str:
    return phrase.en if language == "en" else phrase.zh
