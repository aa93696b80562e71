"""Trying a condition: its schema, how many customers meet it now, and why one does or does not."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Shape
from console.conditions.naming import check_condition, name_all
from console.customers import find
from sop import conditions
from sop.conditions import Clause, Facts, Tree
from sop.conditions.ties import TIES
from sop.errors import Invalid
from storage.conditions import count, facts, pick

routes = Routes()
MOST_SHOWN = 20
Condition = Annotated[
    dict[str, Any], Field(description="GET /conditions/schema: " + " / ".join((*conditions.JOINTS, *conditions.LEAVES)))
]


class ConditionSchema(Answer):
    """The JSON schema of conditions; `version` moves when one that was right would mean something else."""

    version: int
    condition: dict[str, Any]


class ConditionTrial(Shape):
    """A condition to try."""

    condition: Condition


class CustomerTrial(ConditionTrial):
    """A condition to try on one customer."""

    external_user_id: Key


class Someone(Answer):
    """A customer; who may not see people finds the name shortened."""

    external_user_id: str
    name: str


class ConditionPreview(Answer):
    """How many customers within the caller's sight meet a condition now, some of them, and the condition in words.

    Where no test of it is rare, `count` is estimated from a sample: right within `margin`, 19 times of 20.
    """

    sentence: str
    count: int
    margin: int
    samples: tuple[Someone, ...]


class ClauseOut(Answer):
    """One clause: where it stands in the condition, in words, whether it holds, and what was looked at.

    `actual` is null for a joint, and for what the caller may not see.
    """

    path: str
    depth: int
    sentence: str
    holds: bool
    actual: Any = None


class ConditionExplanation(Answer):
    """Why a condition holds for a customer, or does not: the whole first, then its clauses."""

    holds: bool
    clauses: tuple[ClauseOut, ...]


@routes.on("GET /conditions/schema", Permission.READ_CUSTOMERS, "条件的 JSON Schema", "The JSON schema of conditions")
async def schema(call: Call) -> ConditionSchema:  # noqa: ARG001
    """What tag rules, segments, flows and broadcasts take as a condition."""
    return ConditionSchema(version=conditions.VERSION, condition=conditions.schema())


@routes.on("POST /conditions/preview", Permission.READ_CUSTOMERS, "试算条件", "Try a condition on all customers")
async def preview(call: Call, body: ConditionTrial) -> ConditionPreview:
    """Nothing is stored or changed."""
    await refuse(call, body.condition)
    return await try_out(call, body.condition)


@routes.on("POST /conditions/explain", Permission.READ_CUSTOMERS, "逐条解释条件", "Explain a condition for a customer")
async def tell(call: Call, body: CustomerTrial) -> ConditionExplanation:
    """Clause by clause."""
    await refuse(call, body.condition)
    return await explain(call, body.condition, body.external_user_id)


async def refuse(call: Call, condition: Mapping[str, Any]) -> None:
    """Refuse a condition that is wrong."""
    if found := await check_condition(call, condition):
        raise Invalid(found)


async def say(call: Call, condition: Tree) -> str:
    """A condition in the caller's language."""
    return conditions.sentence(condition, call.language, await name_all(call, condition))


async def try_out(call: Call, condition: Tree) -> ConditionPreview:
    """How many meet it, and some of them."""
    scope, staff = call.store.scope, call.principal.staff
    number, margin = await count(scope, condition, call.now, staff=staff)
    picked = await pick(scope, condition, call.now, staff=staff)
    rows = await picked.fetch(scope, "c.external_user_id", "LIMIT :most", most=MOST_SHOWN)
    samples = await show_people(call, [row["external_user_id"] for row in rows])
    return ConditionPreview(sentence=await say(call, condition), count=number, margin=margin, samples=samples)


async def show_people(call: Call, external_user_ids: Sequence[str]) -> tuple[Someone, ...]:
    """Customers with their names, as the caller may see them."""
    names = await call.store.customers.names(external_user_ids) if external_user_ids else {}
    return tuple(
        Someone(external_user_id=each, name=call.principal.veil(names.get(each, ""))) for each in external_user_ids
    )


async def explain(call: Call, condition: Tree, external_user_id: str) -> ConditionExplanation:
    """Why it holds for a customer within the caller's sight, or does not."""
    _, seen = await find(call, external_user_id)
    key = (external_user_id, "")
    known = (await facts(call.store.scope, conditions.needs(condition), [key], call.now))[key]
    whole = call.principal.staff is None or {each.user_id for each in known.relations} <= {
        each.user_id for each in seen
    }
    hidden = await _hidden(call)
    names = await name_all(call, condition)

    def show(clause: Clause) -> ClauseOut:
        shown = whole or not set(clause.tree) & {*TIES, "group"}
        personal = any(isinstance(value, dict) and value.get("name") in hidden for value in clause.tree.values())
        return ClauseOut(
            path=clause.path,
            depth=clause.depth,
            sentence=conditions.sentence(clause.tree, call.language, names),
            holds=clause.holds,
            actual=clause.actual if shown and not personal else None,
        )

    clauses = _explain(condition, known, call)
    return ConditionExplanation(holds=clauses[0].holds, clauses=tuple(map(show, clauses)))


def _explain(condition: Tree, known: Facts, call: Call) -> tuple[Clause, ...]:
    return conditions.explain(condition, known, call.now)


async def _hidden(call: Call) -> set[str]:
    """The fields whose values the caller may not see."""
    if call.principal.may(Permission.SEE_PEOPLE):
        return set()
    return {name for name, field in (await call.store.fields.all()).items() if field.personal}
