"""What is done to hand over: up to 100 customers, or groups, in one call; what was said of each comes back."""

from collections.abc import Mapping

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import Intent, TransferCustomers, TransferGroups
from wecom.ids import ChatId, ExternalUserId, UserId


async def _transfer_customers(intent: TransferCustomers, tools: Tools, attempt: Attempt) -> Result:
    told = await attempt.apis(tools).transfers.give(
        UserId(intent.handover),
        UserId(intent.taker),
        [ExternalUserId(customer) for customer in intent.customers],
        resigned=intent.resigned,
        message=intent.message,
    )
    return {"codes": {one.external_user_id: one.code for one in told}, "doubtful": attempt.doubtful}


async def _transfer_groups(intent: TransferGroups, tools: Tools, attempt: Attempt) -> Result:
    """An answer that names nobody as failed means that all have succeeded."""
    groups = [ChatId(group) for group in intent.groups]
    failed = await attempt.apis(tools).transfers.give_groups(groups, UserId(intent.taker), resigned=intent.resigned)
    codes = {one.chat_id: one.code for one in failed}
    return {"codes": {group: codes.get(group, 0) for group in groups}, "doubtful": attempt.doubtful}


PERFORMERS: Mapping[type[Intent], Perform] = {
    TransferCustomers: _transfer_customers,
    TransferGroups: _transfer_groups,
}
