"""The experiments of a flow: what may be said of their arms by now, however often one looks."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Query
from console.flows.sheets import find_flow
from sop import experiments
from sop.experiments import Plan
from sop.flows.nodes import Split
from storage.flows.numbers import Arm as Counted

routes = Routes()


class ReadoutQuery(Query):
    """The least difference that matters (0.02: two points in a hundred), and the least arm (0: worked out)."""

    effect: float = Field(default=0.02, ge=0.0001, lt=1)
    least: int = Field(default=0, ge=0, le=10**9)


class Arm(Answer):
    """One arm, its rate, and where the true one lies."""

    name: str
    exposed: int
    converted: int
    rate: float
    low: float
    high: float


class Lift(Answer):
    """How much better an arm is than the first one, in rates; interval and p are valid at every look."""

    arm: str
    difference: float
    low: float
    high: float
    relative: float | None
    p: float
    sure: bool


class Readout(Answer):
    """An experiment as it stands; `wanted` is how many each arm needs, `ratio_p` tells a wrong division."""

    node: str
    promoted: str
    state: Literal["skewed", "small", "open", "decided"]
    sentence: str
    ratio_p: float
    wanted: int
    best: str
    arms: tuple[Arm, ...]
    lifts: tuple[Lift, ...]


class Readouts(Answer):
    """All experiments of the version that is published."""

    items: tuple[Readout, ...]


@routes.on("GET /flows/{flow_id}/experiments", Permission.READ_NUMBERS, "旅程实验", "The experiments of a flow")
async def show(call: Call, flow_id: Identity, query: ReadoutQuery) -> Readouts:
    """Of each split: whether the division is right, whether there are enough, and which differences are sure."""
    sheet = await find_flow(call, flow_id)
    if not sheet.version:
        return Readouts(items=())
    flow = (await call.store.flows.versions(sheet.id))[sheet.version].flow
    counted = await call.store.flownumbers.arms(sheet.id)
    plan = Plan(effect=query.effect, least=query.least)
    return Readouts(
        items=tuple(
            _read(name, node, counted, plan, english=call.language == "en")
            for name, node in flow.nodes.items()
            if isinstance(node, Split)
        )
    )


def _read(name: str, node: Split, counted: Iterable[Counted], plan: Plan, *, english: bool) -> Readout:
    shares = {arm.name: arm.share for arm in node.arms}
    seen = {one.arm: (one.exposed, one.converted) for one in counted if one.node == name}
    found = experiments.read(
        {arm: seen.get(arm, (0, 0)) for arm in shares}, Plan(effect=plan.effect, least=plan.least, shares=shares)
    )
    said = experiments.sentence(found)
    return Readout(
        node=name,
        promoted=node.promoted,
        state=found.state,
        sentence=said.en if english else said.zh,
        ratio_p=found.ratio_p,
        wanted=found.wanted,
        best=found.best,
        arms=tuple(map(Arm.model_validate, found.arms)),
        lifts=tuple(map(Lift.model_validate, found.lifts)),
    )
