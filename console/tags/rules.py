"""Tag rules: a tag for everyone of whom a condition holds, for as long as it does."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Name, Page, Shape, Walk
from console.api.words import Words
from console.conditions.naming import check_condition
from console.conditions.trying import Condition
from console.names import check_tags
from sop import conditions
from sop.errors import Invalid
from sop.events import TagRulesDue
from sop.tags.rules import Draft, Rule
from storage.facts import Known, Place

routes = Routes()
_RULE = Words("标签规则", "tag rule")
_PAGE = 500
_MOST_CHECKED = 20_000  # relations that a preview looks at
_MOST_SHOWN = 20
_Days = Annotated[int, Field(ge=1, le=3650)]


class NewTagRule(Shape):
    """A rule; `expires_days` takes the tag off so long after it was set."""

    name: Name
    tag_id: Key
    condition: Condition
    expires_days: _Days | None = None
    enabled: bool = True


class TagRuleChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    tag_id: Key | None = None
    condition: Condition | None = None
    expires_days: _Days | None = None
    enabled: bool | None = None


class PreviewIn(Shape):
    """A condition to try."""

    condition: Condition


class TagRule(Answer):
    """A tag rule."""

    id: Identity
    name: str
    tag_id: str
    condition: dict[str, Any]
    expires_days: int | None
    enabled: bool
    version: int


class Sample(Answer):
    """A relation of which the condition holds, with the facts it rests on."""

    external_user_id: str
    user_id: str
    name: str
    evidence: dict[str, Any]


class Preview(Answer):
    """How many relations meet a condition, of how many that were looked at; `complete`: these were all."""

    checked: int
    matching: int
    complete: bool
    samples: tuple[Sample, ...]


@routes.on("GET /tag-rules", Permission.READ_RULES, "标签规则列表", "List tag rules, the newest first")
async def browse(call: Call, query: Walk) -> Page[TagRule]:
    """All rules, those that are switched off too."""
    found = await call.store.tags.rules.page(before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, TagRule.model_validate, lambda rule: (rule.id,))


@routes.on("POST /tag-rules", Permission.WRITE_TAGS, "新建标签规则", "Create a tag rule", status=201)
async def create(call: Call, body: NewTagRule) -> TagRule:
    """Judged for everyone at once, then whenever something changes, and each night."""
    draft = Draft(**body.model_dump())
    await _check(call, draft)
    rule = call.store.tags.rules.add(draft)
    _judge(call)
    return TagRule.model_validate(rule)


@routes.on("POST /tag-rules/preview", Permission.WRITE_TAGS, "试算条件", "Try a condition")
async def try_out(call: Call, body: PreviewIn) -> Preview:
    """Nothing is changed."""
    if found := await check_condition(call, body.condition):
        raise Invalid(found)
    return await _preview(call, body.condition)


@routes.on("POST /tag-rules/run", Permission.WRITE_TAGS, "立即执行标签规则", "Judge all tag rules now", status=204)
async def run(call: Call) -> None:
    """As a job, like each night."""
    _judge(call)


@routes.on("GET /tag-rules/{rule_id}", Permission.READ_RULES, "查看标签规则", "Show a tag rule")
async def show(call: Call, rule_id: Identity) -> TagRule:
    """One rule."""
    return TagRule.model_validate(await _find(call, rule_id))


@routes.on("PATCH /tag-rules/{rule_id}", Permission.WRITE_TAGS, "修改标签规则", "Change a tag rule")
async def change(call: Call, rule_id: Identity, body: TagRuleChange) -> TagRule:
    """A new version: customers from whom the staff took the tag are judged anew. Switched off, its tags go."""
    rule = await _find(call, rule_id)
    wanted = {name: getattr(body, name) for name in body.model_fields_set}
    wanted = {name: value for name, value in wanted.items() if value is not None or name == "expires_days"}
    draft = replace(rule, **wanted)
    await _check(call, draft, before=rule)
    changed = call.store.tags.rules.change(rule, draft)
    _judge(call)
    return TagRule.model_validate(changed)


@routes.on("DELETE /tag-rules/{rule_id}", Permission.WRITE_TAGS, "删除标签规则", "Delete a tag rule", status=204)
async def remove(call: Call, rule_id: Identity) -> None:
    """The tags that only it has set go."""
    rule = await _find(call, rule_id)
    call.store.tags.rules.remove(rule.id)
    _judge(call)


@routes.on("POST /tag-rules/{rule_id}/preview", Permission.WRITE_TAGS, "试算标签规则", "Try a tag rule")
async def preview(call: Call, rule_id: Identity) -> Preview:
    """How many the rule would tag now, and some of them with the reason; nothing is changed."""
    return await _preview(call, (await _find(call, rule_id)).condition)


def _judge(call: Call) -> None:
    call.store.announce(TagRulesDue(corp_id=call.corp.id, at=call.now))


async def _check(call: Call, draft: Draft, *, before: Draft | None = None) -> None:
    """What is wrong with it; a tag or condition that it has already is not looked up again."""
    found = []
    if before is None or draft.tag_id != before.tag_id:
        found += await check_tags(call, [draft.tag_id], field="tag_id")
    if before is None or draft.condition != before.condition:
        found += await check_condition(call, draft.condition)
    if found:
        raise Invalid(found)


async def _find(call: Call, rule_id: int) -> Rule:
    rule = await call.store.tags.rules.get(rule_id)
    if rule is None:
        raise missing(_RULE)
    return rule


async def _preview(call: Call, condition: Mapping[str, Any]) -> Preview:
    checked = matching = 0
    samples: list[Sample] = []
    async for known in _everyone(call, conditions.needs(condition)):
        checked += 1
        holds, evidence = conditions.judge(condition, known.facts, call.now)
        matching += holds
        if holds and len(samples) < _MOST_SHOWN:
            samples.append(await _sample(call, known, evidence))
        if checked == _MOST_CHECKED:
            break
    return Preview(checked=checked, matching=matching, complete=checked < _MOST_CHECKED, samples=tuple(samples))


async def _everyone(call: Call, needs: conditions.Needs) -> AsyncIterator[Known]:
    """The relations within the caller's sight, in their order."""
    place = Place()
    facts, staff = call.store.tags.facts, call.principal.staff
    while page := await facts.page(place, most=_PAGE, staff=staff, needs=needs):
        for known in page:
            yield known
        place = page[-1].place


async def _sample(call: Call, known: Known, evidence: dict[str, Any]) -> Sample:
    customer = await call.store.customers.find(known.place.external_user_id)
    return Sample(
        **known.place._asdict(),
        name=call.principal.veil(customer.name if customer else ""),
        evidence=evidence,
    )
