"""Intercept rules: they are made at WeCom as operators want them; those written elsewhere are shown."""

from typing import Any

from handlers import twins
from handlers.router import Router
from sop import intercepts
from sop.events import InterceptChanged, Settled
from sop.intents import CreateIntercept, DeleteIntercept, UpdateIntercept
from storage.intercepts import Rule
from storage.store import Store

WORDS = twins.Words(
    what="intercept",
    wanted=intercepts.INTERCEPT_WANTED,
    live=intercepts.INTERCEPT_LIVE,
    deleted=intercepts.INTERCEPT_DELETED,
    refused=intercepts.INTERCEPT_REFUSED,
    failed=intercepts.INTERCEPT_FAILED,
)
router = Router()


@router.on(InterceptChanged)
async def converge(event: InterceptChanged, store: Store) -> None:
    """Take the next step towards what is wanted."""
    twins.advance(await store.intercepts.get(event.row), store.intercepts, store, step=_step, words=WORDS)


@router.on(Settled, of=CreateIntercept)
@router.on(Settled, of=UpdateIntercept)
@router.on(Settled, of=DeleteIntercept)
async def settled(event: Settled, store: Store) -> None:
    """Keep the id of a new rule."""
    twins.conclude(event, store.intercepts, store, words=WORDS)


def _step(rule: Rule) -> CreateIntercept | UpdateIntercept | DeleteIntercept | None:
    if rule.status == "deleting":
        return DeleteIntercept(row=rule.id, version=rule.version, rule_id=rule.rule_id) if rule.rule_id else None
    wanted: dict[str, Any] = {
        "row": rule.id,
        "version": rule.version,
        "name": rule.name.strip(),
        "words": tuple(word.strip() for word in rule.words),
        "semantics": rule.semantics,
        "blocks": rule.kind == "block",
        "users": rule.staff,
        "departments": rule.departments,
    }
    return UpdateIntercept(rule_id=rule.rule_id, **wanted) if rule.rule_id else CreateIntercept(**wanted)
