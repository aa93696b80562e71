"""What is done for customer groups: codes into them and welcomes in them are made, changed, taken away."""

from collections.abc import Mapping

from bot.performers.attempt import Attempt, Perform, Result, Tools
from bot.performers.customers import attach
from sop.intents import (
    AddGroupWelcome,
    CreateJoinWay,
    DeleteGroupWelcome,
    DeleteJoinWay,
    EditGroupWelcome,
    Intent,
    UpdateJoinWay,
)
from wecom.errors import WecomError
from wecom.ids import ChatId, ConfigId, TemplateId
from wecom.joinways import JoinWay


async def _create_join_way(intent: CreateJoinWay, tools: Tools, attempt: Attempt) -> Result:
    """The id is what counts; a picture that cannot be had now is asked for later."""
    ways = attempt.apis(tools).joinways
    config_id = await ways.add(_way(intent))
    try:
        way = await ways.get(config_id)
    except WecomError:
        way = None
    return {"config_id": config_id, "qr_code": way.qr_code if way else ""}


async def _update_join_way(intent: UpdateJoinWay, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).joinways.update(ConfigId(intent.config_id), _way(intent))
    return {}


async def _delete_join_way(intent: DeleteJoinWay, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).joinways.delete(ConfigId(intent.config_id))
    return {}


async def _add_group_welcome(intent: AddGroupWelcome, tools: Tools, attempt: Attempt) -> Result:
    welcomes = attempt.apis(tools).groupwelcomes
    attachment = attach(intent.attachment) if intent.attachment else None
    return {"template_id": await welcomes.add(intent.text, attachment, notify=intent.notify)}


async def _edit_group_welcome(intent: EditGroupWelcome, tools: Tools, attempt: Attempt) -> Result:
    attachment = attach(intent.attachment) if intent.attachment else None
    await attempt.apis(tools).groupwelcomes.edit(TemplateId(intent.template_id), intent.text, attachment)
    return {}


async def _delete_group_welcome(intent: DeleteGroupWelcome, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).groupwelcomes.delete(TemplateId(intent.template_id))
    return {}


def _way(intent: CreateJoinWay | UpdateJoinWay) -> JoinWay:
    return JoinWay(
        groups=tuple(ChatId(chat_id) for chat_id in intent.groups),
        state=intent.state,
        remark=intent.remark,
        auto_create=int(intent.auto_create),
        base_name=intent.base_name,
        base_number=intent.base_number,
    )


PERFORMERS: Mapping[type[Intent], Perform] = {
    CreateJoinWay: _create_join_way,
    UpdateJoinWay: _update_join_way,
    DeleteJoinWay: _delete_join_way,
    AddGroupWelcome: _add_group_welcome,
    EditGroupWelcome: _edit_group_welcome,
    DeleteGroupWelcome: _delete_group_welcome,
}
