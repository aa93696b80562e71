"""What is done for an intercept rule: it is made, changed, taken away."""

from collections.abc import Mapping

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import CreateIntercept, DeleteIntercept, Intent, UpdateIntercept
from sop.intercepts import SEMANTICS
from wecom.errors import Refused
from wecom.ids import DepartmentId, RuleId, UserId
from wecom.intercepts import BLOCK, WARN, Reach, Rule


async def _create_intercept(intent: CreateIntercept, tools: Tools, attempt: Attempt) -> Result:
    """When an earlier try, or an earlier version, may have made the rule, look for its name first."""
    rules = attempt.apis(tools).intercepts
    if attempt.doubtful or intent.version > 1:
        for listed in await rules.list():
            if listed.name == intent.name:
                before = await rules.get(listed.rule_id)
                await rules.update(listed.rule_id, _rule(intent), before=before)
                return {"rule_id": listed.rule_id}
    return {"rule_id": await rules.add(_rule(intent))}


async def _update_intercept(intent: UpdateIntercept, tools: Tools, attempt: Attempt) -> Result:
    """The range is told by what is added and taken away, so what is there is read first."""
    rules = attempt.apis(tools).intercepts
    before = await rules.get(RuleId(intent.rule_id))
    await rules.update(before.rule_id, _rule(intent), before=before)
    return {}


async def _delete_intercept(intent: DeleteIntercept, tools: Tools, attempt: Attempt) -> Result:
    """A rule that is not there any more is deleted."""
    rules = attempt.apis(tools).intercepts
    try:
        await rules.delete(RuleId(intent.rule_id))
    except Refused:
        if any(listed.rule_id == intent.rule_id for listed in await rules.list()):
            raise
    return {}


def _rule(intent: CreateIntercept | UpdateIntercept) -> Rule:
    return Rule(
        name=intent.name,
        words=intent.words,
        semantics=tuple(number for number, name in enumerate(SEMANTICS, 1) if name in intent.semantics),
        kind=BLOCK if intent.blocks else WARN,
        reach=Reach(
            users=tuple(UserId(user) for user in intent.users),
            departments=tuple(DepartmentId(department) for department in intent.departments),
        ),
    )


PERFORMERS: Mapping[type[Intent], Perform] = {
    CreateIntercept: _create_intercept,
    UpdateIntercept: _update_intercept,
    DeleteIntercept: _delete_intercept,
}
