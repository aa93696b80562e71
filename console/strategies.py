"""Customer strategies (规则组) as they are at WeCom, read once a day."""

from datetime import datetime
from typing import Any

from console.api.call import Call
from console.api.paging import read_id, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Page, Walk
from console.api.words import Words

routes = Routes()
_STRATEGY = Words("规则组", "customer strategy")


class Strategy(Answer):
    """A strategy: who administers it, and what its part of the staff may do, by WeCom's names of the privileges.

    `id` and `parent_id` are WeCom's; a strategy at the top has no parent.
    """

    id: Identity
    parent_id: Identity | None
    name: str
    admins: tuple[str, ...]
    privilege: dict[str, bool]
    made_at: datetime | None
    read_at: datetime


class StrategyDetail(Strategy):
    """A strategy with the members and the departments for whom it holds; a department stands for all below it."""

    staff: tuple[str, ...]
    departments: tuple[int, ...]


@routes.on("GET /strategies", Permission.READ_RULES, "规则组列表", "List customer strategies")
async def browse(call: Call, query: Walk) -> Page[Strategy]:
    """Those that this app has made at WeCom: it sees no others."""
    after = read_id(query.after)
    found = await call.store.strategies.page(after=after or 0, most=query.limit + 1)
    return turn(found, query.limit, lambda each: Strategy(**_tell(each)), lambda each: (each.id,))


@routes.on("GET /strategies/{strategy_id}", Permission.READ_RULES, "查看规则组", "Show a customer strategy")
async def show(call: Call, strategy_id: Identity) -> StrategyDetail:
    """With its range."""
    found = await call.store.strategies.get(strategy_id)
    if found is None:
        raise missing(_STRATEGY)
    subjects = [each.partition(":") for each in await call.store.strategies.subjects(strategy_id)]
    return StrategyDetail(
        **_tell(found),
        staff=tuple(name for kind, _, name in subjects if kind == "user"),
        departments=tuple(int(name) for kind, _, name in subjects if kind == "department"),
    )


def _tell(found: object) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in Strategy.model_fields}
    return values | {"parent_id": values["parent_id"] or None}
